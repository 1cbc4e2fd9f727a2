//! Which part of a file is asked for.

use axum::http::HeaderMap;
use axum::http::header::{IF_RANGE, RANGE};

/// What is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// All of so many bytes.
    Whole(u64),
    /// One stretch of it.
    Part { from: u64, length: u64 },
}

impl Range {
    /// Where it begins, and how long it is.
    pub(super) fn span(self) -> (u64, u64) {
        match self {
            Self::Whole(size) => (0, size),
            Self::Part { from, length } => (from, length),
        }
    }
}

/// There are no bytes in the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsatisfiable;

/// Chooses what to send. A range that cannot be read, several ranges, or one of another version of the file count as
/// none: everything is sent.
pub(super) fn choose(headers: &HeaderMap, tag: &str, size: u64) -> Result<Range, Unsatisfiable> {
    let is_same = headers.get(IF_RANGE).is_none_or(|value| value.as_bytes() == tag.as_bytes());
    let asked = headers.get(RANGE).filter(|_| is_same).and_then(|value| value.to_str().ok());
    match asked.and_then(|text| text.trim().strip_prefix("bytes=")) {
        Some(text) if !text.contains(',') => read(text, size),
        _ => Ok(Range::Whole(size)),
    }
}

fn read(text: &str, size: u64) -> Result<Range, Unsatisfiable> {
    let Some((from, last)) = text.split_once('-') else { return Ok(Range::Whole(size)) };
    let part = |from: u64, last: u64| {
        let end = last.saturating_add(1).min(size);
        if from < end { Ok(Range::Part { from, length: end - from }) } else { Err(Unsatisfiable) }
    };
    match (number(from), number(last)) {
        (Some(from), Some(last)) if from <= last => part(from, last),
        (Some(from), None) if last.trim().is_empty() => part(from, u64::MAX - 1),
        (None, Some(last)) if from.trim().is_empty() => {
            part(size.saturating_sub(last), if last == 0 { 0 } else { u64::MAX - 1 })
        }
        _ => Ok(Range::Whole(size)),
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(range: &str) -> Result<Range, Unsatisfiable> {
        choose(&HeaderMap::from_iter([(RANGE, range.parse().unwrap())]), "\"t\"", 10)
    }

    #[test]
    fn one_range_is_read_as_it_is_meant() {
        for (range, from, length) in [
            ("bytes=0-0", 0, 1),
            ("bytes=2-5", 2, 4),
            ("bytes=7-", 7, 3),
            ("bytes=7-99", 7, 3),
            ("bytes=-4", 6, 4),
            ("bytes=-99", 0, 10),
            ("bytes=0-18446744073709551615", 0, 10),
        ] {
            assert_eq!(chosen(range), Ok(Range::Part { from, length }), "{range}");
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_refused() {
        for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(chosen(range), Err(Unsatisfiable), "{range}");
        }
    }

    #[test]
    fn what_is_no_range_of_ours_gets_everything() {
        for range in ["bytes=5-2", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes=", "bytes=+1-2", "bytes=1"] {
            assert_eq!(chosen(range), Ok(Range::Whole(10)), "{range}");
        }
    }

    #[test]
    fn a_part_is_only_of_the_file_that_the_caller_has_begun() {
        let with = |tag: &str| {
            let headers = [(RANGE, "bytes=2-".parse().unwrap()), (IF_RANGE, tag.parse().unwrap())];
            choose(&HeaderMap::from_iter(headers), "\"t\"", 10)
        };
        assert_eq!(with("\"t\""), Ok(Range::Part { from: 2, length: 8 }));
        assert_eq!(with("\"other\""), Ok(Range::Whole(10)));
        assert_eq!(with("W/\"t\""), Ok(Range::Whole(10)));
    }
}
