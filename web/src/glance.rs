//! What can be seen of a file: text, a table, an image, or bytes that no eye can judge.

mod table;

use table::Table;

/// Lines of text that are shown.
const LINES: usize = 400;
/// Characters of a line that are shown.
const LINE_CHARACTERS: usize = 500;
/// Bytes that are shown as numbers.
const BYTES: usize = 256;

/// What can be seen of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Glance {
    /// Nothing is in it.
    Empty,
    /// Rows and columns.
    Table(Table),
    /// Lines; and whether there are more.
    Text(Vec<String>, bool),
    /// A picture, of that kind.
    Image(&'static str),
    /// Bytes, in rows of sixteen as numbers and as letters.
    Bytes(Vec<(String, String)>),
}

/// Looks at the beginning of a file. What it is, its bytes say; only a table is told from other text by its name. Whole
/// numbers below `small` are marked in a table.
pub(crate) fn glance(path: &str, (head, is_whole): (&[u8], bool), small: u64) -> Glance {
    if head.is_empty() {
        return Glance::Empty;
    }
    if let Some(kind) = image(head) {
        return Glance::Image(kind);
    }
    let Some(text) = text(head, is_whole) else {
        return Glance::Bytes(dump(head));
    };
    let path = path.to_lowercase();
    let is_table = [".csv", ".tsv", ".tab", ".psv"].iter().any(|ending| path.ends_with(ending));
    match is_table.then(|| Table::read(text, is_whole, small)).flatten() {
        Some(table) => Glance::Table(table),
        None => lines(text, is_whole),
    }
}

fn image(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some("PNG"),
        [0xFF, 0xD8, 0xFF, ..] => Some("JPEG"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("GIF"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("WebP"),
        _ => None,
    }
}

/// The head as text, if it is UTF-8 without control bytes. A character that the end cuts is left out.
fn text(head: &[u8], is_whole: bool) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && !is_whole => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let is_text = !text.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C));
    is_text.then(|| text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

fn lines(text: &str, is_whole: bool) -> Glance {
    let shown = text.lines().take(LINES).map(|line| cut(line, LINE_CHARACTERS)).collect();
    Glance::Text(shown, !is_whole || text.lines().nth(LINES).is_some())
}

/// At most so many characters, with a sign where something was left out.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn dump(head: &[u8]) -> Vec<(String, String)> {
    let head = head.get(..BYTES).unwrap_or(head);
    let row = |bytes: &[u8]| {
        let numbers: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let letter = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { '·' };
        (numbers.join(" "), bytes.iter().map(letter).collect())
    };
    head.chunks(16).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        assert_eq!(glance("a.csv", (b"\x89PNG\r\n\x1a\n....", true), 10), Glance::Image("PNG"));
        assert_eq!(glance("a.png", (b"<script>", true), 10), Glance::Text(vec!["<script>".to_owned()], false));
        assert!(matches!(glance("a.txt", (b"MZ\x00\x01", true), 10), Glance::Bytes(_)));
        assert!(matches!(glance("a.csv", (b"a,b\n1,2\n", true), 10), Glance::Table(_)));
        assert_eq!(glance("a.csv", (b"", true), 10), Glance::Empty);
    }

    #[test]
    fn a_character_that_the_end_cuts_is_left_out() {
        let cut = &"aé".as_bytes()[..2];
        assert_eq!(glance("a.txt", (cut, false), 10), Glance::Text(vec!["a".to_owned()], true));
        assert!(matches!(glance("a.txt", (cut, true), 10), Glance::Bytes(_)));
    }
}
