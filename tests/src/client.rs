//! A client over HTTP that is not ours.

use reqwest::redirect::Policy;

/// A client that follows no redirection: tests look at those themselves.
pub fn client() -> reqwest::Client {
    // Which library encrypts is asked for as soon as any crate of the build wants TLS, though nothing here does. A second
    // choice is refused, and is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(Policy::none()).build().unwrap()
}
