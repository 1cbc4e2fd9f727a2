//! Digests of bytes, with their kind.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::text::BadText;

/// The digest of some bytes. Two digests of different kinds are never equal, also when the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Digest {
    /// SHA-256 of the bytes: `sha256:<64 hex digits>`.
    Sha256([u8; 32]),
    /// SHA-256 of the concatenated SHA-256 of parts of `part_size` bytes, as S3 computes it for objects above its
    /// single-copy limit: `sha256-parts(<size>):<64 hex digits>`.
    Sha256Parts {
        /// Bytes of every part but the last.
        part_size: u64,
        /// The digest of the parts' digests.
        digest: [u8; 32],
    },
}

impl Digest {
    /// Computes the SHA-256 of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self::Sha256(Sha256::digest(bytes).into())
    }

    /// The 64 hex digits without the kind.
    pub fn hex(&self) -> String {
        match self {
            Self::Sha256(digest) | Self::Sha256Parts { digest, .. } => hex::encode(digest),
        }
    }
}

/// Computes the SHA-256 of a value's canonical JSON (RFC 8785).
///
/// Every type of the domain has a canonical form: none holds a number that is not an integer below 2^53.
pub fn of_canonical<T: Serialize>(value: &T) -> Digest {
    match crate::canonical::canonical(value) {
        Ok(bytes) => Digest::of(&bytes),
        Err(error) => crate::bug!("a domain value has no canonical form: {error}"),
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(_) => write!(f, "sha256:{}", self.hex()),
            Self::Sha256Parts { part_size, .. } => write!(f, "sha256-parts({part_size}):{}", self.hex()),
        }
    }
}

impl FromStr for Digest {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        // One digest has one text: no upper-case digits, no sizes with leading zeros.
        parse(text).filter(|digest| digest.to_string() == text).ok_or_else(|| {
            let form = "is not of the form sha256:<64 hex digits> or sha256-parts(<size>):<64 hex digits>";
            BadText::new("the digest", form)
        })
    }
}

fn parse(text: &str) -> Option<Digest> {
    let (kind, digits) = text.split_once(':')?;
    let mut digest = [0; 32];
    hex::decode_to_slice(digits, &mut digest).ok()?;
    if kind == "sha256" {
        return Some(Digest::Sha256(digest));
    }
    let part_size: u64 = kind.strip_prefix("sha256-parts(")?.strip_suffix(')')?.parse().ok()?;
    (part_size > 0).then_some(Digest::Sha256Parts { part_size, digest })
}

impl TryFrom<String> for Digest {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_round_trip_with_their_kind() {
        let plain = Digest::of(b"abc");
        assert_eq!(plain.to_string(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(plain.to_string().parse::<Digest>().unwrap(), plain);
        let parts = Digest::Sha256Parts { part_size: 8_388_608, digest: [7; 32] };
        assert_eq!(parts.to_string().parse::<Digest>().unwrap(), parts);
        assert!("md5:00".parse::<Digest>().is_err());
    }
}
