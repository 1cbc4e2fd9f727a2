//! Keys that never leave KMS: one seals task tokens, one signs statements, one makes message authentication codes.

use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MacAlgorithmSpec, MessageType, SigningAlgorithmSpec};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use workflow::ports::sealer::{Signature, TokenContext};
use workflow::ports::{self, Kind, PortResult};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome};
use crate::settings::{KeyNames, Settings};

const PORT: &str = "Sealer";
/// As much as KMS signs at once.
const LARGEST: usize = 4_096;
/// What the key for codes is made from; it is the same in every function of an installation.
const CODES: &[u8] = b"lockgate: message authentication codes";
/// KMS does not encrypt nothing.
const LEAD: u8 = b'T';

/// The keys of an installation.
///
/// A sealed token is the base64 text of what KMS made of it, with request and run as encryption context, after a short
/// check of it. The name of
/// the signing key is the SHA-256 of its public key (SPKI, DER). Codes are made here, with a key that KMS derives from
/// its own once: a list of a thousand requests costs one call.
#[derive(Debug)]
pub struct Keys {
    client: Client,
    names: KeyNames,
    public: OnceCell<Public>,
    codes: OnceCell<[u8; 32]>,
}

#[derive(Debug)]
struct Public {
    pem: String,
    name: String,
}

impl Keys {
    /// The keys of an installation, by name.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        let (public, codes) = (OnceCell::new(), OnceCell::new());
        Self { client: clients.kms.clone(), names: settings.keys.clone(), public, codes }
    }

    async fn close(&self, token: &str, context: TokenContext) -> Outcome<String> {
        let plain: Vec<u8> = std::iter::once(LEAD).chain(token.bytes()).collect();
        let call = self.client.encrypt().key_id(&self.names.token).plaintext(Blob::new(plain));
        let call = call.encryption_context("lockgate:request", context.request.to_string());
        let sealed = call.encryption_context("lockgate:run", context.run.to_string()).send().await;
        let sealed = sealed.map_err(Failure::of)?.ciphertext_blob;
        let sealed = sealed.ok_or_else(|| Failure::damaged("a sealed token", "KMS gave none"))?.into_inner();
        Ok(STANDARD.encode([&check_of(&sealed)[..], &sealed].concat()))
    }

    async fn reopen(&self, sealed: &str, context: TokenContext) -> Outcome<String> {
        let damaged = |why: &str| Failure::damaged("a sealed token", why);
        let bytes = STANDARD.decode(sealed).map_err(|_| damaged("it is no base64"))?;
        let (check, bytes) = bytes.split_first_chunk().ok_or_else(|| damaged("it is too short"))?;
        // KMS says of damaged bytes what it says of a key that is not ours to use; this tells them apart.
        if *check != check_of(bytes) {
            return Err(damaged("it was changed"));
        }
        let call = self.client.decrypt().key_id(&self.names.token).ciphertext_blob(Blob::new(bytes.to_vec()));
        let call = call.encryption_context("lockgate:request", context.request.to_string());
        let opened = call.encryption_context("lockgate:run", context.run.to_string()).send().await;
        let opened = match opened.map_err(Failure::of) {
            Ok(opened) => opened.plaintext.unwrap_or_else(|| Blob::new([])).into_inner(),
            Err(failure) if is_not_ours(&failure) => return Err(damaged("it was changed, or is another's")),
            Err(failure) => return Err(failure),
        };
        let plain = opened.split_first().filter(|(lead, _)| **lead == LEAD).map(|(_, token)| token.to_vec());
        String::from_utf8(plain.ok_or_else(|| damaged("it is not of ours"))?).map_err(|_| damaged("it is no text"))
    }

    async fn sign_with_key(&self, message: &[u8]) -> Outcome<Signature> {
        if message.len() > LARGEST {
            let sentence = format!("what is to be signed has {} bytes; KMS signs {LARGEST} at most", message.len());
            return Err(Failure::refused(Kind::Corrupt, sentence));
        }
        let call = self.client.sign().key_id(&self.names.signing).message(Blob::new(message));
        let call = call.message_type(MessageType::Raw).signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        let signed = call.send().await.map_err(Failure::of)?.signature;
        let bytes = signed.ok_or_else(|| Failure::damaged("a signature", "KMS gave none"))?.into_inner();
        Ok(Signature { key_id: self.public_half().await?.name.clone(), bytes })
    }

    async fn public_half(&self) -> Outcome<&Public> {
        self.public.get_or_try_init(|| self.fetch_public()).await
    }

    async fn fetch_public(&self) -> Outcome<Public> {
        let answer = self.client.get_public_key().key_id(&self.names.signing).send().await.map_err(Failure::of)?;
        let der = answer.public_key.ok_or_else(|| Failure::damaged("the public key", "KMS gave none"))?.into_inner();
        Ok(Public { pem: pem(&der), name: format!("sha256:{}", hex::encode(Sha256::digest(&der))) })
    }

    async fn key_for_codes(&self) -> Outcome<[u8; 32]> {
        self.codes.get_or_try_init(|| self.derive_key()).await.copied()
    }

    async fn derive_key(&self) -> Outcome<[u8; 32]> {
        let call = self.client.generate_mac().key_id(&self.names.mac).message(Blob::new(CODES));
        let answer = call.mac_algorithm(MacAlgorithmSpec::HmacSha256).send().await.map_err(Failure::of)?;
        let key = answer.mac.map(Blob::into_inner).and_then(|mac| mac.try_into().ok());
        key.ok_or_else(|| Failure::damaged("the key for codes", "KMS gave none of 32 bytes"))
    }
}

/// By this damage shows before KMS is asked.
fn check_of(sealed: &[u8]) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::digest(sealed).into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// Tells whether KMS says that what it was given is not what the key and the context once made.
fn is_not_ours(failure: &Failure) -> bool {
    let codes = ["InvalidCiphertextException", "IncorrectKeyException", "ValidationException"];
    codes.contains(&failure.code())
}

/// A public key as PEM.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        lines.push(line);
        rest = after;
    }
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

#[async_trait]
impl ports::Sealer for Keys {
    async fn seal(&self, token: &str, context: TokenContext) -> PortResult<String> {
        self.close(token, context).await.map_err(|e| e.during(PORT, "seal a token"))
    }

    async fn open(&self, sealed: &str, context: TokenContext) -> PortResult<String> {
        self.reopen(sealed, context).await.map_err(|e| e.during(PORT, "open a sealed token"))
    }

    async fn sign(&self, message: &[u8]) -> PortResult<Signature> {
        self.sign_with_key(message).await.map_err(|e| e.during(PORT, "sign a statement"))
    }

    async fn mac(&self, message: &[u8]) -> PortResult<[u8; 32]> {
        let key = self.key_for_codes().await.map_err(|e| e.during(PORT, "make a code"))?;
        let Ok(mac) = <hmac::Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key) else {
            workflow::bug!("a key of 32 bytes is no key")
        };
        Ok(mac.chain_update(message).finalize().into_bytes().into())
    }

    async fn public_key(&self) -> PortResult<String> {
        let public = self.public_half().await.map_err(|e| e.during(PORT, "tell the public key"))?;
        Ok(public.pem.clone())
    }
}
