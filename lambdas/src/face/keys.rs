//! The keys that the user pool signs with: fetched from the configured address, kept, and fetched anew for a key that is
//! not among them, but not more often than once a minute.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex;
use workflow::ports::{Kind, PortError, PortResult};

use super::client::client;
use super::token::{self, Audience, BadToken, Claims, Key};

const NOT_AGAIN_WITHIN: Duration = Duration::from_mins(1);

/// Proves tokens of one pool.
#[derive(Debug)]
pub struct Prover {
    audience: Audience,
    address: String,
    client: reqwest::Client,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    keys: BTreeMap<String, Key>,
    fetched_at: Option<Instant>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<WebKey>,
}

#[derive(Deserialize)]
struct WebKey {
    kid: String,
    kty: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

impl Prover {
    /// A prover that fetches the keys from an address when it needs one.
    pub fn new(audience: Audience, address: impl Into<String>) -> Self {
        Self { audience, address: address.into(), client: client(), kept: Mutex::default() }
    }

    /// Proves a token. `Transient` if the keys cannot be had.
    pub async fn prove(&self, token: &str, now: Timestamp) -> PortResult<Result<Claims, BadToken>> {
        let name = match token::key_id(token) {
            Ok(name) => name,
            Err(bad) => return Ok(Err(bad)),
        };
        let key = self.key(&name).await?;
        Ok(key.ok_or(BadToken::UnknownKey).and_then(|key| token::prove(token, &key, &self.audience, now)))
    }

    async fn key(&self, name: &str) -> PortResult<Option<Key>> {
        let mut kept = self.kept.lock().await;
        let may_ask = kept.fetched_at.is_none_or(|at| at.elapsed() >= NOT_AGAIN_WITHIN);
        if !kept.keys.contains_key(name) && may_ask {
            kept.keys = self.fetch().await?;
            kept.fetched_at = Some(Instant::now());
        }
        Ok(kept.keys.get(name).cloned())
    }

    async fn fetch(&self) -> PortResult<BTreeMap<String, Key>> {
        let failed = |error: reqwest::Error| {
            PortError::new("user pool", "fetch its keys", Kind::Transient).because(error.without_url())
        };
        let answer = self.client.get(&self.address).send().await.map_err(failed)?;
        let set: KeySet = answer.error_for_status().map_err(failed)?.json().await.map_err(failed)?;
        let keys = set.keys.into_iter().filter(|key| key.kty == "RSA").filter_map(|key| {
            let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
            Some((key.kid, Key { n: decode(&key.n)?, e: decode(&key.e)? }))
        });
        Ok(keys.collect())
    }
}
