//! Digests of a file's content, computed in one pass that can be put down and taken up again.

use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256};

use crate::domain::digest::Digest;

impl Digest {
    /// Computes the digest of bytes in memory, of the same kind as this one.
    pub(super) fn same_kind_of(&self, bytes: &[u8]) -> Self {
        let mut hasher = ContentHasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }
}

/// Computes a content digest piece by piece.
#[derive(Clone)]
pub(super) struct ContentHasher {
    current: Sha256,
    parts: Option<Parts>,
}

#[derive(Clone)]
struct Parts {
    part_size: u64,
    filled: u64,
    digests: Sha256,
    finished: u64,
}

/// A content hasher between two calls. It can hold up to 63 bytes of the content and is kept as guarded as the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SavedHash {
    current: SavedSha256,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<SavedParts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SavedParts {
    filled: u64,
    digests: SavedSha256,
    finished: u64,
}

/// A SHA-256 computation between two calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SavedSha256(String);

impl SavedSha256 {
    pub(super) fn save(hash: &Sha256) -> Self {
        Self(hex::encode(hash.serialize()))
    }

    /// Takes the computation up again; none if another version of the hash library has saved it.
    pub(super) fn restore(&self) -> Option<Sha256> {
        let bytes = hex::decode(&self.0).ok()?;
        let state = SerializedState::<Sha256>::try_from(bytes.as_slice()).ok()?;
        Sha256::deserialize(&state).ok()
    }
}

impl ContentHasher {
    /// Begins a digest of the same kind as `kind`.
    pub(super) fn new(kind: &Digest) -> Self {
        let parts = match kind {
            Digest::Sha256(_) => None,
            Digest::Sha256Parts { part_size, .. } => {
                Some(Parts { part_size: *part_size, filled: 0, digests: Sha256::new(), finished: 0 })
            }
        };
        Self { current: Sha256::new(), parts }
    }

    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        let Some(parts) = &mut self.parts else {
            self.current.update(bytes);
            return;
        };
        while !bytes.is_empty() {
            let room = usize::try_from(parts.part_size - parts.filled).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.current.update(now);
            parts.filled += now.len() as u64;
            if parts.filled == parts.part_size {
                parts.close(&mut self.current);
            }
            bytes = later;
        }
    }

    pub(super) fn finish(mut self) -> Digest {
        let Some(mut parts) = self.parts.take() else {
            return Digest::Sha256(self.current.finalize().into());
        };
        if parts.filled > 0 || parts.finished == 0 {
            parts.close(&mut self.current);
        }
        Digest::Sha256Parts { part_size: parts.part_size, digest: parts.digests.finalize().into() }
    }

    pub(super) fn save(&self) -> SavedHash {
        let parts = self.parts.as_ref().map(|parts| SavedParts {
            filled: parts.filled,
            digests: SavedSha256::save(&parts.digests),
            finished: parts.finished,
        });
        SavedHash { current: SavedSha256::save(&self.current), parts }
    }

    /// Takes a digest of the same kind as `kind` up again.
    pub(super) fn restore(kind: &Digest, saved: &SavedHash) -> Option<Self> {
        let current = saved.current.restore()?;
        let parts = match (kind, &saved.parts) {
            (Digest::Sha256(_), None) => None,
            (Digest::Sha256Parts { part_size, .. }, Some(parts)) if parts.filled < *part_size => Some(Parts {
                part_size: *part_size,
                filled: parts.filled,
                digests: parts.digests.restore()?,
                finished: parts.finished,
            }),
            _ => return None,
        };
        Some(Self { current, parts })
    }
}

impl Parts {
    fn close(&mut self, current: &mut Sha256) {
        self.digests.update(current.finalize_reset());
        self.filled = 0;
        self.finished += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(part_size: u64) -> Digest {
        Digest::Sha256Parts { part_size, digest: [0; 32] }
    }

    #[test]
    fn a_digest_of_parts_is_the_digest_of_the_parts_digests() {
        let whole: Vec<u8> = (0..100).collect();
        for part_size in [40, 50, 200] {
            let cuts = whole.chunks(usize::try_from(part_size).unwrap());
            let joined: Vec<u8> = cuts.flat_map(|cut| Sha256::digest(cut).to_vec()).collect();
            let expected = Digest::Sha256Parts { part_size, digest: Sha256::digest(&joined).into() };
            assert_eq!(parts(part_size).same_kind_of(&whole), expected, "{part_size}");
        }
    }

    #[test]
    fn a_hasher_put_down_anywhere_goes_on_as_if_never_put_down() {
        let whole: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        for kind in [Digest::Sha256([0; 32]), parts(300), parts(1_000)] {
            let straight = kind.same_kind_of(&whole);
            for cut in [0, 1, 63, 64, 65, 299, 300, 301, 999, 1_000] {
                let mut first = ContentHasher::new(&kind);
                first.update(&whole[..cut]);
                let saved = serde_json::to_string(&first.save()).unwrap();
                let mut second = ContentHasher::restore(&kind, &serde_json::from_str(&saved).unwrap()).unwrap();
                second.update(&whole[cut..]);
                assert_eq!(second.finish(), straight, "{kind} cut at {cut}");
            }
        }
    }

    #[test]
    fn only_the_one_text_of_a_digest_parses() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(parts(8).to_string().parse(), Ok(parts(8)));
        let zeros = "0".repeat(64);
        for bad in [
            digest.to_string().to_uppercase(),
            format!("sha256-parts(08):{zeros}"),
            format!("sha256-parts(0):{zeros}"),
            format!("sha512:{zeros}"),
            zeros.clone(),
            "sha256:00".to_owned(),
        ] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}
