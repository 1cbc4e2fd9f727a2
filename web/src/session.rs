//! Who looks at a page, and how they come in and go.

use async_trait::async_trait;

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Their name, as shown.
    pub name: String,
    /// The address they signed in with.
    pub email: String,
}

/// A header that the answer has to carry so that the browser keeps, or forgets, the session.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie(pub String);

/// Why somebody did not come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct NotIn {
    /// What to tell them.
    pub sentence: String,
    /// The status of the answer: 401, 429 or 503.
    pub status: u16,
    /// After how many seconds another try makes sense, where that is known.
    pub retry_after: Option<u64>,
}

/// Who looks.
#[async_trait]
pub trait Session: Send + Sync {
    /// Who is signed in; none before they are, or once the session has ended.
    fn person(&self) -> Option<&SignedIn>;

    /// Signs somebody in by what they typed. The session they had before, if any, ends. The try is on the access log.
    async fn sign_in(&self, email: &str, password: &str) -> Result<SetCookie, NotIn>;

    /// Ends this session. Again: nothing.
    async fn sign_out(&self) -> SetCookie;

    /// Ends all sessions of the person, this one too.
    async fn sign_out_everywhere(&self) -> SetCookie;
}
