//! The contract of [`Sealer`].

use workflow::ports::sealer::TokenContext;
use workflow::ports::{Kind, Sealer};

use crate::builders::request_id;

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("sealer.rs");

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! sealer_contract {
    ($make:path) => {
        $crate::contract!(
            sealer,
            $make,
            [
                what_was_sealed_opens_under_its_own_context,
                a_sealed_token_says_nothing_about_the_token,
                what_was_sealed_opens_under_no_other_context,
                what_was_changed_does_not_open,
                one_key_signs_and_its_public_half_is_told,
                a_code_is_the_same_for_one_message_and_another_for_any_other,
            ]
        );
    };
}

const TOKEN: &str = "AQCEAAAAKgAAAAMAAAAAAAAAAcX-a-task-token-of-some-length/+=";

/// Also a token of many kilobytes: engines make them long.
pub async fn what_was_sealed_opens_under_its_own_context(sealer: &dyn Sealer) {
    for token in [TOKEN.to_owned(), String::new(), "x".repeat(3_000)] {
        let closed = sealer.seal(&token, context(1, 1)).await.unwrap();
        assert_eq!(sealer.open(&closed, context(1, 1)).await.unwrap(), token);
    }
}

/// Whoever reads the row learns neither the token nor that two are the same.
pub async fn a_sealed_token_says_nothing_about_the_token(sealer: &dyn Sealer) {
    let one = sealer.seal(TOKEN, context(1, 1)).await.unwrap();
    let other = sealer.seal(TOKEN, context(1, 1)).await.unwrap();
    assert_ne!(one, other);
    assert!(!one.contains(&TOKEN[..16]));
}

/// A token copied to another request's row wakes nothing.
pub async fn what_was_sealed_opens_under_no_other_context(sealer: &dyn Sealer) {
    let closed = sealer.seal(TOKEN, context(1, 1)).await.unwrap();
    for other in [context(2, 1), context(1, 2), context(1, 11)] {
        assert_eq!(sealer.open(&closed, other).await.unwrap_err().kind, Kind::Corrupt, "{}", other.as_text());
    }
}

/// Wherever it was changed, and also where it never was sealed.
pub async fn what_was_changed_does_not_open(sealer: &dyn Sealer) {
    let closed = sealer.seal(TOKEN, context(1, 1)).await.unwrap();
    let middle = closed.len() / 2;
    for place in [0, 1, middle, closed.len() - 3] {
        let mut changed = closed.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(sealer.open(&changed, context(1, 1)).await.unwrap_err().kind, Kind::Corrupt, "at {place}");
    }
    for nonsense in ["", TOKEN, &closed[..middle], &format!("{closed}{closed}")] {
        assert_eq!(sealer.open(nonsense, context(1, 1)).await.unwrap_err().kind, Kind::Corrupt, "{nonsense}");
    }
}

/// A stranger can check a signature with what the house tells them.
pub async fn one_key_signs_and_its_public_half_is_told(sealer: &dyn Sealer) {
    let (one, other) = (sealer.sign(b"one").await.unwrap(), sealer.sign(b"other").await.unwrap());
    assert_eq!(one.key_id, other.key_id);
    assert!(!one.key_id.is_empty());
    assert_ne!(one.bytes, other.bytes);
    let pem = sealer.public_key().await.unwrap();
    assert!(is_signed(&pem, b"one", &one.bytes) && is_signed(&pem, b"other", &other.bytes));
    assert!(!is_signed(&pem, b"other", &one.bytes));
}

fn is_signed(pem: &str, message: &[u8], signature: &[u8]) -> bool {
    use ed25519_dalek::Verifier as _;
    use ed25519_dalek::pkcs8::DecodePublicKey as _;

    if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(pem) {
        return key.verify(message, &ed25519_dalek::Signature::from_slice(signature).unwrap()).is_ok();
    }
    let key = p256::ecdsa::VerifyingKey::from_public_key_pem(pem).unwrap();
    key.verify(message, &p256::ecdsa::Signature::from_der(signature).unwrap()).is_ok()
}

fn context(request: u64, run: u32) -> TokenContext {
    TokenContext { request: request_id(request), run }
}

/// Also an empty message has one.
pub async fn a_code_is_the_same_for_one_message_and_another_for_any_other(sealer: &dyn Sealer) {
    let code = sealer.mac(b"seen").await.unwrap();
    assert_eq!(sealer.mac(b"seen").await.unwrap(), code);
    for other in [&b""[..], b"seem", b"seen ", b"see"] {
        assert_ne!(sealer.mac(other).await.unwrap(), code);
    }
}
