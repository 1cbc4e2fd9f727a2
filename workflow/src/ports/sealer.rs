//! Keys: sealing task tokens, signing statements.

use async_trait::async_trait;

use super::PortResult;
use crate::domain::id::{RequestId, RunNumber};

/// What a task token is bound to: opened under another context, it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenContext {
    /// The request.
    pub request: RequestId,
    /// The run that waits.
    pub run: RunNumber,
}

impl TokenContext {
    /// The context as text.
    pub fn as_text(&self) -> String {
        format!("{}-{}", self.request, self.run)
    }
}

/// A signature with the name of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Names the key.
    pub key_id: String,
    /// Ed25519: 64 bytes. ECDSA P-256: DER.
    pub bytes: Vec<u8>,
}

/// Keys.
#[async_trait]
pub trait Sealer: Send + Sync {
    /// Seals a task token. Every call gives another text.
    async fn seal(&self, token: &str, context: TokenContext) -> PortResult<String>;

    /// Opens a sealed token. `Corrupt` if it was changed, or sealed under another context or key.
    async fn open(&self, sealed: &str, context: TokenContext) -> PortResult<String>;

    /// Signs a message.
    async fn sign(&self, message: &[u8]) -> PortResult<Signature>;

    /// The message authentication code of a message (HMAC-SHA-256): the same for the same message, for as long as the
    /// key lives. Who checks one computes it again and compares in constant time.
    async fn mac(&self, message: &[u8]) -> PortResult<[u8; 32]>;

    /// The public key of [`Sealer::sign`], as PEM.
    async fn public_key(&self) -> PortResult<String>;
}
