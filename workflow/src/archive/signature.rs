//! Checks a signature against a public key, of the two kinds that houses sign with.

use ed25519_dalek::pkcs8::DecodePublicKey as _;
use p256::ecdsa::signature::Verifier as _;

/// Tells why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key is neither an Ed25519 nor an ECDSA P-256 public key in PEM form.
    #[error("the key is not an Ed25519 or ECDSA P-256 public key in PEM form")]
    UnknownKey,
    /// The signature was not made over these bytes with the other half of this key.
    #[error("the signature was not made with this key")]
    Mismatch,
}

/// Checks that `signature` was made over `message` with the other half of the key `key_pem`.
///
/// Ed25519 signatures are 64 bytes; ECDSA P-256 signatures (over SHA-256) are DER.
pub fn verify_signature(key_pem: &str, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(key_pem) {
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| SignatureError::Mismatch)?;
        return key.verify_strict(message, &signature).map_err(|_| SignatureError::Mismatch);
    }
    let key = p256::ecdsa::VerifyingKey::from_public_key_pem(key_pem).map_err(|_| SignatureError::UnknownKey)?;
    let signature = p256::ecdsa::Signature::from_der(signature).map_err(|_| SignatureError::Mismatch)?;
    key.verify(message, &signature).map_err(|_| SignatureError::Mismatch)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::Signer as _;
    use p256::pkcs8::{EncodePublicKey as _, LineEnding};

    use super::*;

    #[test]
    fn both_kinds_of_key_accept_their_signature_and_nothing_else() {
        let edwards = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let edwards_pem = edwards.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
        let edwards_signature = edwards.sign(b"message").to_bytes().to_vec();
        let weierstrass = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let weierstrass_pem = weierstrass.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
        let signed: p256::ecdsa::Signature = weierstrass.sign(b"message");
        let weierstrass_signature = signed.to_der().as_bytes().to_vec();

        for (pem, own, other) in [
            (&edwards_pem, &edwards_signature, &weierstrass_signature),
            (&weierstrass_pem, &weierstrass_signature, &edwards_signature),
        ] {
            assert_eq!(verify_signature(pem, b"message", own), Ok(()));
            assert_eq!(verify_signature(pem, b"massage", own), Err(SignatureError::Mismatch));
            assert_eq!(verify_signature(pem, b"message", other), Err(SignatureError::Mismatch));
            assert_eq!(verify_signature(pem, b"message", b""), Err(SignatureError::Mismatch));
        }
        assert_eq!(verify_signature("no key", b"message", &edwards_signature), Err(SignatureError::UnknownKey));
    }
}
