//! Pages: a client of the GraphQL schema and of nothing else.
//!
//! Whoever mounts the pages puts a [`Visit`] into the extensions of every call: who looks, and the way to the API.
//! Bytes move elsewhere: pages link to `/requests/{request}/files/{index}` for images, to what an upload ticket says for
//! uploads, to what a granted download says for downloads, and the script listens to `/events/{request}`.

mod ask;
mod asset;
mod document;
mod fault;
mod frame;
mod glance;
mod page;
pub mod session;
mod show;
pub mod transport;
mod tree;
mod word;

use std::fmt;
use std::sync::Arc;

pub use page::pages;
pub use session::Session;
pub use transport::Transport;

/// One call of a page: who looks, and the way to the API on their behalf.
#[derive(Clone)]
pub struct Visit {
    /// Who looks.
    pub session: Arc<dyn Session>,
    /// The API, as they may use it.
    pub transport: Arc<dyn Transport>,
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visit")
    }
}

#[cfg(test)]
mod tests;
