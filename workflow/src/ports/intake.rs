//! What came in and could not be taken: kept with the reason until it is replayed.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PortResult;

/// Something that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Its name.
    pub id: Uuid,
    /// When it came.
    pub at: Timestamp,
    /// Why it could not be taken.
    pub reason: String,
    /// What came, as text; bytes that are not UTF-8 are replaced.
    pub body: String,
}

/// What could not be taken.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Keeps something. Again with the same body: what is there, with the newer reason.
    async fn quarantine(&self, item: &Quarantined) -> PortResult<()>;

    /// What is kept, oldest first.
    async fn list(&self, first: u32) -> PortResult<Vec<Quarantined>>;

    /// How many are kept.
    async fn count(&self) -> PortResult<u64> {
        Ok(self.list(u32::MAX).await?.len() as u64)
    }

    /// One item; none if it is not there.
    async fn find(&self, id: Uuid) -> PortResult<Option<Quarantined>>;

    /// Lets go of an item that was taken after all. Again: nothing.
    async fn release(&self, id: Uuid) -> PortResult<()>;
}
