//! How values read in a letter. Whatever somebody else wrote passes through here.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::person::Who;
use crate::domain::request::Request;
use crate::domain::text::is_invisible;

/// The longest part of a title that a subject shows.
const LONGEST_IN_SUBJECT: usize = 60;

/// Somebody else's words as one line: white space is one space, and nothing in it looks like an address to follow.
pub(super) fn one_line(words: &str) -> String {
    let line = words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = inert(&line.collect::<Vec<_>>().join(" "));
    if line.is_empty() { "(nothing)".to_owned() } else { line }
}

/// Somebody else's words, line by line.
pub(super) fn lines(words: &str) -> Vec<String> {
    let is_break = |c| matches!(c, '\n' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    words
        .trim()
        .split(is_break)
        .map(|line| if line.trim().is_empty() { String::new() } else { one_line(line) })
        .collect()
}

/// A title as a subject shows it.
pub(super) fn short(title: &str) -> String {
    let title = one_line(title);
    // INVARIANT: no text of ours or theirs can begin an encoded word of RFC 2047, which a mail programme would decode.
    let title = title.replace("=?", "= ?");
    match title.char_indices().nth(LONGEST_IN_SUBJECT) {
        Some((end, _)) => format!("{}…", title.get(..end).unwrap_or_default().trim_end()),
        None => title,
    }
}

/// Takes the life out of what mail programmes would make a link of, and drops what cannot be seen.
fn inert(words: &str) -> String {
    let seen: String = words.chars().filter(|c| !is_invisible(*c)).collect();
    let mut rest = seen.replace("://", "[:]//");
    for at in rest.to_ascii_lowercase().match_indices("www.").map(|(at, _)| at).collect::<Vec<_>>().into_iter().rev() {
        rest.replace_range(at + 3..at + 4, "[.]");
    }
    rest
}

/// An instant as people of the request's policy read it.
pub(super) fn instant(request: &Request, at: Timestamp) -> String {
    let zone = request.policy().and_then(|policy| TimeZone::get(&policy.timezone).ok()).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%A %-d %B %Y, %H:%M %Z").to_string()
}

/// A person: once, where the name is the address.
pub(super) fn person(who: &Who) -> String {
    let (name, email) = (one_line(who.name.as_str()), one_line(who.email.as_str()));
    if name == email { name } else { format!("{name} ({email})") }
}

/// A count with its noun.
pub(super) fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// Bytes, to be read and to be compared.
pub(super) fn bytes(number: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(size, _)| number >= *size) {
        Some((size, unit)) => {
            let tenths = number / (size / 10);
            format!("{}.{} {unit} ({})", tenths / 10, tenths % 10, count(number, "byte"))
        }
        None => count(number, "byte"),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_234_567), "1.2 MB (1,234,567 bytes)");
    }

    #[test]
    fn what_looks_like_a_link_is_no_link() {
        assert_eq!(
            one_line("see https://evil.example/x or WWW.evil.example"),
            "see https[:]//evil.example/x or WWW[.]evil.example"
        );
        assert_eq!(one_line("a:\u{200B}//b"), "a[:]//b");
        assert_eq!(one_line("w\u{200B}ww.\u{2028}x"), "www[.] x");
    }

    #[test]
    fn a_subject_shows_the_beginning_of_a_long_title_and_decodes_nothing() {
        assert_eq!(short(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
        assert_eq!(short("=?utf-8?q?=0D=0ABcc:?="), "= ?utf-8?q?=0D=0ABcc:?=");
    }
}
