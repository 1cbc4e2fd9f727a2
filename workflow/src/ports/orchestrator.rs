//! The engine that executes the definition.

use async_trait::async_trait;

use super::PortResult;
use crate::domain::id::ExecutionName;
use crate::domain::slip::Slip;

/// How an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// It goes on.
    Running,
    /// It ended, one way or another.
    Ended,
    /// There is none of that name.
    Unknown,
}

/// The engine.
#[async_trait]
pub trait Orchestrator: Send + Sync {
    /// Begins an execution. Again: nothing, whether it runs or has ended.
    async fn begin(&self, name: ExecutionName, slip: &Slip) -> PortResult<()>;

    /// Completes a task token. A token that is spent, timed out or of an ended execution: nothing.
    async fn wake(&self, token: &str) -> PortResult<()>;

    /// How an execution stands.
    async fn describe(&self, name: ExecutionName) -> PortResult<Execution>;
}
