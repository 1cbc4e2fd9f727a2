//! The client with which the user pool is asked: for its keys, and for a token in exchange for a code.

use std::time::Duration;

use reqwest::redirect::Policy;

/// How long the pool may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client that goes to the configured address and nowhere else.
///
/// # Panics
///
/// Where this build has no TLS, which its manifest rules out.
pub(crate) fn client() -> reqwest::Client {
    // The provider of TLS is the process's; that it was named before is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let built = reqwest::Client::builder().timeout(PATIENCE).redirect(Policy::none()).build();
    built.unwrap_or_else(|error| unreachable!("the client for the user pool: {error}"))
}
