//! Pages: a client of the GraphQL schema and of nothing else.
//!
//! Whoever mounts the pages puts a [`Visit`] into the extensions of every call: who looks, and the way to the API.

pub mod session;
pub mod transport;

use std::fmt;
use std::sync::Arc;

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

/// The pages. Every call has to come with a [`Visit`].
pub fn pages() -> axum::Router {
    axum::Router::new()
}
