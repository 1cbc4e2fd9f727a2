//! What the workflow needs from outside: one port per concern, one remote effect per method.
//!
//! A method returns once its effect is durable. Every method may be called twice with the same arguments, and its doc
//! says what the second call does.

pub mod access_log;
pub mod clock;
pub mod egress_store;
pub mod ids;
pub mod intake;
pub mod mailer;
pub mod object_store;
pub mod orchestrator;
pub mod outbox;
pub mod people;
pub mod policies;
pub mod request_store;
pub mod sealer;
pub mod sessions;
pub mod uploads;
pub mod workers;

use std::fmt;
use std::sync::Arc;

pub use access_log::AccessLog;
pub use clock::Clock;
pub use egress_store::EgressStore;
pub use ids::Ids;
pub use intake::Intake;
pub use mailer::Mailer;
pub use object_store::ObjectStore;
pub use orchestrator::Orchestrator;
pub use outbox::Outbox;
pub use people::People;
pub use policies::Policies;
pub use request_store::RequestStore;
pub use sealer::Sealer;
pub use sessions::Sessions;
pub use uploads::Uploads;
pub use workers::Workers;

/// A complete set of adapters, built once by a house.
#[derive(Clone)]
pub struct Ports {
    /// Files, by version.
    pub objects: Arc<dyn ObjectStore>,
    /// Requests, with their audit chains.
    pub requests: Arc<dyn RequestStore>,
    /// The upstream platform's stores.
    pub egress_stores: Arc<dyn EgressStore>,
    /// The engine.
    pub orchestrator: Arc<dyn Orchestrator>,
    /// What has to be done outside.
    pub outbox: Arc<dyn Outbox>,
    /// The way mails leave.
    pub mailer: Arc<dyn Mailer>,
    /// The directory.
    pub people: Arc<dyn People>,
    /// Policies by version.
    pub policies: Arc<dyn Policies>,
    /// What could not be taken in.
    pub intake: Arc<dyn Intake>,
    /// Files on their way in.
    pub uploads: Arc<dyn Uploads>,
    /// Who looked at what.
    pub access_log: Arc<dyn AccessLog>,
    /// Keys.
    pub sealer: Arc<dyn Sealer>,
    /// Accounts, sessions and keys.
    pub sessions: Arc<dyn Sessions>,
    /// Cores.
    pub workers: Arc<dyn Workers>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn Ids>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

/// What kind of failure a port met: it decides whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Trying again later can help. The effect may or may not have happened.
    Transient,
    /// Something else is there already, or has changed meanwhile.
    Conflict,
    /// What the call is about is not there.
    Missing,
    /// The call is not allowed.
    Denied,
    /// What is stored, or was handed over, is damaged.
    Corrupt,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transient => "did not work this time",
            Self::Conflict => "met something else in its place",
            Self::Missing => "found nothing",
            Self::Denied => "was not allowed",
            Self::Corrupt => "found damaged data",
        })
    }
}

/// A failure of a port.
#[derive(Debug, thiserror::Error)]
#[error("{port}: {operation} {kind}")]
pub struct PortError {
    /// Which port.
    pub port: &'static str,
    /// Which of its methods, and about what.
    pub operation: String,
    /// What kind of failure.
    pub kind: Kind,
    /// What the adapter met.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PortError {
    /// A failure without a source.
    pub fn new(port: &'static str, operation: impl Into<String>, kind: Kind) -> Self {
        Self { port, operation: operation.into(), kind, source: None }
    }

    /// Adds what the adapter met.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The failure with everything behind it, in one line.
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

/// What a port answers.
pub type PortResult<T> = Result<T, PortError>;
