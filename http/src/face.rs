//! What every route has at hand.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use workflow::ports::{PortError, Ports};

use crate::authentication::Authenticator;
use crate::metric::Counters;
use crate::notice::{BadCertificate, Signers};
use crate::password::Passwords;
use crate::settings::{Profile, Settings};
use crate::throttle::Throttle;

/// How many uploads move at once.
const UPLOADS: usize = 16;
/// How many downloads and previews move at once.
const DOWNLOADS: usize = 64;
/// How many pages follow a request at once.
const FOLLOWERS: usize = 256;

/// The parts of a house that are shown.
#[derive(Clone)]
pub struct House {
    /// The ports.
    pub ports: Ports,
    /// Moves whenever something was committed, if the house tells; otherwise requests are looked at now and then.
    pub changes: Option<watch::Receiver<u64>>,
    /// The pages.
    pub pages: axum::Router,
    /// Who proves who calls, beside sessions and keys.
    pub authenticators: Vec<Arc<dyn Authenticator>>,
}

impl House {
    /// A house with its pages.
    pub fn new(ports: Ports) -> Self {
        Self { ports, changes: None, pages: web::pages(), authenticators: Vec::new() }
    }
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("House")
    }
}

/// How many of each long transfer may go on.
pub(crate) struct Room {
    pub(crate) calls: Arc<Semaphore>,
    pub(crate) uploads: Arc<Semaphore>,
    pub(crate) downloads: Arc<Semaphore>,
    pub(crate) followers: Arc<Semaphore>,
}

/// What every route has at hand.
pub(crate) struct Face {
    pub(crate) ports: Ports,
    pub(crate) settings: Settings,
    pub(crate) schema: graphql::Schema,
    pub(crate) predecessor: graphql::predecessor::Schema,
    pub(crate) changes: Option<watch::Receiver<u64>>,
    pub(crate) authenticators: Vec<Arc<dyn Authenticator>>,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    pub(crate) signers: Signers,
    pub(crate) counters: Counters,
    pub(crate) room: Room,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Why a face cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadFace {
    #[error(transparent)]
    Certificate(#[from] BadCertificate),
    #[error("passwords cannot be checked: {0}")]
    Password(String),
}

impl Face {
    pub(crate) fn new(house: House, settings: Settings, stopping: watch::Receiver<bool>) -> Result<Arc<Self>, BadFace> {
        let profile = match settings.profile {
            Profile::Local => graphql::Profile::Local,
            Profile::Network => graphql::Profile::Production,
        };
        let room = Room {
            calls: Arc::new(Semaphore::new(settings.calls_at_once)),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            downloads: Arc::new(Semaphore::new(DOWNLOADS)),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
        };
        Ok(Arc::new(Self {
            schema: graphql::schema(profile),
            predecessor: graphql::predecessor::schema(profile),
            changes: house.changes,
            authenticators: house.authenticators,
            passwords: Passwords::new(house.ports.ids.secret()).map_err(BadFace::Password)?,
            throttle: Throttle::default(),
            signers: Signers::read(&settings.sns)?,
            counters: Counters::default(),
            room,
            stopping,
            ports: house.ports,
            settings,
        }))
    }

    /// Forgets sessions that ended and limits that no longer bind.
    pub(crate) async fn tidy(&self) -> Result<(), PortError> {
        self.throttle.tidy();
        let now = self.ports.clock.now();
        let unused_since = now.checked_sub(self.settings.sessions.idle).unwrap_or(now);
        self.ports.sessions.prune(now, unused_since).await
    }
}
