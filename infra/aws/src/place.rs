//! Places in lists: instants as texts that sort as the instants do, with a name behind them for those of one instant.

use jiff::Timestamp;

use crate::failure::{Failure, Outcome};

const DIGITS: usize = 20;

/// An instant as a text that sorts as the instant does.
pub(crate) fn instant(at: Timestamp) -> String {
    // Nothing of ours was before 1970.
    format!("{:0DIGITS$}", at.as_nanosecond().max(0))
}

/// The second of an instant, as a table's own clock counts them.
pub(crate) fn second(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

/// The instant that a text stands for.
pub(crate) fn read_instant(text: &str) -> Outcome<Timestamp> {
    let digits = text.get(..DIGITS).unwrap_or(text);
    let nanoseconds = digits.parse().map_err(|error| Failure::damaged("an instant", error))?;
    Timestamp::from_nanosecond(nanoseconds).map_err(|error| Failure::damaged("an instant", error))
}

/// The place of something that happened at an instant.
pub(crate) fn of(at: Timestamp, name: impl std::fmt::Display) -> String {
    format!("{}.{name}", instant(at))
}

/// Tells whether a text has the form of a place.
pub(crate) fn is_place(text: &str) -> bool {
    text.split_once('.').is_some_and(|(instant, name)| {
        instant.len() == DIGITS && instant.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sort_as_their_instants_and_then_as_their_names() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let places = [of(at(9), "b"), of(at(10), "a"), of(at(10), "b"), of(at(1_800_000_000), "a")];
        assert!(places.is_sorted() && places.iter().all(|place| is_place(place)));
        assert_eq!(read_instant(&places[1]).unwrap(), at(10));
        assert!(!is_place("'; DROP TABLE requests") && !is_place("5.a"));
    }
}
