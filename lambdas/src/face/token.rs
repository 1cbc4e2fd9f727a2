//! Bearer tokens of the user pool. One algorithm, and every claim that says for whom the token is: what is not exactly
//! as it should be is no token.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How far the pool's clock may be ahead.
const LEEWAY_SECONDS: i64 = 30;
/// No token of a pool is longer.
const LONGEST: usize = 16 << 10;

/// Whose tokens are taken.
#[derive(Debug, Clone)]
pub struct Audience {
    /// The pool.
    pub issuer: String,
    /// Its clients that people come with.
    pub clients: BTreeSet<String>,
}

/// A key that the pool signs with.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The modulus.
    pub(crate) n: Vec<u8>,
    /// The exponent.
    pub(crate) e: Vec<u8>,
}

/// Why a text is no token. Nobody but the log reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It is not three parts that can be read.
    #[error("it cannot be read")]
    Illegible,
    /// It names another algorithm than RS256.
    #[error("its algorithm is not RS256")]
    Algorithm,
    /// No key of the pool is called like that.
    #[error("its key is unknown")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("its signature is wrong")]
    Signature,
    /// Another pool made it.
    #[error("its issuer is another one")]
    Issuer,
    /// It is for another client.
    #[error("it is for another client")]
    Client,
    /// It is neither an identity nor an access token.
    #[error("it is for another use")]
    Use,
    /// It has ended, or does not end.
    #[error("it has ended")]
    Expired,
    /// It does not begin yet.
    #[error("it has not begun")]
    NotYet,
}

/// What a token says, once it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The pool.
    pub issuer: String,
    /// The account.
    pub subject: String,
    /// Its address, where the pool vouches for it.
    pub verified_email: Option<String>,
    /// What the person is called, where the token says.
    pub name: Option<String>,
    /// The groups.
    pub groups: BTreeSet<String>,
    /// What sign-in put in to know its own token again.
    pub nonce: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    /// Extensions that have to be understood: none are.
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    token_use: String,
    aud: Option<String>,
    client_id: Option<String>,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    name: Option<String>,
    #[serde(rename = "cognito:groups", default)]
    groups: BTreeSet<String>,
    nonce: Option<String>,
}

/// The name of the key that a token says it is signed with, if it is a token by its looks.
pub(crate) fn key_id(token: &str) -> Result<String, BadToken> {
    let header: Header = part(token.split('.').next().unwrap_or_default())?;
    if header.alg != "RS256" || header.crit.is_some() {
        return Err(BadToken::Algorithm);
    }
    Ok(header.kid)
}

/// Tells whether a text has the looks of a token, so that nobody else need look at it.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.starts_with("ey") && text.split('.').count() == 3
}

/// Proves a token with the key that it names.
pub(crate) fn prove(token: &str, key: &Key, audience: &Audience, now: Timestamp) -> Result<Claims, BadToken> {
    key_id(token)?;
    let (signed, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST).ok_or(BadToken::Illegible)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| BadToken::Illegible)?;
    let public = RsaPublicKeyComponents { n: &key.n, e: &key.e };
    public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).map_err(|_| BadToken::Signature)?;
    let (_, payload) = signed.split_once('.').filter(|(_, rest)| !rest.contains('.')).ok_or(BadToken::Illegible)?;
    let payload: Payload = part(payload)?;
    payload.check(audience, now.as_second())?;
    Ok(payload.into_claims())
}

fn part<T: DeserializeOwned>(part: &str) -> Result<T, BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| BadToken::Illegible)?;
    serde_json::from_slice(&bytes).map_err(|_| BadToken::Illegible)
}

impl Payload {
    fn check(&self, audience: &Audience, now: i64) -> Result<(), BadToken> {
        if self.iss != audience.issuer {
            return Err(BadToken::Issuer);
        }
        let client = match self.token_use.as_str() {
            "id" => self.aud.as_ref(),
            "access" => self.client_id.as_ref(),
            _ => return Err(BadToken::Use),
        };
        if !client.is_some_and(|client| audience.clients.contains(client)) {
            return Err(BadToken::Client);
        }
        if self.exp <= now {
            return Err(BadToken::Expired);
        }
        let begins = self.nbf.max(self.iat).unwrap_or_default();
        if begins > now.saturating_add(LEEWAY_SECONDS) {
            return Err(BadToken::NotYet);
        }
        Ok(())
    }

    fn into_claims(self) -> Claims {
        let is_verified = self.email_verified == Value::Bool(true) || self.email_verified == "true";
        Claims {
            issuer: self.iss,
            subject: self.sub,
            verified_email: self.email.filter(|_| is_verified),
            name: self.name,
            groups: self.groups,
            nonce: self.nonce,
        }
    }
}
