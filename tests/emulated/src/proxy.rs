//! A way to a stand-in on which things go wrong: answers come late, connections break, services are busy, and answers
//! are lost after the request went through.
//!
//! Every request meets one trouble the first time it is made and none when it is made again: a caller that does what
//! it has to do gets through, and whatever it does twice shows.

mod exchange;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub use exchange::Request;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Nothing.
    None,
    /// The answer comes late.
    Delay,
    /// The connection breaks before the service hears of it.
    Reset,
    /// The service says that something is wrong with it.
    Failure,
    /// The service says that it is asked too much.
    Throttle,
    /// The service does what is asked, and nobody hears of it.
    LostAnswer,
}

/// What happens to the first request of its kind, and the second, and so on.
const TROUBLES: [Trouble; 5] =
    [Trouble::LostAnswer, Trouble::Delay, Trouble::Reset, Trouble::Failure, Trouble::Throttle];
const LATE: Duration = Duration::from_millis(20);

/// Says what happens to a request, told how many different ones came before it.
pub type Plan = Arc<dyn Fn(&Request, usize) -> Trouble + Send + Sync>;

/// Every trouble in turn.
pub fn every_trouble() -> Plan {
    Arc::new(|_, number| TROUBLES[number % TROUBLES.len()])
}

/// A way to a stand-in. It ends when it is dropped.
pub struct Proxy {
    /// Its address.
    pub url: String,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    service: String,
    plan: Plan,
    /// The requests that were seen, and what happened to each the first time.
    seen: Mutex<HashMap<u64, Trouble>>,
    calls: Mutex<Vec<Request>>,
}

impl Proxy {
    /// Opens a way to the service at an address.
    pub async fn open(service: &str, plan: Plan) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let service = service.trim_start_matches("http://").to_owned();
        let state = Arc::new(State { service, plan, seen: Mutex::default(), calls: Mutex::default() });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { url, state, accepting }
    }

    /// What was asked of the service so far, call by call, also what it never heard of.
    pub fn calls(&self) -> Vec<String> {
        self.requests().iter().map(Request::call).collect()
    }

    /// The same, request by request; of what is stored as it comes, without its bytes.
    pub fn requests(&self) -> Vec<Request> {
        self.state.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often each trouble happened.
    pub fn troubles(&self) -> HashMap<Trouble, usize> {
        let mut counts = HashMap::new();
        for trouble in self.state.seen.lock().unwrap_or_else(PoisonError::into_inner).values() {
            *counts.entry(*trouble).or_default() += 1;
        }
        counts
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl State {
    /// What happens to a request now.
    fn trouble(&self, request: &Request) -> Trouble {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(request.noted());
        let mut hasher = DefaultHasher::new();
        (request.call(), request.target(), &request.body).hash(&mut hasher);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let number = seen.len();
        match seen.entry(hasher.finish()) {
            std::collections::hash_map::Entry::Occupied(_) => Trouble::None,
            std::collections::hash_map::Entry::Vacant(entry) => *entry.insert((self.plan)(request, number)),
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            // A connection that breaks is the caller's to notice.
            let _ = pass(client, &state).await;
        });
    }
}

async fn pass(mut client: TcpStream, state: &State) -> std::io::Result<()> {
    let Some(request) = Request::read(&mut client).await? else { return Ok(()) };
    match state.trouble(&request) {
        Trouble::None => {}
        Trouble::Delay => tokio::time::sleep(LATE).await,
        Trouble::Reset => return Ok(()),
        Trouble::Failure => {
            return exchange::answer(&mut client, "500 Internal Server Error", &request.failure()).await;
        }
        Trouble::Throttle => return exchange::answer(&mut client, request.busy(), &request.throttle()).await,
        Trouble::LostAnswer => return request.forward(&state.service).await.map(drop),
    }
    let answer = request.forward(&state.service).await?;
    exchange::send(&mut client, &answer).await
}
