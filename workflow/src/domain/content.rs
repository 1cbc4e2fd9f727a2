//! What a file holds, told by its first bytes: a name says nothing.

/// How many first bytes are enough to tell.
pub const HEAD_BYTES: u64 = 512;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// Characters, as far as its beginning says: tables and markup, too.
    Text,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A GIF picture.
    Gif,
    /// A WebP picture.
    Webp,
    /// A PDF document.
    Pdf,
    /// A zip archive, as documents and spreadsheets are.
    Zip,
    /// Compressed in a way that hides what is in it.
    Compressed,
    /// Something that runs.
    Program,
    /// Other bytes.
    Other,
}

impl Content {
    /// Tells what a file of `size` bytes holds by its first bytes.
    pub fn of(head: &[u8], size: u64) -> Self {
        match head {
            [] if size == 0 => Self::Empty,
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Self::Png,
            [0xFF, 0xD8, 0xFF, ..] => Self::Jpeg,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Self::Zip,
            [0x1F, 0x8B, ..] | [b'B', b'Z', b'h', ..] | [0xFD, b'7', b'z', ..] | [b'7', b'z', 0xBC, 0xAF, ..] => {
                Self::Compressed
            }
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Self::Compressed,
            [0x7F, b'E', b'L', b'F', ..] | [b'M', b'Z', ..] if !is_text(head, size) => Self::Program,
            _ if is_text(head, size) => Self::Text,
            _ => Self::Other,
        }
    }
}

/// UTF-8 without control characters but line breaks and tabs. A beginning may end within a character.
fn is_text(head: &[u8], size: u64) -> bool {
    let is_whole = u64::try_from(head.len()).is_ok_and(|length| length >= size);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if !is_whole && error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        let known: [(&[u8], Content); 12] = [
            (b"", Content::Empty),
            (b"a,b\n1,2\n", Content::Text),
            ("naïve".as_bytes(), Content::Text),
            (b"<script>", Content::Text),
            (b"MZ is how this sentence begins", Content::Text),
            (b"\x89PNG\r\n\x1a\n", Content::Png),
            (b"%PDF-1.7\0", Content::Pdf),
            (b"PK\x03\x04", Content::Zip),
            (b"\x1f\x8b\x08", Content::Compressed),
            (b"\x7fELF\x02\x01", Content::Program),
            (b"MZ\x90\x00", Content::Program),
            (b"a\0b", Content::Other),
        ];
        for (bytes, content) in known {
            assert_eq!(Content::of(bytes, bytes.len() as u64), content, "{bytes:?}");
        }
    }

    #[test]
    fn a_beginning_may_end_within_a_character() {
        let cut = &"aé".as_bytes()[..2];
        assert_eq!((Content::of(cut, 3), Content::of(cut, 2)), (Content::Text, Content::Other));
    }
}
