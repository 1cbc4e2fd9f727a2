//! The short statement that is signed for a release, and the envelope (DSSE) that carries it with its signature.
//!
//! The statement names the SHA-256 of the release record, the record names the manifest, the manifest names the files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::record::ReleaseRecord;
use crate::canonical::{CanonicalError, canonical};

/// What the payload of an envelope is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The name of the record in the archive.
pub const RECORD_NAME: &str = "release-record.json";
/// The name of the manifest in the archive.
pub const MANIFEST_NAME: &str = "manifest.json";
/// The name of the envelope in the archive.
pub const ENVELOPE_NAME: &str = "release-record.dsse.json";

/// The most bytes that are handed over to be signed: what a key service takes without hashing them itself.
pub const MOST_SIGNED_BYTES: usize = 4_096;

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE: &str = "urn:lockgate:release:1";

/// What is signed: that this record is the record of this request's release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: SubjectDigest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectDigest {
    sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Predicate {
    request_id: String,
    round: u32,
}

/// Tells why a statement cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The statement has no canonical form.
    #[error(transparent)]
    NotCanonical(#[from] CanonicalError),
    /// What would be signed is larger than a key service takes.
    #[error("the statement to sign has {bytes} bytes, which is more than {MOST_SIGNED_BYTES}")]
    TooLong {
        /// How many bytes it has.
        bytes: usize,
    },
}

impl Statement {
    /// States that `record`, whose canonical bytes are `json`, is the record of its request's release.
    pub fn new(record: &ReleaseRecord, json: &[u8]) -> Self {
        let digest = SubjectDigest { sha256: hex::encode(Sha256::digest(json)) };
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject { name: RECORD_NAME.to_owned(), digest }],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate { request_id: record.request_id.clone(), round: record.round },
        }
    }

    /// Makes the statement ready to be signed.
    pub fn unsigned(&self) -> Result<Unsigned, StatementError> {
        let payload = canonical(self)?;
        let message = encode_message(PAYLOAD_TYPE, &payload);
        if message.len() > MOST_SIGNED_BYTES {
            return Err(StatementError::TooLong { bytes: message.len() });
        }
        Ok(Unsigned { payload, message })
    }
}

/// A statement that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    payload: Vec<u8>,
    message: Vec<u8>,
}

impl Unsigned {
    /// The bytes to sign.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Makes the envelope of a signature: 64 bytes for Ed25519, DER for ECDSA. `key_id` is a hint and not trusted.
    pub fn sign_with(&self, key_id: &str, signature: &[u8]) -> Envelope {
        Envelope {
            payload: STANDARD.encode(&self.payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![EnvelopeSignature { key_id: key_id.to_owned(), signature: STANDARD.encode(signature) }],
        }
    }
}

/// A signed statement, as `release-record.dsse.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeSignature {
    #[serde(rename = "keyid")]
    key_id: String,
    #[serde(rename = "sig")]
    signature: String,
}

impl Envelope {
    /// Gives the canonical bytes.
    pub fn to_json(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self)
    }

    /// Gives the bytes of the statement; none if the payload is of another type or not base64.
    pub(super) fn payload(&self) -> Option<Vec<u8>> {
        (self.payload_type == PAYLOAD_TYPE).then(|| STANDARD.decode(&self.payload).ok()).flatten()
    }

    /// Gives the signatures; what is not base64 is no signature.
    pub(super) fn signatures(&self) -> impl Iterator<Item = Vec<u8>> {
        self.signatures.iter().filter_map(|signature| STANDARD.decode(&signature.signature).ok())
    }
}

/// Encodes what is signed, so that a payload of one type never passes for one of another (DSSE's PAE).
pub(super) fn encode_message(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut message = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    message.extend_from_slice(payload);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_encoded_as_the_protocol_prints_its_example() {
        let message = encode_message("http://example.com/HelloWorld", b"hello world");
        assert_eq!(message, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn lengths_are_counted_in_bytes() {
        assert_eq!(encode_message("é", "名".as_bytes()), "DSSEv1 2 é 3 名".as_bytes());
    }
}
