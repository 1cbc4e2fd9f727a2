//! One checker for I1 to I11: what must hold in every house, after every journey, race and crash.
//!
//! It reads through the ports alone, so it checks any house. What a house has beyond the ports (files in a folder, log
//! lines) is handed to it.

mod approval;
mod bytes;
mod order;

use std::fmt;

use workflow::domain::audit::{Event, verify_chain};
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::ports::Ports;
use workflow::ports::object_store::Area;
use workflow::ports::request_store::{Pattern, Query};

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant: 1 to 11.
    pub invariant: u8,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I{}: {}", self.invariant, self.what)
    }
}

/// What the checker cannot read through the ports.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// The notices that were acknowledged.
    pub acknowledged: Vec<RequestId>,
    /// Everything that was logged.
    pub logs: String,
    /// Strings that were planted in secrets and names.
    pub canaries: Vec<String>,
    /// Whether everything has come to rest: nothing is being worked on.
    pub at_rest: bool,
    /// Whether so much happened within the hour that mails wait for a digest.
    pub flooded: bool,
}

/// A request with everything that is known of it.
pub(crate) struct Known {
    pub(crate) request: Request,
    pub(crate) events: Vec<Event>,
}

/// Checks everything, and answers what does not hold.
pub async fn check(ports: &Ports, outside: &Outside) -> Vec<Violation> {
    let mut found = Vec::new();
    let all = read(ports).await;
    for known in &all {
        chain(known, &mut found);
        approval::check(ports, known, &mut found).await;
        bytes::check(ports, known, outside.at_rest, &mut found).await;
    }
    order::check(ports, &all, outside, &mut found).await;
    found
}

/// Panics with every violation, if there is one.
pub async fn hold(ports: &Ports, outside: &Outside) {
    let found: Vec<String> = check(ports, outside).await.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "what must never happen has happened:\n{}", found.join("\n"));
}

/// Every request with its chain.
async fn read(ports: &Ports) -> Vec<Known> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = ports.requests.list(&Query { pattern: Pattern::All, after, first: 50 }).await.unwrap();
        for request in page.requests {
            all.push(Known { events: trail(ports, request.id).await, request });
        }
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// The whole chain of a request.
pub async fn trail(ports: &Ports, id: RequestId) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event.sequence);
        let page = ports.requests.trail(id, after, 100).await.unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

/// I9: the chain holds, has no gap, and the row is what the last event left.
fn chain(known: &Known, found: &mut Vec<Violation>) {
    let request = &known.request;
    let mut report = |what| found.push(Violation { invariant: 9, what });
    if let Err(broken) = verify_chain(request.id, &known.events, request.head) {
        report(broken.to_string());
    }
    match known.events.last() {
        Some(last) if last.state == request.state_digest() => {}
        Some(_) => report(format!("request {} is not what its last event left", request.id)),
        None => report(format!("request {} has no event", request.id)),
    }
    if known.events.windows(2).any(|pair| pair[0].at > pair[1].at) {
        report(format!("the events of request {} go back in time", request.id));
    }
}

/// Reads a whole object.
pub(crate) async fn read_object(ports: &Ports, area: Area, key: &str) -> Option<Vec<u8>> {
    let object = ports.objects.latest(area, key).await.unwrap()?;
    let size = ports.objects.size(&object).await.unwrap();
    let mut whole = Vec::new();
    while (whole.len() as u64) < size {
        let piece = ports.objects.read(&object, whole.len() as u64, 1 << 20).await.unwrap();
        assert!(!piece.is_empty(), "{key} ends before its size");
        whole.extend_from_slice(&piece);
    }
    Some(whole)
}
