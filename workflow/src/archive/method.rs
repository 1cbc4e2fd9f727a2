//! Chooses between storing and deflating a file, once, when the plan is made.

use libdeflater::{CompressionLvl, Compressor};
use serde::{Deserialize, Serialize};

/// How much of a file's beginning is worth passing to [`Method::choose`]. More is ignored.
pub const SAMPLE_BYTES: usize = 32 * 1024;

/// Bytes per block: what is read, deflated and held in memory at once. A file up to this size is one block.
pub const BLOCK_BYTES: u64 = 4 * 1024 * 1024;

/// For what fits one block (libdeflate): a better ratio than the usual zlib 6 at a third of its cost.
const WHOLE_LEVEL: u8 = 6;
/// For blocks of larger files (zlib-rs): nearly the ratio of its level 6 at nearly twice the speed.
const BLOCK_LEVEL: u8 = 3;

/// How the bytes of a member are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// As they are.
    Store,
    /// Deflated at a level from 1 to 9. What does not shrink is stored all the same.
    Deflate(u8),
}

impl Method {
    /// Chooses for a file by its size, its first [`SAMPLE_BYTES`] where the caller has them, and its name where not.
    ///
    /// A kind that is compressed already is stored; of the rest, what a trial does not bring under 95 % is stored.
    /// The same arguments always choose the same.
    pub fn choose(path: &str, size: u64, sample: Option<&[u8]>) -> Self {
        let shrinks = match sample {
            _ if size == 0 => false,
            Some(sample) => {
                let sample = sample.get(..SAMPLE_BYTES).unwrap_or(sample);
                !is_compressed_kind(sample) && trial_shrinks(sample)
            }
            None => !has_compressed_extension(path),
        };
        if !shrinks {
            return Self::Store;
        }
        Self::Deflate(if size <= BLOCK_BYTES { WHOLE_LEVEL } else { BLOCK_LEVEL })
    }

    /// Chooses for a document of our own, which is text.
    pub(super) fn for_document(size: u64) -> Self {
        Self::choose("", size, None)
    }
}

/// Where a kind is known by its first bytes: how many to skip, and what follows.
const COMPRESSED_KINDS: &[(usize, &[u8])] = &[
    (0, b"PK\x03\x04"),         // zip, and all that is made of it
    (0, b"PK\x05\x06"),         // an empty zip
    (0, b"\x1f\x8b"),           // gzip
    (0, b"BZh"),                // bzip2
    (0, b"\xfd7zXZ\0"),         // xz
    (0, b"\x28\xb5\x2f\xfd"),   // zstd
    (0, b"\x04\x22\x4d\x18"),   // lz4
    (0, b"7z\xbc\xaf\x27\x1c"), // 7z
    (0, b"Rar!\x1a\x07"),       // rar
    (0, b"\x89PNG\r\n\x1a\n"),  // png
    (0, b"\xff\xd8\xff"),       // jpeg
    (0, b"GIF8"),               // gif
    (8, b"WEBP"),               // webp
    (4, b"ftyp"),               // mp4, mov, heic, avif
    (0, b"ID3"),                // mp3 with tags
    (0, b"\xff\xfb"),           // mp3 without
    (0, b"OggS"),               // ogg
    (0, b"fLaC"),               // flac
    (0, b"\x1a\x45\xdf\xa3"),   // matroska, webm
    (0, b"PAR1"),               // parquet
    (0, b"ORC"),                // orc
    (0, b"Obj\x01"),            // avro
];

fn is_compressed_kind(sample: &[u8]) -> bool {
    COMPRESSED_KINDS.iter().any(|(skip, magic)| sample.get(*skip..).is_some_and(|rest| rest.starts_with(magic)))
}

const COMPRESSED_EXTENSIONS: &[&str] = &[
    "7z", "avif", "avro", "bz2", "docx", "flac", "gif", "gz", "heic", "jar", "jpeg", "jpg", "lz4", "mkv", "mov", "mp3",
    "mp4", "odp", "ods", "odt", "ogg", "orc", "parquet", "png", "pptx", "rar", "tgz", "webm", "webp", "xlsx", "xz",
    "zip", "zst",
];

fn has_compressed_extension(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    last.rsplit_once('.').is_some_and(|(_, extension)| {
        COMPRESSED_EXTENSIONS.binary_search(&extension.to_ascii_lowercase().as_str()).is_ok()
    })
}

fn trial_shrinks(sample: &[u8]) -> bool {
    // Level 0 would only store.
    let Ok(level) = CompressionLvl::new(1) else { return false };
    let mut compressor = Compressor::new(level);
    let mut out = vec![0; compressor.deflate_compress_bound(sample.len())];
    let Ok(shrunk) = compressor.deflate_compress(sample, &mut out) else { return false };
    shrunk * 100 < sample.len() * 95
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::testing::noise;

    #[test]
    fn text_is_deflated_and_noise_is_stored() {
        let text = "age,sex,outcome\n".repeat(1_000);
        assert_eq!(Method::choose("a.csv", 16_000, Some(text.as_bytes())), Method::Deflate(WHOLE_LEVEL));
        assert_eq!(Method::choose("a.csv", BLOCK_BYTES + 1, Some(text.as_bytes())), Method::Deflate(BLOCK_LEVEL));
        assert_eq!(Method::choose("a.csv", 16_000, Some(&noise(16_000))), Method::Store);
    }

    #[test]
    fn a_compressed_kind_is_stored_even_where_its_beginning_would_shrink() {
        for (skip, magic) in COMPRESSED_KINDS {
            let mut sample = vec![0; *skip];
            sample.extend_from_slice(magic);
            sample.resize(10_000, b' ');
            assert_eq!(Method::choose("x", 10_000, Some(&sample)), Method::Store, "{magic:?}");
        }
    }

    #[test]
    fn without_a_sample_the_name_decides() {
        assert!(COMPRESSED_EXTENSIONS.is_sorted());
        assert_eq!(Method::choose("plots/a.PNG", 9, None), Method::Store);
        assert_eq!(Method::choose("png/table", 9, None), Method::Deflate(WHOLE_LEVEL));
    }

    #[test]
    fn an_empty_file_is_stored() {
        assert_eq!(Method::choose("a.csv", 0, Some(b"")), Method::Store);
        assert_eq!(Method::choose("a.csv", 0, None), Method::Store);
    }
}
