//! The access log: reads, looks, refusals and sign-ins.

use async_trait::async_trait;
use jiff::civil::Date;

use super::PortResult;
use crate::domain::access::Access;
use crate::domain::digest::Digest;

/// The access log. It has many writers and one segment a day (UTC).
#[async_trait]
pub trait AccessLog: Send + Sync {
    /// Appends an entry.
    async fn append(&self, access: &Access) -> PortResult<()>;

    /// The entries of a day in order, after the first `after`, at most `first`.
    async fn read(&self, day: Date, after: u64, first: u32) -> PortResult<Vec<Access>>;

    /// The days before `before` that hold entries, each with the digest of all its entries in order: what a
    /// checkpoint binds.
    async fn segments(&self, before: Date) -> PortResult<Vec<(Date, Digest)>>;
}
