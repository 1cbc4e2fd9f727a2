//! Keys of machines: `lgk_<id>.<secret>`, carried as a bearer token. Only the digest of the secret is kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use subtle::ConstantTimeEq;
use workflow::domain::digest::Digest;
use workflow::domain::person::Identity;
use workflow::domain::text::Title;
use workflow::ports::sessions::{ApiKey, KeyScope};
use workflow::ports::{PortError, Ports};

/// What a key begins with, so that one that leaked is recognised.
const PREFIX: &str = "lgk_";

/// Makes a key that acts for a person, and answers it with its text, which is nowhere stored.
pub async fn add(
    ports: &Ports,
    identity: Identity,
    (label, scopes): (Title, BTreeSet<KeyScope>),
    expires_at: Timestamp,
) -> Result<(ApiKey, String), PortError> {
    let id = ports.ids.name().simple().to_string();
    let secret = hex::encode(ports.ids.secret());
    let key = ApiKey {
        secret: Digest::of(secret.as_bytes()),
        created_at: ports.clock.now(),
        revoked_at: None,
        id,
        label,
        identity,
        scopes,
        expires_at,
    };
    ports.sessions.add_key(&key).await?;
    let text = format!("{PREFIX}{}.{secret}", key.id);
    Ok((key, text))
}

/// The parts of a key's text; none if it is no key of ours.
pub(crate) fn parts(text: &str) -> Option<(&str, &str)> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('.')?;
    let is_hex = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex(id, 32) && is_hex(secret, 64)).then_some((id, secret))
}

/// Tells whether a key is good for its holder now.
pub(crate) fn is_good(key: &ApiKey, secret: &str, now: Timestamp) -> bool {
    let given = Digest::of(secret.as_bytes()).hex();
    let is_right = bool::from(given.as_bytes().ct_eq(key.secret.hex().as_bytes()));
    is_right && key.revoked_at.is_none() && key.expires_at > now
}
