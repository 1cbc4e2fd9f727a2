//! Deliver: does what the outbox asks for, and puts it off when it does not work.
//!
//! Messages are claimed by lease, so that two deliverers do not do the same twice. A message that is left unfinished,
//! by a crash or because its lease is nearly over, is claimed again once the lease has run out; whom it reached is on
//! record, and they are not written to again. Only a stop between the sending of a mail and its record can send a
//! second one, and that one has the name of the first.

mod addressee;
pub mod bounce;
mod errand;
mod note;
mod pace;
mod post;
mod task;

use jiff::{SignedDuration, Timestamp};

use super::seal::{self, Checkpoint};
use crate::domain::audit::Actor;
use crate::domain::digest::of_canonical;
use crate::domain::outbox::{Errand, Letter};
use crate::letter::{CheckpointReference, Sender};
use crate::ports::outbox::Leased;
use crate::ports::{PortResult, Ports};
pub use pace::Measure;
use task::{End, HELD, Task, Trouble};

/// The chore's name in the audit.
const NAME: &str = "deliver";

/// How the outbox is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Who writes.
    pub sender: Sender,
    /// How many messages one call claims at most.
    pub batch: u32,
    /// How long a claim lasts. The call stops before it is over; one mail has to be handed over in a fifth of it.
    pub lease_for: SignedDuration,
    /// After how many attempts a message is given up and waits for an operator.
    pub attempts: u32,
    /// How many letters one person gets as mails of their own in one hour of the clock; the others come as a digest
    /// when the next hour begins.
    pub mails_per_hour: Measure,
}

impl Settings {
    /// The settings of a house that has no wishes of its own: what fails is tried for about three days.
    pub fn new(sender: Sender) -> Self {
        let mails_per_hour = Measure { in_all: 20, per_request: 6 };
        Self { sender, batch: 100, lease_for: SignedDuration::from_mins(10), attempts: 76, mails_per_hour }
    }
}

/// What a call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Messages that were claimed. As many as the batch means that there may be more.
    pub messages: u32,
    /// Mails that were handed over.
    pub mails: u32,
    /// Messages that are done.
    pub settled: u32,
    /// Messages that will be tried again.
    pub postponed: u32,
    /// Messages that wait for an operator.
    pub given_up: u32,
    /// Messages that were left alone, to be claimed again when the lease is over.
    pub left: u32,
}

/// Claims what is due and does it. Trouble with one message does not keep it from the others; it fails only if
/// nothing could be claimed.
pub async fn run(ports: &Ports, settings: &Settings) -> PortResult<Delivered> {
    let now = ports.clock.now();
    let until = now.saturating_add(settings.lease_for).unwrap_or(Timestamp::MAX);
    let leased = ports.outbox.lease(now, until, settings.batch).await?;
    let mut delivered = Delivered { messages: u32::try_from(leased.len()).unwrap_or(u32::MAX), ..Delivered::default() };
    let shift = Shift { ports, settings, began_at: now };
    let mut letters = Vec::new();
    for message in leased {
        match shift.take_up(message).await {
            Some(letter) if letter.wants_mail() => letters.push(letter),
            Some(done) => shift.conclude(done, &mut delivered).await,
            None => delivered.left += 1,
        }
    }
    shift.quote_checkpoint(&mut letters).await;
    delivered.mails = shift.post(&mut letters).await;
    for letter in letters {
        shift.conclude(letter, &mut delivered).await;
    }
    Ok(delivered)
}

/// One call, from its claim to the end of its lease.
struct Shift<'a> {
    ports: &'a Ports,
    settings: &'a Settings,
    began_at: Timestamp,
}

impl Shift<'_> {
    /// Tells whether the lease is so nearly over that nothing more may be begun under it.
    fn is_over(&self) -> bool {
        self.ports.clock.now().duration_since(self.began_at) >= self.settings.lease_for * 4 / 5
    }

    /// Does an errand, or finds out whom a letter is for. None if there is no time left for it.
    async fn take_up(&self, leased: Leased) -> Option<Task> {
        if self.is_over() {
            return None;
        }
        let mut task = Task::new(leased);
        let done = match task.leased.message.errand.clone() {
            Errand::BeginRun { run } => errand::begin(self.ports, task.id().request, run).await,
            Errand::FreeStore { store } => errand::free(self.ports, &store).await,
            Errand::Tell { to, about } => addressee::find(self.ports, &mut task, &to, about).await,
        };
        if let Err(error) = done {
            task.troubles.push(Trouble::of(&error));
        }
        Some(task)
    }

    /// Records what became of a message. If even that fails, the lease runs out and the message is claimed again.
    async fn conclude(&self, task: Task, delivered: &mut Delivered) {
        let outbox = &self.ports.outbox;
        let id = task.id();
        let (recorded, count) = match task.end(self.settings.attempts, self.ports.clock.now()) {
            End::Settled => (outbox.settle(id).await, &mut delivered.settled),
            End::Postponed { to, trouble } => (outbox.postpone(id, Some(to), &trouble).await, &mut delivered.postponed),
            End::Held { until } => (outbox.hold(id, until, HELD).await, &mut delivered.postponed),
            End::GivenUp { trouble } => (self.give_up(&task, &trouble).await, &mut delivered.given_up),
            End::Left => (Ok(()), &mut delivered.left),
        };
        *if recorded.is_ok() { count } else { &mut delivered.left } += 1;
    }

    /// Gives a message up. The request says so, and operators are told, before that is recorded: should it stop in
    /// between, they are told twice rather than never.
    async fn give_up(&self, task: &Task, trouble: &str) -> PortResult<()> {
        let id = task.id();
        note::undeliverable(self.ports, &task.leased.message, trouble, Actor::chore(NAME)).await?;
        self.ports.outbox.postpone(id, None, trouble).await
    }

    /// Has every outcome quote the newest checkpoint. One that cannot be read is not quoted: the outcome matters more.
    async fn quote_checkpoint(&self, letters: &mut [Task]) {
        let mut outcomes = letters
            .iter_mut()
            .filter_map(|task| task.letter.as_mut())
            .filter(|letter| matches!(letter.about, Letter::Released | Letter::Ended { .. } | Letter::Revoked { .. }));
        let Some(first) = outcomes.next() else { return };
        let Ok(Some(newest)) = seal::newest(self.ports).await else { return };
        let Checkpoint { number, .. } = newest.checkpoint;
        let quoted = Some(CheckpointReference { number, digest: of_canonical(&newest.checkpoint) });
        first.checkpoint.clone_from(&quoted);
        outcomes.for_each(|letter| letter.checkpoint.clone_from(&quoted));
    }
}
