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

/// A letter that waits for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pending {
    /// Which of the tasks in hand.
    pub(super) task: usize,
    /// Whether it was put off in an earlier hour: it was held back, or could not be sent.
    pub(super) is_late: bool,
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
/// Up to `most` an hour come as mails of their own, the rest waits for the next hour; what waited comes as one mail.
/// So a flood of any size is `most` mails an hour and one digest a batch, and no letter is held twice.
pub(super) fn portion(pending: &[Pending], reached: u32, most: u32) -> Portion {
    let of = |is_late| pending.iter().filter(move |pending| pending.is_late == is_late).map(|pending| pending.task);
    let room = usize::try_from(most.saturating_sub(reached)).unwrap_or(usize::MAX);
    let mut portion =
        Portion { apart: of(false).take(room).collect(), held: of(false).skip(room).collect(), digest: Vec::new() };
    let late: Vec<_> = of(true).collect();
    if late.len() > 1 {
        portion.digest = late;
    } else {
        portion.apart.extend(late);
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

    fn pending(lateness: &[bool]) -> Vec<Pending> {
        lateness.iter().enumerate().map(|(task, &is_late)| Pending { task, is_late }).collect()
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
    fn an_hour_is_an_hour_of_the_clock() {
        assert_eq!(hour_of(at("2026-03-03T15:59:59Z")), at("2026-03-03T15:00:00Z"));
        assert_eq!(next_hour(at("2026-03-03T15:30:00Z")), at("2026-03-03T16:00:00Z"));
        assert_eq!(next_hour(at("2026-03-03T16:00:00Z")), at("2026-03-03T17:00:00Z"));
    }

    #[test]
    fn few_letters_come_apart() {
        let portion = portion(&pending(&[false, true, false]), 2, 5);
        assert_eq!(portion, Portion { apart: vec![0, 2, 1], ..Portion::default() });
    }

    #[test]
    fn of_too_many_the_first_come_apart_and_the_others_wait() {
        let portion = portion(&pending(&[false; 5]), 2, 5);
        assert_eq!(portion, Portion { apart: vec![0, 1, 2], held: vec![3, 4], ..Portion::default() });
    }

    #[test]
    fn what_waited_comes_as_one_mail_and_is_never_held_again() {
        let portion = portion(&pending(&[true, false, true, true]), 9, 5);
        assert_eq!(portion, Portion { digest: vec![0, 2, 3], held: vec![1], ..Portion::default() });
    }
}
