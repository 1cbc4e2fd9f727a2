//! How sizes, instants, names and digests are shown.

#![allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass what they show by reference")]

use std::fmt::{self, Write};

use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_security::MixedScript;

/// Bytes, in the largest unit that leaves three digits or fewer.
pub(crate) fn bytes(count: &u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if *count < 1024 {
        return format!("{count} B");
    }
    let mut tenths = u128::from(*count) * 10 / 1024;
    let mut unit = "KiB";
    for larger in UNITS.into_iter().skip(1) {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1024;
        unit = larger;
    }
    if tenths < 100 { format!("{}.{} {unit}", tenths / 10, tenths % 10) } else { format!("{} {unit}", tenths / 10) }
}

/// A count with its thousands apart.
pub(crate) fn count(number: &u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A count of something, in words: `1 file`, `3 files`.
pub(crate) fn counted(number: &u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if *number == 1 { one } else { many })
}

/// The first characters of a digest, enough to tell it from another at a glance.
pub(crate) fn short(digest: &str) -> String {
    let hex = digest.rsplit(':').next().unwrap_or(digest);
    hex.chars().take(12).collect()
}

/// An instant as a `time` element, in Coordinated Universal Time.
pub(crate) fn instant(at: &Timestamp) -> Instant {
    Instant(*at)
}

/// An instant as a `time` element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Instant(Timestamp);

impl HtmlSafe for Instant {}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zoned = self.0.to_zoned(TimeZone::UTC);
        write!(
            f,
            "<time datetime=\"{}\">{}</time>",
            zoned.strftime("%Y-%m-%dT%H:%M:%SZ"),
            zoned.strftime("%-d %b %Y, %H:%M UTC")
        )
    }
}

/// The day of an instant, for lists; the instant itself is in its title.
pub(crate) fn day(at: &Timestamp) -> Day {
    Day(*at)
}

/// A day as a `time` element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(Timestamp);

impl HtmlSafe for Day {}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zoned = self.0.to_zoned(TimeZone::UTC);
        write!(
            f,
            "<time datetime=\"{}\" title=\"{}\">{}</time>",
            zoned.strftime("%Y-%m-%dT%H:%M:%SZ"),
            zoned.strftime("%-d %b %Y, %H:%M UTC"),
            zoned.strftime("%-d %b %Y")
        )
    }
}

/// A name or text of somebody else's, in which nothing can hide: what is invisible, or turns the direction of writing,
/// is shown as its code point.
pub(crate) fn name(text: &str) -> Name<'_> {
    Name(text)
}

/// A text that is escaped for HTML, with everything invisible made visible.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name<'a>(&'a str);

impl HtmlSafe for Name<'_> {}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&#38;")?,
                '<' => f.write_str("&#60;")?,
                '>' => f.write_str("&#62;")?,
                '"' => f.write_str("&#34;")?,
                '\'' => f.write_str("&#39;")?,
                hidden if is_hidden(hidden) => {
                    write!(f, "<span class=\"codepoint\">U+{:04X}</span>", u32::from(hidden))?;
                }
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

/// Whether a character is not seen, or changes how its neighbours are seen.
fn is_hidden(character: char) -> bool {
    let is_blank = character.is_whitespace() && !matches!(character, ' ' | '\n' | '\t' | '\r');
    let is_control = character.is_control() && !matches!(character, '\n' | '\t' | '\r');
    let is_format = matches!(u32::from(character),
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
        | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFC | 0x1BCA0..=0x1BCA3
        | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF);
    is_blank || is_control || is_format
}

/// Whether one part of a name mixes scripts, as a name does that is made to look like another.
pub(crate) fn is_mixed(path: &str) -> bool {
    path.split(['/', '.', '_', '-', ' ']).any(|part| !part.is_single_script())
}

/// A refusal as it is told to somebody who tried nothing: without what became of the try.
pub(crate) fn untried(sentence: &str) -> &str {
    let sentence = sentence.trim_end();
    let ends = [" Nothing was recorded.", " Nothing was changed.", " Nothing was granted.", " Nothing was counted."];
    ends.iter().find_map(|end| sentence.strip_suffix(end)).unwrap_or(sentence)
}

/// Whom a policy names, in words: a group, or the requester.
pub(crate) fn whom(role: &str) -> String {
    match role.split_once(':') {
        Some(("group", group)) => format!("members of {group}"),
        _ if role == "requester" => "the requester".to_owned(),
        _ => role.to_owned(),
    }
}

/// What becomes of files that were not released, as a clause: for how long they are kept is told by the policy.
pub(crate) fn disposed(kept_for: &str) -> String {
    if kept_for.starts_with("0 ") { "deleted at once".to_owned() } else { format!("kept for {kept_for}, then deleted") }
}

/// A value for the query of an address.
pub(crate) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_or_fewer() {
        let shown = [0, 1023, 1024, 1536, 10_240, 1_048_575, 1_048_576, 5 << 30].map(|size| bytes(&size));
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "10 KiB", "1023 KiB", "1.0 MiB", "5.0 GiB"]);
    }

    #[test]
    fn files_that_are_kept_for_no_time_are_deleted_at_once() {
        assert_eq!(["0 days", "14 days"].map(disposed), ["deleted at once", "kept for 14 days, then deleted"]);
        assert_eq!(["requester", "group:IG"].map(whom), ["the requester", "members of IG"]);
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(|number| count(&number)), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(&1, "file", "files"), "1 file");
    }

    #[test]
    fn nothing_hides_in_a_name() {
        assert_eq!(name("a\u{202E}b").to_string(), "a<span class=\"codepoint\">U+202E</span>b");
        assert_eq!(name("<b a=\"'&\">").to_string(), "&#60;b a=&#34;&#39;&#38;&#34;&#62;");
        for hidden in ['\u{0}', '\u{200B}', '\u{2028}', '\u{A0}', '\u{FEFF}', '\u{E0041}', '\u{2066}', '\u{1B}'] {
            assert!(name(&hidden.to_string()).to_string().contains("codepoint"), "{:x}", u32::from(hidden));
        }
        assert_eq!(name("Ärzte 表.csv").to_string(), "Ärzte 表.csv");
    }

    #[test]
    fn a_name_that_borrows_a_letter_is_marked() {
        assert!(is_mixed("results/rep\u{43E}rt.csv"));
        assert!(!is_mixed("results/report.csv"));
        assert!(!is_mixed("données/отчёт.csv"));
    }

    #[test]
    fn an_instant_is_read_by_people_and_machines() {
        let at: Timestamp = "2026-11-22T09:05:00Z".parse().unwrap();
        assert_eq!(instant(&at).to_string(), "<time datetime=\"2026-11-22T09:05:00Z\">22 Nov 2026, 09:05 UTC</time>");
    }

    #[test]
    fn a_value_in_an_address_cannot_leave_its_place() {
        assert_eq!(encode("a b&c=/?#é"), "a%20b%26c%3D%2F%3F%23%C3%A9");
    }
}
