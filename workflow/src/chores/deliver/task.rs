//! A message in hand: what is still to be done about it, what went wrong, and what becomes of it.

use jiff::Timestamp;

use super::pace;
use crate::domain::email::Email;
use crate::domain::outbox::{Letter, MessageId};
use crate::domain::request::Request;
use crate::letter::{Capacity, CheckpointReference, Occasion};
use crate::ports::outbox::Leased;
use crate::ports::{Kind, PortError};

/// Why a message goes on later that nothing was wrong with.
pub(super) const HELD: &str = "held for a digest, because somebody had many mails within the hour";

/// A message in hand.
#[derive(Debug)]
pub(super) struct Task {
    /// The message, as it was claimed.
    pub(super) leased: Leased,
    /// The letter that is to be written, if it is one.
    pub(super) letter: Option<Draft>,
    /// What went wrong.
    pub(super) troubles: Vec<Trouble>,
    /// When the held part of it goes on, if somebody has had enough mails for now.
    pub(super) held_until: Option<Timestamp>,
    /// Whether something was left undone for want of time.
    pub(super) is_cut_short: bool,
}

/// A letter that is to be written.
#[derive(Debug)]
pub(super) struct Draft {
    /// The request as it is now.
    pub(super) request: Request,
    /// What the letter is about.
    pub(super) about: Letter,
    /// Why people get it.
    pub(super) capacity: Capacity,
    /// Whom it has not reached yet.
    pub(super) addressees: Vec<Email>,
    /// The newest checkpoint, if the letter quotes it.
    pub(super) checkpoint: Option<CheckpointReference>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Trying again can help.
    Passing(String),
    /// Trying again cannot help: somebody has to change something.
    Lasting(String),
}

impl Trouble {
    pub(super) fn of(error: &PortError) -> Self {
        match error.kind {
            Kind::Transient | Kind::Conflict => Self::Passing(error.in_full()),
            Kind::Missing | Kind::Denied | Kind::Corrupt => Self::Lasting(error.in_full()),
        }
    }

    /// Trouble with one person's mail.
    pub(super) fn about(error: &PortError, to: &Email) -> Self {
        match Self::of(error) {
            Self::Passing(text) => Self::Passing(format!("{to}: {text}")),
            Self::Lasting(text) => Self::Lasting(format!("{to}: {text}")),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Passing(text) | Self::Lasting(text) => text,
        }
    }
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It is done.
    Settled,
    /// It is tried again.
    Postponed {
        /// When.
        to: Timestamp,
        /// Why.
        trouble: String,
    },
    /// Nothing went wrong, and some of those it is for get it later.
    Held {
        /// When.
        until: Timestamp,
    },
    /// It waits for an operator.
    GivenUp {
        /// Why.
        trouble: String,
    },
    /// It is claimed again when the lease is over.
    Left,
}

impl Task {
    pub(super) fn new(leased: Leased) -> Self {
        Self { leased, letter: None, troubles: Vec::new(), held_until: None, is_cut_short: false }
    }

    pub(super) fn id(&self) -> MessageId {
        self.leased.message.id
    }

    /// Tells whether there is somebody to write to.
    pub(super) fn wants_mail(&self) -> bool {
        self.letter.as_ref().is_some_and(|letter| !letter.addressees.is_empty())
    }

    /// What the letter is written from. None if it is none.
    pub(super) fn occasion(&self) -> Option<Occasion<'_>> {
        let Draft { request, about, capacity, checkpoint, .. } = self.letter.as_ref()?;
        Some(Occasion { message: &self.leased.message, about, request, capacity, checkpoint: checkpoint.as_ref() })
    }

    /// Tells whether two messages are about one event: the change had it told to two circles of people. Who is in both
    /// gets it once.
    pub(super) fn is_twin_of(&self, other: &Self) -> bool {
        let (one, two) = (self.id(), other.id());
        let about = |task: &Self| task.letter.as_ref().map(|letter| letter.about.clone());
        (one.request, one.sequence) == (two.request, two.sequence) && about(self) == about(other)
    }

    /// What becomes of the message. What can still be done is tried again before what cannot puts it on the operators'
    /// list; holding a letter back is no attempt.
    pub(super) fn end(&self, attempts: u32, now: Timestamp) -> End {
        let trouble = self.troubles.iter().map(Trouble::text).collect::<Vec<_>>().join("; ");
        let is_passing = self.troubles.iter().any(|trouble| matches!(trouble, Trouble::Passing(_)));
        let tried = self.leased.attempts.saturating_add(1);
        match self.held_until {
            _ if self.is_cut_short => End::Left,
            Some(until) if self.troubles.is_empty() => End::Held { until },
            Some(to) => End::Postponed { to, trouble: format!("{trouble}; {HELD}") },
            None if self.troubles.is_empty() => End::Settled,
            None if is_passing && tried < attempts => {
                End::Postponed { to: pace::next_at(now, self.id(), self.leased.attempts), trouble }
            }
            None => End::GivenUp { trouble },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbox::{Errand, Message};

    const NOW: &str = "2026-03-03T15:30:00Z";

    fn task(attempts: u32, troubles: Vec<Trouble>) -> Task {
        let id = "5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21.1.0".parse().unwrap();
        let message = Message { id, created_at: NOW.parse().unwrap(), errand: Errand::BeginRun { run: 1 } };
        Task { troubles, ..Task::new(Leased { message, attempts, delivered_to: Vec::new(), was_held: false }) }
    }

    fn end(task: &Task) -> End {
        task.end(5, NOW.parse().unwrap())
    }

    fn passing() -> Trouble {
        Trouble::Passing("down".into())
    }

    fn lasting() -> Trouble {
        Trouble::Lasting("refused".into())
    }

    #[test]
    fn a_message_without_trouble_is_done() {
        assert_eq!(end(&task(9, Vec::new())), End::Settled);
    }

    #[test]
    fn what_may_work_later_is_tried_again_until_there_were_enough_attempts() {
        let tried = task(3, vec![passing()]);
        let to = pace::next_at(NOW.parse().unwrap(), tried.id(), 3);
        assert_eq!(end(&tried), End::Postponed { to, trouble: "down".into() });
        assert_eq!(end(&task(4, vec![passing()])), End::GivenUp { trouble: "down".into() });
    }

    #[test]
    fn what_will_never_work_waits_for_an_operator_once_the_rest_is_done() {
        assert_eq!(end(&task(0, vec![lasting()])), End::GivenUp { trouble: "refused".into() });
        assert!(
            matches!(end(&task(0, vec![lasting(), passing()])), End::Postponed { trouble, .. } if trouble == "refused; down")
        );
    }

    #[test]
    fn a_letter_that_is_held_goes_on_when_it_may_and_is_not_given_up_meanwhile() {
        let to = "2026-03-03T16:00:00Z".parse().unwrap();
        let held = Task { held_until: Some(to), ..task(9, vec![lasting()]) };
        assert!(matches!(end(&held), End::Postponed { to: then, .. } if then == to));
        assert_eq!(end(&Task { troubles: Vec::new(), ..held }), End::Held { until: to });
    }

    #[test]
    fn what_was_cut_short_is_left_for_the_next_claim() {
        assert_eq!(end(&Task { is_cut_short: true, ..task(9, vec![lasting()]) }), End::Left);
    }

    #[test]
    fn the_kind_of_a_failure_says_whether_it_may_pass() {
        let of = |kind| Trouble::of(&PortError::new("mailer", "send", kind));
        assert!(matches!(of(Kind::Transient), Trouble::Passing(_)));
        assert!(matches!(of(Kind::Denied), Trouble::Lasting(_)));
    }
}
