//! How fast: when a message is tried again, and how many mails one person gets.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::email::Email;

/// How long the first repetition waits.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// How long any repetition waits at most.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// When a message is tried again that was tried so often before: twice as late each time, an hour at most.
pub(super) fn next_at(now: Timestamp, attempts: u32) -> Timestamp {
    let factor = 1_i32.checked_shl(attempts.min(7)).unwrap_or(i32::MAX);
    now.saturating_add(FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)).unwrap_or(Timestamp::MAX)
}

/// The beginning of the hour of the clock that an instant is in.
pub(super) fn hour_of(now: Timestamp) -> Timestamp {
    let seconds = now.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(3_600)).unwrap_or(now)
}

/// The beginning of the next hour of the clock.
pub(super) fn next_hour(now: Timestamp) -> Timestamp {
    hour_of(now).saturating_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX)
}

/// A letter that waits for one person: which of the tasks in hand, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) task: usize,
    pub(super) created_at: Timestamp,
}

/// How one person gets the letters that wait for them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Portion {
    /// These, as a mail each.
    pub(super) apart: Vec<usize>,
    /// These, as one mail; none or at least two.
    pub(super) digest: Vec<usize>,
    /// These at the beginning of the next hour.
    pub(super) held: Vec<usize>,
}

/// Divides the letters that wait for one person, of whom `reached` is known: how many letters reached them within the
/// hour of the clock.
///
/// Up to `most` an hour come apart. Of more than that, what is older than the hour comes as one mail now, and what is
/// of this hour waits for the next: so that a flood of any size is `most` mails and one digest a batch every hour, and
/// nothing waits longer than an hour.
pub(super) fn portion(pending: &[Pending], reached: u32, most: u32, now: Timestamp) -> Portion {
    let mut portion = Portion::default();
    let room = usize::try_from(most.saturating_sub(reached)).unwrap_or(usize::MAX);
    if pending.len() <= room {
        portion.apart = pending.iter().map(|pending| pending.task).collect();
        return portion;
    }
    let hour = hour_of(now);
    let tasks = |is_old: bool| {
        let of_that_age = pending.iter().filter(move |pending| (pending.created_at < hour) == is_old);
        of_that_age.map(|pending| pending.task).collect::<Vec<_>>()
    };
    portion.held = tasks(false);
    let old = tasks(true);
    if old.len() == 1 {
        portion.apart = old;
    } else {
        portion.digest = old;
    }
    portion
}

/// Who waits for which letters, in the order of the addresses and of the letters.
pub(super) type Queues = BTreeMap<Email, Vec<Pending>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn pending(times: &[&str]) -> Vec<Pending> {
        times.iter().enumerate().map(|(task, time)| Pending { task, created_at: at(time) }).collect()
    }

    #[test]
    fn each_repetition_waits_twice_as_long_and_none_longer_than_an_hour() {
        let now = at("2026-03-03T15:00:00Z");
        let waits: Vec<_> = (0..9).map(|attempts| next_at(now, attempts).duration_since(now).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(next_at(now, u32::MAX), at("2026-03-03T16:00:00Z"));
        assert_eq!(next_at(Timestamp::MAX, 3), Timestamp::MAX);
    }

    #[test]
    fn few_letters_come_apart() {
        let three = pending(&["2026-03-03T14:59:00Z", "2026-03-03T15:01:00Z", "2026-03-03T15:02:00Z"]);
        let portion = portion(&three, 2, 5, at("2026-03-03T15:30:00Z"));
        assert_eq!(portion, Portion { apart: vec![0, 1, 2], ..Portion::default() });
    }

    #[test]
    fn of_too_many_the_old_come_as_one_and_the_new_wait_for_the_next_hour() {
        let four = ["2026-03-03T14:58:00Z", "2026-03-03T14:59:59Z", "2026-03-03T15:00:00Z", "2026-03-03T15:01:00Z"];
        let divided = portion(&pending(&four), 2, 5, at("2026-03-03T15:30:00Z"));
        assert_eq!(divided, Portion { digest: vec![0, 1], held: vec![2, 3], ..Portion::default() });
        assert_eq!(next_hour(at("2026-03-03T15:30:00Z")), at("2026-03-03T16:00:00Z"));
        assert_eq!(next_hour(at("2026-03-03T16:00:00Z")), at("2026-03-03T17:00:00Z"));
    }

    #[test]
    fn a_single_old_letter_is_no_digest() {
        let two = pending(&["2026-03-03T14:58:00Z", "2026-03-03T15:10:00Z"]);
        assert_eq!(
            portion(&two, 9, 5, at("2026-03-03T15:30:00Z")),
            Portion { apart: vec![0], held: vec![1], ..Portion::default() }
        );
    }

    #[test]
    fn what_was_held_is_never_held_again() {
        let flood = pending(&["2026-03-03T15:10:00Z"; 50]);
        let held = portion(&flood, 5, 5, at("2026-03-03T15:30:00Z"));
        assert_eq!(held.held.len(), 50);
        let later = portion(&flood, 5, 5, next_hour(at("2026-03-03T15:30:00Z")));
        assert_eq!((later.digest.len(), later.held.len()), (50, 0));
    }
}
