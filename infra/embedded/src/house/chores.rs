//! What time asks for: each chore in a loop of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use tokio::sync::{Notify, watch};
use workflow::chores::{deliver, seal, sweep};
use workflow::domain::audit::Event;
use workflow::domain::change::{Alias, Change};
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::domain::text::{BadText, Title};
use workflow::letter::{BaseUrl, Sender};
use workflow::ports::request_store::{Commit, Page, Query};
use workflow::ports::{PortResult, Ports, RequestStore};

use super::config::{BadConfig, Config};

/// The chores of a house.
#[derive(Debug, Clone)]
pub(super) struct Chores {
    ports: Ports,
    delivery: deliver::Settings,
    every: super::config::Chores,
    nudge: Nudge,
    going: watch::Sender<bool>,
}

impl Chores {
    pub(super) fn new(ports: Ports, config: &Config, nudge: Nudge) -> Result<Self, BadConfig> {
        let delivery = deliver::Settings::new(sender(config)?);
        Ok(Self { ports, delivery, every: config.chores.clone(), nudge, going: watch::Sender::new(true) })
    }

    /// Begins the loops.
    pub(super) fn start(&self) {
        self.repeat(Chore::Deliver, self.every.deliver_every);
        self.repeat(Chore::Sweep, self.every.sweep_every);
        self.repeat(Chore::Seal, self.every.seal_every);
    }

    /// Ends the loops; a chore that is being done is done to its end.
    pub(super) async fn stop(&self) {
        self.going.send_replace(false);
        self.going.closed().await;
    }

    /// Does each chore once.
    pub(super) async fn do_all(&self) {
        for chore in [Chore::Deliver, Chore::Sweep, Chore::Seal] {
            self.perform(chore).await;
        }
    }

    fn repeat(&self, chore: Chore, every: SignedDuration) {
        let every = Duration::try_from(every).unwrap_or_default().max(Duration::from_millis(100));
        let (chores, mut going) = (self.clone(), self.going.subscribe());
        // The loop holds a receiver and no sender: `stop` waits until the last receiver is gone.
        let Chores { ports, delivery, every: intervals, nudge, going: _ } = chores;
        tokio::spawn(async move {
            let chores = Chores { ports, delivery, every: intervals, nudge, going: watch::Sender::new(true) };
            while *going.borrow_and_update() {
                chores.perform(chore).await;
                tokio::select! {
                    () = tokio::time::sleep(every) => {}
                    () = chores.nudge.wait_for(chore) => {}
                    changed = going.changed() => if changed.is_err() { return },
                }
            }
        });
    }

    /// Trouble is written to the log: the next time may work, and what is stuck is on the operators' lists.
    async fn perform(&self, chore: Chore) {
        let done = match chore {
            Chore::Deliver => self.deliver_all().await,
            Chore::Sweep => sweep::run(&self.ports).await.map(drop),
            Chore::Seal => seal::run(&self.ports).await.map(drop),
        };
        if let Err(error) = done {
            tracing::warn!(?chore, error = error.in_full(), "a chore could not be done this time");
        }
    }

    /// Delivers until nothing is due any more.
    async fn deliver_all(&self) -> PortResult<()> {
        while deliver::run(&self.ports, &self.delivery).await?.messages >= self.delivery.batch {}
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chore {
    Deliver,
    Sweep,
    Seal,
}

/// Who writes the mails.
fn sender(config: &Config) -> Result<Sender, BadConfig> {
    let unusable =
        |setting: &str, problem: String| BadConfig::Unusable { whence: format!("the setting {setting}"), problem };
    let from = Email::parse(config.mail.from.clone()).map_err(|bad| unusable("mail.from", bad.to_string()))?;
    let name = Title::parse(config.house.name.clone()).map_err(|bad| unusable("house.name", bad.to_string()))?;
    let url = match config.server.url.as_str() {
        "" => format!("http://{}/", config.server.address),
        url => url.to_owned(),
    };
    let base: BaseUrl = url.parse().map_err(|bad: BadText| unusable("server.url", bad.to_string()))?;
    Sender::new(from, name, base).map_err(|bad| unusable("mail.from", bad.to_string()))
}

/// Lets the delivery know that something was put into the outbox, so that nobody waits for the next round.
#[derive(Debug, Clone, Default)]
pub(super) struct Nudge(Arc<Notify>);

impl Nudge {
    async fn wait_for(&self, chore: Chore) {
        if chore == Chore::Deliver {
            self.0.notified().await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    /// Puts the nudge behind every commit.
    pub(super) fn decorate(&self, mut ports: Ports) -> Ports {
        ports.requests = Arc::new(Nudging { requests: ports.requests, nudge: self.clone() });
        ports
    }
}

struct Nudging {
    requests: Arc<dyn RequestStore>,
    nudge: Nudge,
}

#[async_trait]
impl RequestStore for Nudging {
    async fn find(&self, id: RequestId) -> PortResult<Option<Request>> {
        self.requests.find(id).await
    }

    async fn find_alias(&self, notice: RequestId) -> PortResult<Option<(RequestId, Alias)>> {
        self.requests.find_alias(notice).await
    }

    async fn list(&self, query: &Query) -> PortResult<Page> {
        self.requests.list(query).await
    }

    async fn commit(&self, change: &Change) -> PortResult<Commit> {
        let committed = self.requests.commit(change).await;
        if matches!(committed, Ok(Commit::Done)) && !change.outbox().is_empty() {
            self.nudge.0.notify_one();
        }
        committed
    }

    async fn trail(&self, id: RequestId, after: u64, first: u32) -> PortResult<Vec<Event>> {
        self.requests.trail(id, after, first).await
    }
}
