//! Whether SNS signed a message: by certificates that were configured, never by one that the message names.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use x509_cert::Certificate;

use super::Forged;
use super::message::Message;
use crate::settings::Sns;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadCertificate {
    #[error("a certificate for SNS cannot be read as PEM: {0}")]
    Unreadable(String),
    #[error("a certificate for SNS holds no RSA key")]
    NoRsa,
    #[error("SNS topics are configured and no certificate to check their signatures with")]
    None,
}

/// A key, and while it is good, in seconds since 1970.
struct Signer {
    key: Vec<u8>,
    from: u64,
    until: u64,
}

/// The topics whose messages are taken, and the keys that they are signed with.
pub(crate) struct Signers {
    topics: BTreeSet<String>,
    signers: Vec<Signer>,
}

impl Signers {
    pub(crate) fn read(sns: &Sns) -> Result<Self, BadCertificate> {
        let mut signers = Vec::new();
        for pem in &sns.certificates {
            let chain = Certificate::load_pem_chain(pem.as_bytes());
            let chain = chain.map_err(|error| BadCertificate::Unreadable(error.to_string()))?;
            for certificate in chain {
                signers.push(signer(&certificate)?);
            }
        }
        if signers.is_empty() && !sns.topics.is_empty() {
            return Err(BadCertificate::None);
        }
        Ok(Self { topics: sns.topics.clone(), signers })
    }

    /// Tells whether no topic is configured.
    pub(crate) fn take_nothing(&self) -> bool {
        self.topics.is_empty()
    }

    /// Reads a message and checks its topic and signature.
    pub(super) fn verify(&self, body: &[u8], now: Timestamp) -> Result<Message, Forged> {
        let message: Message = serde_json::from_slice(body).map_err(|_| Forged::Unreadable)?;
        if !self.topics.contains(&message.topic) {
            return Err(Forged::Topic);
        }
        let algorithm: &RsaParameters = match message.signature_version.as_str() {
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(Forged::Version),
        };
        let text = message.signed_text().ok_or(Forged::Unreadable)?;
        let signature = STANDARD.decode(&message.signature).map_err(|_| Forged::Signature)?;
        let now = u64::try_from(now.as_second()).unwrap_or(0);
        let current = self.signers.iter().filter(|signer| (signer.from..=signer.until).contains(&now));
        let is_good = |signer: &Signer| {
            UnparsedPublicKey::new(algorithm, &signer.key).verify(text.as_bytes(), &signature).is_ok()
        };
        if current.into_iter().any(is_good) { Ok(message) } else { Err(Forged::Signature) }
    }
}

fn signer(certificate: &Certificate) -> Result<Signer, BadCertificate> {
    let certificate = certificate.tbs_certificate();
    let key = certificate.subject_public_key_info();
    let is_rsa = key.algorithm.oid.to_string() == "1.2.840.113549.1.1.1";
    let bytes = key.subject_public_key.as_bytes().filter(|_| is_rsa).ok_or(BadCertificate::NoRsa)?;
    let validity = certificate.validity();
    Ok(Signer {
        key: bytes.to_vec(),
        from: validity.not_before.to_unix_duration().as_secs(),
        until: validity.not_after.to_unix_duration().as_secs(),
    })
}
