//! Keys as files: one seals task tokens, one signs statements.

use std::io;
use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use workflow::ports::sealer::{Signature, TokenContext};
use workflow::ports::{self, Kind, PortError, PortResult};

use crate::disk::Disk;
use crate::ids::fill;

const SEAL_KEY: &str = "seal.key";
const SIGNING_KEY: &str = "signing-key.pem";
const PUBLIC_KEY: &str = "signing-key.pub.pem";
const NONCE_BYTES: usize = 12;

/// Keys that were read from their folder once.
///
/// A sealed token is the base64url text of a random nonce and of the AES-256-GCM ciphertext, with the context as
/// associated data. The name of the signing key is the SHA-256 of its public key (SPKI, DER).
pub struct Keys {
    seal: Aes256Gcm,
    mac: [u8; 32],
    signing: SigningKey,
    key_id: String,
    public_key: String,
    /// What tokens are bound to beside their context.
    epoch: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Keys {
    /// Makes the keys that are not there yet (folder mode 0700, files mode 0600). Again: nothing.
    pub fn create(folder: &Path, disk: &Disk) -> io::Result<()> {
        disk.make_folder(folder)?;
        if !folder.join(SEAL_KEY).exists() {
            disk.write(&folder.join(SEAL_KEY), format!("{}\n", hex::encode(secret())).as_bytes())?;
        }
        if !folder.join(SIGNING_KEY).exists() {
            let key = SigningKey::from_bytes(&secret());
            let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(io::Error::other)?;
            disk.write(&folder.join(SIGNING_KEY), pem.as_bytes())?;
        }
        let keys = Self::open(folder)?;
        disk.write(&folder.join(PUBLIC_KEY), keys.public_key.as_bytes())
    }

    /// Reads the keys. The error names the file that is not there or cannot be used.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let read = |name: &str| {
            read_private(&folder.join(name))
                .map_err(|error| io::Error::new(error.kind(), format!("the key file {name} cannot be read ({error})")))
        };
        let unusable = |name: &str| io::Error::new(io::ErrorKind::InvalidData, format!("the file {name} holds no key"));
        let mut seal = [0; 32];
        hex::decode_to_slice(read(SEAL_KEY)?.trim(), &mut seal).map_err(|_| unusable(SEAL_KEY))?;
        let signing = SigningKey::from_pkcs8_pem(&read(SIGNING_KEY)?).map_err(|_| unusable(SIGNING_KEY))?;
        let public = signing.verifying_key();
        let der = public.to_public_key_der().map_err(|_| unusable(SIGNING_KEY))?;
        Ok(Self {
            seal: Aes256Gcm::new(&seal.into()),
            // Derived, so that what one of the keys does never helps against the other.
            mac: hmac(&seal, b"lockgate: message authentication codes"),
            key_id: format!("sha256:{}", hex::encode(Sha256::digest(der.as_bytes()))),
            public_key: public.to_public_key_pem(LineEnding::LF).map_err(|_| unusable(SIGNING_KEY))?,
            signing,
            epoch: String::new(),
        })
    }

    /// The files that hold the keys.
    pub(crate) const FILES: [&str; 3] = [SEAL_KEY, SIGNING_KEY, PUBLIC_KEY];

    /// The keys of a house that was brought back from a backup so many times: what was sealed or authenticated before
    /// is worth nothing.
    #[must_use]
    pub fn of_epoch(mut self, epoch: u64) -> Self {
        if epoch > 0 {
            self.mac = hmac(&self.mac, format!("epoch {epoch}").as_bytes());
            self.epoch = format!("epoch {epoch}/");
        }
        self
    }

    /// Tells whether these keys signed a message.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.signing.verifying_key().verify_strict(message, &signature).is_ok())
    }

    /// The name of the signing key.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

/// HMAC-SHA-256. The key has the length of a digest, so every length of message and key will do.
fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    use hmac::Mac;
    let Ok(mac) = <hmac::Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else {
        workflow::bug!("a key of 32 bytes is no key")
    };
    mac.chain_update(message).finalize().into_bytes().into()
}

/// Reads a file that is for its owner alone; one that others can read or write is no secret any longer.
fn read_private(path: &Path) -> io::Result<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata()?.permissions().mode() & 0o777;
    let for_others = mode & 0o077;
    if for_others == 0 {
        return std::fs::read_to_string(path);
    }
    let sentence = format!("others may use it, its mode is {mode:04o}; see who did, then make it 0600");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, sentence))
}

fn secret() -> [u8; 32] {
    let mut secret = [0; 32];
    fill(&mut secret);
    secret
}

fn corrupt(operation: &str) -> PortError {
    PortError::new("sealer", operation, Kind::Corrupt)
}

#[async_trait]
impl ports::Sealer for Keys {
    async fn seal(&self, token: &str, context: TokenContext) -> PortResult<String> {
        let mut nonce = [0; NONCE_BYTES];
        fill(&mut nonce);
        let aad = format!("{}{}", self.epoch, context.as_text());
        let payload = Payload { msg: token.as_bytes(), aad: aad.as_bytes() };
        let sealed = self.seal.encrypt(&Nonce::from(nonce), payload).map_err(|_| corrupt("seal a token"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    async fn open(&self, sealed: &str, context: TokenContext) -> PortResult<String> {
        let damaged = || corrupt("open a sealed token");
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| damaged())?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let aad = format!("{}{}", self.epoch, context.as_text());
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        let token = self.seal.decrypt(&Nonce::from(*nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(token).map_err(|_| damaged())
    }

    async fn sign(&self, message: &[u8]) -> PortResult<Signature> {
        Ok(Signature { key_id: self.key_id.clone(), bytes: self.signing.sign(message).to_bytes().to_vec() })
    }

    async fn mac(&self, message: &[u8]) -> PortResult<[u8; 32]> {
        Ok(hmac(&self.mac, message))
    }

    async fn public_key(&self) -> PortResult<String> {
        Ok(self.public_key.clone())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::pkcs8::DecodePublicKey;
    use ed25519_dalek::{Verifier, VerifyingKey};
    use workflow::domain::id::RequestId;
    use workflow::ports::Sealer as _;

    use super::*;

    fn keys() -> (tempfile::TempDir, Keys) {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path().join("drafts"), None).unwrap();
        Keys::create(&folder.path().join("keys"), &disk).unwrap();
        let keys = Keys::open(&folder.path().join("keys")).unwrap();
        Keys::create(&folder.path().join("keys"), &disk).unwrap();
        assert_eq!(Keys::open(&folder.path().join("keys")).unwrap().key_id(), keys.key_id());
        (folder, keys)
    }

    fn context(run: u32) -> TokenContext {
        TokenContext { request: RequestId::new(uuid::Uuid::from_u128(1)), run }
    }

    #[tokio::test]
    async fn a_token_opens_under_its_own_context_only() {
        let (_folder, keys) = keys();
        let sealed = keys.seal("token", context(1)).await.unwrap();
        assert_ne!(sealed, keys.seal("token", context(1)).await.unwrap());
        assert_eq!(keys.open(&sealed, context(1)).await.unwrap(), "token");
        assert_eq!(keys.open(&sealed, context(2)).await.unwrap_err().kind, Kind::Corrupt);
        for damaged in ["", "x", &sealed[1..], &format!("{sealed}AA")] {
            assert_eq!(keys.open(damaged, context(1)).await.unwrap_err().kind, Kind::Corrupt);
        }
    }

    #[tokio::test]
    async fn a_signature_is_good_under_the_public_key_and_names_it() {
        let (_folder, keys) = keys();
        let signature = keys.sign(b"statement").await.unwrap();
        let public = VerifyingKey::from_public_key_pem(&keys.public_key().await.unwrap()).unwrap();
        let bytes: [u8; 64] = signature.bytes.try_into().unwrap();
        public.verify(b"statement", &bytes.into()).unwrap();
        assert_eq!(signature.key_id, keys.key_id());
    }

    #[test]
    fn keys_are_for_their_owner_alone_and_a_missing_one_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, _) = keys();
        let keys = folder.path().join("keys");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&keys), mode(&keys.join(SEAL_KEY)), mode(&keys.join(SIGNING_KEY))), (0o700, 0o600, 0o600));
        std::fs::remove_file(keys.join(SEAL_KEY)).unwrap();
        assert!(Keys::open(&keys).unwrap_err().to_string().contains(SEAL_KEY));
    }
}
