//! How fast: when a message is tried again, and how many mails one person gets.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::digest::Digest;
use crate::domain::email::Email;
use crate::domain::id::RequestId;
use crate::domain::outbox::MessageId;

/// How long the first repetition waits at most.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// How long any repetition waits at most.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// When a message is tried again that was tried so often before: twice as late each time, an hour at most. Up to a
/// quarter of that is taken off, a different part for each message and attempt, so that what failed together does not
/// come back together.
pub(super) fn next_at(now: Timestamp, message: MessageId, attempts: u32) -> Timestamp {
    let factor = 1_i32.checked_shl(attempts.min(7)).unwrap_or(i32::MAX);
    let longest = FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT);
    let spread = longest / 4 * i32::from(chance(message, attempts)) / 256;
    now.saturating_add(longest - spread).unwrap_or(Timestamp::MAX)
}

/// A number that is as good as random, and the same for the same attempt at the same message.
fn chance(message: MessageId, attempts: u32) -> u8 {
    let digest = Digest::of(format!("{message}/{attempts}").as_bytes()).hex();
    digest.get(..2).and_then(|byte| u8::from_str_radix(byte, 16).ok()).unwrap_or_default()
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
    /// What it is about.
    pub(super) request: RequestId,
    /// Whether it was held back before, so that it may come in a digest. What was sent, perhaps in vain, never does:
    /// whoever gets it twice is to know it by its name.
    pub(super) was_held: bool,
}

/// How many letters one person gets as mails of their own in one hour of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// In all.
    pub in_all: u32,
    /// About one request.
    pub per_request: u32,
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

/// Divides the letters that wait for one person, of whom `reached` is known: which letters reached them within the hour
/// of the clock.
///
/// As many an hour as the measure says come as mails of their own, the rest waits for the next hour; what waited comes
/// as one mail. So a flood of any size is that many mails an hour and one digest a batch, and no letter is held twice.
pub(super) fn portion(pending: &[Pending], reached: &[MessageId], measure: Measure) -> Portion {
    let mut count = Count::default();
    for message in reached {
        count.add(message.request);
    }
    let mut portion = Portion::default();
    for letter in pending.iter().filter(|letter| !letter.was_held) {
        if count.has_room(letter.request, measure) {
            count.add(letter.request);
            portion.apart.push(letter.task);
        } else {
            portion.held.push(letter.task);
        }
    }
    let late: Vec<_> = pending.iter().filter(|letter| letter.was_held).map(|letter| letter.task).collect();
    if late.len() > 1 {
        portion.digest = late;
    } else {
        portion.apart.extend(late);
    }
    portion
}

/// What somebody got within the hour.
#[derive(Debug, Default)]
struct Count {
    in_all: u32,
    by_request: BTreeMap<RequestId, u32>,
}

impl Count {
    fn add(&mut self, request: RequestId) {
        self.in_all += 1;
        *self.by_request.entry(request).or_default() += 1;
    }

    fn has_room(&self, request: RequestId, measure: Measure) -> bool {
        let about_it = self.by_request.get(&request).copied().unwrap_or_default();
        self.in_all < measure.in_all && about_it < measure.per_request
    }
}

/// Who waits for which letters, in the order of the addresses and of the letters.
pub(super) type Queues = BTreeMap<Email, Vec<Pending>>;

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Measure = Measure { in_all: 5, per_request: 5 };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn request(number: u128) -> RequestId {
        RequestId::new(uuid::Uuid::from_u128(number))
    }

    fn message(number: u128, sequence: u64) -> MessageId {
        MessageId { request: request(number), sequence, index: 0 }
    }

    /// Letters about a request each.
    fn pending(held: &[bool]) -> Vec<Pending> {
        let letter = |(task, &was_held)| Pending { task, request: request(task as u128), was_held };
        held.iter().enumerate().map(letter).collect()
    }

    fn reached(count: u64) -> Vec<MessageId> {
        (0..count).map(|sequence| message(1_000 + u128::from(sequence), sequence)).collect()
    }

    #[test]
    fn each_repetition_waits_twice_as_long_and_none_longer_than_an_hour() {
        let now = at("2026-03-03T15:00:00Z");
        for (attempts, longest) in (0..9).zip([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
            let waited = next_at(now, message(1, 1), attempts).duration_since(now).as_secs();
            assert!((longest * 3 / 4..=longest).contains(&waited), "attempt {attempts} waits {waited} s");
        }
        assert!(next_at(now, message(1, 1), u32::MAX) <= at("2026-03-03T16:00:00Z"));
        assert_eq!(next_at(Timestamp::MAX, message(1, 1), 3), Timestamp::MAX);
    }

    #[test]
    fn what_failed_together_does_not_come_back_together() {
        let now = at("2026-03-03T15:00:00Z");
        let instants: std::collections::BTreeSet<_> = (0..100).map(|n| next_at(now, message(n, 1), 5)).collect();
        assert!(instants.len() > 50, "{} instants for 100 messages", instants.len());
    }

    #[test]
    fn an_hour_is_an_hour_of_the_clock() {
        assert_eq!(hour_of(at("2026-03-03T15:59:59Z")), at("2026-03-03T15:00:00Z"));
        assert_eq!(next_hour(at("2026-03-03T15:30:00Z")), at("2026-03-03T16:00:00Z"));
        assert_eq!(next_hour(at("2026-03-03T16:00:00Z")), at("2026-03-03T17:00:00Z"));
    }

    #[test]
    fn few_letters_come_apart() {
        let portion = portion(&pending(&[false, true, false]), &reached(2), FIVE);
        assert_eq!(portion, Portion { apart: vec![0, 2, 1], ..Portion::default() });
    }

    #[test]
    fn of_too_many_the_first_come_apart_and_the_others_wait() {
        let portion = portion(&pending(&[false; 5]), &reached(2), FIVE);
        assert_eq!(portion, Portion { apart: vec![0, 1, 2], held: vec![3, 4], ..Portion::default() });
    }

    #[test]
    fn one_request_takes_no_more_than_its_share() {
        let about = |task, number| Pending { task, request: request(number), was_held: false };
        let letters = [about(0, 1), about(1, 1), about(2, 1), about(3, 2)];
        let portion = portion(&letters, &[message(1, 9)], Measure { in_all: 5, per_request: 2 });
        assert_eq!(portion, Portion { apart: vec![0, 3], held: vec![1, 2], ..Portion::default() });
    }

    #[test]
    fn what_was_held_comes_as_one_mail_and_is_never_held_again() {
        let portion = portion(&pending(&[true, false, true, true]), &reached(9), FIVE);
        assert_eq!(portion, Portion { digest: vec![0, 2, 3], held: vec![1], ..Portion::default() });
    }
}
