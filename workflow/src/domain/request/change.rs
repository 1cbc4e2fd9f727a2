//! How every change of a request is made: with its status, its audit event and its messages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Request;
use crate::domain::audit::{Actor, Event, Fact, Head};
use crate::domain::change::{Alias, Change, Hold};
use crate::domain::digest::{Digest, of_canonical};
use crate::domain::id::RunNumber;
use crate::domain::outbox::{Errand, Letter, Message, MessageId, Recipient};
use crate::domain::status::{Happening, IllegalTransition};

/// Who may carry on with a step's work: later commits of the step require it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The run.
    pub run: RunNumber,
    /// The state of the definition.
    pub state: String,
    /// Counts the attempts at the state.
    pub attempt: u64,
}

/// Says that a step belongs to a run, or to an attempt, that another has taken over from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} has taken over")]
pub struct Superseded(pub String);

impl Request {
    /// Requires that a run is the newest one.
    pub fn require_run(&self, run: RunNumber) -> Result<(), Superseded> {
        if self.run == run { Ok(()) } else { Err(Superseded(format!("run {}", self.run))) }
    }

    /// Requires that a claim is the one on record.
    pub fn require_claim(&self, claim: &Claim) -> Result<(), Superseded> {
        match &self.claim {
            Some(held) if held == claim => Ok(()),
            Some(held) => Err(Superseded(format!("attempt {} at {}", held.attempt, held.state))),
            None => Err(Superseded("another attempt".to_owned())),
        }
    }

    /// Requires that no later attempt at the same state holds the claim.
    pub(super) fn require_newest(&self, claim: &Claim) -> Result<(), Superseded> {
        self.require_run(claim.run)?;
        match &self.claim {
            Some(held) if held.run == claim.run && held.state == claim.state && held.attempt > claim.attempt => {
                Err(Superseded(format!("attempt {} at {}", held.attempt, held.state)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The digest of the request without the end of its chain: what its last event names.
    pub fn state_digest(&self) -> Digest {
        let mut bare = self.clone();
        bare.head = Head::NONE;
        of_canonical(&bare)
    }

    pub(super) fn draft(&self) -> Draft {
        Draft {
            expected: self.version(),
            after: self.clone(),
            errands: Vec::new(),
            begins_run: false,
            hold: Hold::Keep,
            alias: None,
        }
    }

    /// A draft in which the happening has moved the status.
    pub(super) fn moved(&self, happening: &Happening) -> Result<Draft, IllegalTransition> {
        let status = self.status.next(happening)?;
        let mut draft = self.draft();
        draft.after.status = status;
        Ok(draft)
    }
}

/// A change that is being made.
pub(super) struct Draft {
    expected: u64,
    pub(super) after: Request,
    errands: Vec<Errand>,
    begins_run: bool,
    pub(super) hold: Hold,
    pub(super) alias: Option<Alias>,
}

impl Draft {
    /// A draft of a request that does not exist yet.
    pub(super) fn of_new(request: Request) -> Self {
        Self { expected: 0, after: request, errands: Vec::new(), begins_run: false, hold: Hold::Keep, alias: None }
    }

    pub(super) fn ask(&mut self, errand: Errand) {
        self.errands.push(errand);
    }

    pub(super) fn tell(&mut self, to: Recipient, about: Letter) {
        self.ask(Errand::Tell { to, about });
    }

    /// Begins the next run of the definition.
    pub(super) fn begin_run(&mut self) -> RunNumber {
        self.begins_run = true;
        self.after.run += 1;
        self.after.claim = None;
        self.after.waiting = None;
        let run = self.after.run;
        self.ask(Errand::BeginRun { run });
        run
    }

    /// Takes the place of the store's one open request, if there is a store.
    pub(super) fn take_store(&mut self) {
        if let (Some(store), false) = (self.after.store.clone(), self.after.holds_store) {
            self.after.holds_store = true;
            self.hold = Hold::Take(store);
        }
    }

    /// Leaves the place of the store's one open request and lets the next one in.
    pub(super) fn free_store(&mut self) {
        if let (Some(store), true) = (self.after.store.clone(), self.after.holds_store) {
            self.after.holds_store = false;
            self.hold = Hold::Free(store.clone());
            self.ask(Errand::FreeStore { store });
        }
    }

    /// Finishes the change: computes when time asks next, binds the event to the chain and names the messages.
    pub(super) fn finish(mut self, actor: Actor, at: Timestamp, fact: Fact) -> Change {
        let last = self.after.head;
        let sequence = last.sequence + 1;
        self.after.updated_at = at;
        if self.begins_run {
            self.after.run_began_at = at;
        }
        self.after.due_at = self.after.next_due_at();
        let event = Event {
            request: self.after.id,
            sequence,
            at,
            actor,
            fact,
            status: self.after.status.word(),
            state: self.after.state_digest(),
            previous: last.hash,
            hash: last.hash,
        }
        .sealed();
        self.after.head = event.head();
        let request = self.after.id;
        let outbox = (0..).zip(self.errands).map(|(index, errand)| Message {
            id: MessageId { request, sequence, index },
            created_at: at,
            errand,
        });
        Change {
            expected: self.expected,
            outbox: outbox.collect(),
            event,
            hold: self.hold,
            alias: self.alias,
            after: self.after,
        }
    }
}
