//! The upstream platform's egress stores: of each, the status and nothing else is ours to write.

use async_trait::async_trait;

use super::PortResult;
use crate::domain::id::RequestId;
use crate::domain::outward::UpstreamStatus;
use crate::domain::text::StoreId;

/// The upstream platform's egress stores.
#[async_trait]
pub trait EgressStore: Send + Sync {
    /// Marks a store as being worked on for a request. `Missing` if the platform has no such store (none is made),
    /// `Conflict` if its content was released or another request works on it. Again for the same request: nothing.
    async fn claim(&self, store: &StoreId, request: RequestId) -> PortResult<()>;

    /// Sets the status when a request is over or returned, if the store is the request's. A store that is gone, or that
    /// another request works on, is left alone: `false`.
    async fn free(&self, store: &StoreId, request: RequestId, status: UpstreamStatus) -> PortResult<bool>;

    /// The status as the platform has it; none for a store that it does not have.
    async fn status(&self, store: &StoreId) -> PortResult<Option<String>>;
}
