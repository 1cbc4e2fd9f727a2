//! What time asks for: each chore in a loop of its own.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::SignedDuration;
use tokio::sync::watch;
use workflow::chores::{deliver, seal, sweep};
use workflow::domain::email::Email;
use workflow::domain::text::{BadText, Title};
use workflow::letter::{BaseUrl, Sender};
use workflow::ports::{PortResult, Ports};

use super::changes::Changes;
use super::config::{BadConfig, Config};
use super::retention;
use super::watched_clock::WatchedClock;
use crate::object_store::ObjectStore;

/// However often a chore is asked for, it leaves the machine this long to others.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// The chores of a house, each in a loop of its own. Dropped, the loops end.
#[derive(Debug)]
pub(super) struct Chores {
    duties: Arc<Duties>,
    every: super::config::Chores,
    going: watch::Sender<bool>,
}

impl Chores {
    pub(super) fn new(
        ports: Ports,
        objects: ObjectStore,
        config: &Config,
        (changes, clock): (Changes, Arc<WatchedClock>),
    ) -> Result<Self, BadConfig> {
        let delivery = deliver::Settings::new(sender(config)?);
        let duties = Arc::new(Duties { ports, objects, delivery, changes, clock });
        Ok(Self { duties, every: config.chores.clone(), going: watch::Sender::new(true) })
    }

    /// Begins the loops.
    pub(super) fn start(&self) {
        self.repeat(Chore::Deliver, self.every.deliver_every);
        self.repeat(Chore::Sweep, self.every.sweep_every);
        self.repeat(Chore::Seal, self.every.seal_every);
        self.repeat(Chore::Clean, self.every.clean_every);
        self.repeat(Chore::Watch, self.every.watch_every);
    }

    /// Puts a look at the clock on record.
    pub(super) async fn watch(&self) {
        self.duties.perform(Chore::Watch).await;
    }

    /// Ends the loops; a chore that is being done is done to its end.
    pub(super) async fn stop(&self) {
        self.going.send_replace(false);
        self.going.closed().await;
    }

    /// Does each chore once.
    pub(super) async fn do_all(&self) {
        for chore in [Chore::Watch, Chore::Deliver, Chore::Sweep, Chore::Seal, Chore::Clean] {
            self.duties.perform(chore).await;
        }
    }

    fn repeat(&self, chore: Chore, every: SignedDuration) {
        let every = Duration::try_from(every).unwrap_or_default().max(SHORTEST_PAUSE);
        let (duties, mut going) = (Arc::clone(&self.duties), self.going.subscribe());
        tokio::spawn(async move {
            while *going.borrow_and_update() {
                duties.perform(chore).await;
                tokio::select! {
                    () = tokio::time::sleep(every) => {}
                    () = duties.wait_for_work(chore) => {}
                    changed = going.changed() => if changed.is_err() { return },
                }
            }
        });
    }
}

/// What chores work with.
#[derive(Debug)]
struct Duties {
    ports: Ports,
    objects: ObjectStore,
    delivery: deliver::Settings,
    changes: Changes,
    clock: Arc<WatchedClock>,
}

impl Duties {
    /// Trouble is written to the log: the next time may work, and what is stuck is on the operators' lists. A chore that
    /// ends in a bug is done again like all others.
    async fn perform(&self, chore: Chore) {
        match AssertUnwindSafe(self.attempt(chore)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(?chore, error = error.in_full(), "a chore could not be done this time"),
            Err(_) => tracing::error!(?chore, "a chore panicked: this is a bug"),
        }
    }

    /// Returns when a chore is wanted before its time; most never are.
    async fn wait_for_work(&self, chore: Chore) {
        match chore {
            Chore::Deliver => self.changes.errand().await,
            Chore::Sweep | Chore::Seal | Chore::Clean | Chore::Watch => std::future::pending().await,
        }
    }

    async fn attempt(&self, chore: Chore) -> PortResult<()> {
        match chore {
            Chore::Deliver => self.deliver_all().await,
            Chore::Sweep => sweep::run(&self.ports).await.map(drop),
            Chore::Seal => seal::run(&self.ports).await.map(drop),
            Chore::Clean => self.clean().await,
            Chore::Watch => self.watch().await,
        }
    }

    /// Delivers until nothing is due any more.
    async fn deliver_all(&self) -> PortResult<()> {
        while deliver::run(&self.ports, &self.delivery).await?.messages >= self.delivery.batch {}
        Ok(())
    }

    async fn watch(&self) -> PortResult<()> {
        let database = self.objects.database();
        self.clock.record(&database).await.map_err(|error| error.during("clock", "put a look at it on record"))
    }

    /// Removes what people brought and nobody needs any more, and bytes that a crash left to requests that are over, or that there are none of.
    async fn clean(&self) -> PortResult<()> {
        retention::run(&self.ports, &self.objects).await?;
        for owner in self.objects.owners().await? {
            let request = self.ports.requests.find(owner).await?;
            if request.is_none_or(|request| request.status.is_over()) {
                self.objects.remove_unnamed(owner).await?;
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chore {
    Deliver,
    Sweep,
    Seal,
    Clean,
    Watch,
}

/// Who writes the mails, as the settings say.
pub fn sender(config: &Config) -> Result<Sender, BadConfig> {
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
