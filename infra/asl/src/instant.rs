//! Instants as the States Language writes them: RFC 3339 with a capital `T`, and a capital `Z` or an offset.

use jiff::Timestamp;

pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let zoned = time.ends_with('Z') || time.rfind(['+', '-']).is_some_and(|at| at >= 8);
    let plain = |c: char| c.is_ascii_digit() || "-:.+".contains(c);
    if date.len() != 10 || !zoned || !time.trim_end_matches('Z').chars().all(plain) {
        return None;
    }
    text.parse().ok()
}

/// Writes an instant the way the context object does: milliseconds and `Z`.
pub(crate) fn show(at: Timestamp) -> String {
    format!("{at:.3}")
}
