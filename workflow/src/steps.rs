//! The states of the definition: what the engine calls.
//!
//! A step reads the request, reports what is on record if its work is done, claims, does the work and commits. Every
//! step may run twice, also at once.

pub mod admit;
pub mod notify;
pub mod record_failure;
pub mod reject;
pub mod release;
pub mod stage;
pub mod tally;
pub mod tell;
pub mod wait;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::audit::Actor;
use crate::domain::id::RequestId;
use crate::domain::request::{Claim, NotMine, Request, Superseded};
use crate::domain::slip::Slip;
use crate::domain::status::IllegalTransition;
use crate::ports::{Kind, PortError, Ports};

/// The definition that both engines execute, byte for byte.
pub const DEFINITION: &str = include_str!("../egress.asl.json");

/// The steps by the names of their states.
pub const ALL: [&str; 9] = ["Admit", "Stage", "Notify", "Wait", "Tally", "Release", "Reject", "Tell", "RecordFailure"];

/// What the engine hands a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The slip.
    pub slip: Slip,
    /// The state of the definition.
    pub state: String,
    /// When the state was entered.
    pub entered_at: Timestamp,
    /// How often the state was tried before.
    pub retries: u32,
    /// The task token, where the state waits for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Order {
    /// Which attempt this is: later attempts have larger numbers. No clock is asked, since clocks go back.
    fn attempt(&self) -> u64 {
        self.slip.turn.saturating_mul(100).saturating_add(u64::from(self.retries.min(99)))
    }

    fn claim(&self) -> Claim {
        Claim { run: self.slip.run, state: self.state.clone(), attempt: self.attempt() }
    }

    fn actor(&self) -> Actor {
        Actor::Step { state: self.state.clone(), run: self.slip.run }
    }

    /// The request that the order is about, if this run is its newest.
    async fn request(&self, ports: &Ports) -> Result<Request, StepError> {
        let request = crate::amend::find(ports, self.slip.request).await?;
        request.require_run(self.slip.run)?;
        Ok(request)
    }
}

/// Why a step gave up. Its name is what the definition catches.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// A newer run or attempt goes on.
    #[error("{0}")]
    Superseded(#[from] Superseded),
    /// A port failed.
    #[error("{}", .0.in_full())]
    Port(#[from] PortError),
    /// The request does not stand where the step would have it.
    #[error("{0}")]
    Illegal(#[from] IllegalTransition),
    /// The policy cannot be met by the people there are.
    #[error("{0}")]
    Unmeetable(String),
    /// The stored decisions do not allow what the status says.
    #[error(
        "request {0} is to be released, but its decisions do not add up to every approval that its policy asks for; nothing was released"
    )]
    NotApproved(RequestId),
    /// What is stored is not what was recorded.
    #[error("{0}")]
    Damaged(String),
}

impl StepError {
    /// Every name that a step may fail with.
    pub const NAMES: [&str; 8] = [
        "Lockgate.Superseded",
        "Lockgate.Transient",
        "Lockgate.Conflict",
        "Lockgate.Missing",
        "Lockgate.Denied",
        "Lockgate.Corrupt",
        "Lockgate.Illegal",
        "Lockgate.Unmeetable",
    ];

    /// The name that the definition catches.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Superseded(_) => "Lockgate.Superseded",
            Self::Port(error) => match error.kind {
                Kind::Transient => "Lockgate.Transient",
                Kind::Conflict => "Lockgate.Conflict",
                Kind::Missing => "Lockgate.Missing",
                Kind::Denied => "Lockgate.Denied",
                Kind::Corrupt => "Lockgate.Corrupt",
            },
            Self::Illegal(_) => "Lockgate.Illegal",
            Self::Unmeetable(_) => "Lockgate.Unmeetable",
            Self::NotApproved(_) | Self::Damaged(_) => "Lockgate.Corrupt",
        }
    }
}

impl From<NotMine> for StepError {
    fn from(error: NotMine) -> Self {
        match error {
            NotMine::Superseded(error) => Self::Superseded(error),
            NotMine::Illegal(error) => Self::Illegal(error),
        }
    }
}

/// Runs the step of a state and counts the turn; none if there is no such step.
pub async fn run(state: &str, ports: &Ports, order: &Order) -> Option<Result<Slip, StepError>> {
    let result = match state {
        "Admit" => admit::run(ports, order).await,
        "Stage" => stage::run(ports, order).await,
        "Notify" => notify::run(ports, order).await,
        "Wait" => wait::run(ports, order).await,
        "Tally" => tally::run(ports, order).await,
        "Release" => release::run(ports, order).await,
        "Reject" => reject::run(ports, order).await,
        "Tell" => tell::run(ports, order).await,
        "RecordFailure" => record_failure::run(ports, order).await,
        _ => return None,
    };
    Some(result.map(|slip| Slip { turn: order.slip.turn + 1, ..slip }))
}
