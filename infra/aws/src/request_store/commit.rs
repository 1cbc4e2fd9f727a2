//! Writing a change: the request's row, the event, the messages, the hold and the alias, or nothing.

use workflow::domain::audit::Fact;
use workflow::domain::change::{Change, Hold};
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::domain::text::StoreId;
use workflow::ports::request_store::Commit;

use super::{RequestStore, answer, event, outward};
use crate::failure::Outcome;
use crate::outbox::message_row;
use crate::place;
use crate::row::{Row, number};
use crate::table::{Canceled, Terms, Transaction};

/// As many characters as the service takes for the name of a transaction.
const NAME_LENGTH: usize = 36;

/// The numbers of the writes that a change may be refused for.
struct Places {
    request: usize,
    answer: Option<usize>,
    hold: Option<usize>,
}

impl RequestStore {
    /// Writes the change, or says why it cannot be. A change that is stored already is done.
    pub(super) async fn write(&self, change: &Change) -> Outcome<Commit> {
        let (transaction, places) = self.transaction(change)?;
        let Err(canceled) = transaction.commit(&self.requests).await? else { return Ok(Commit::Done) };
        Ok(if self.is_stored(change).await? { Commit::Done } else { places.obstacle(&canceled) })
    }

    fn transaction(&self, change: &Change) -> Outcome<(Transaction, Places)> {
        let request = change.after();
        // The event's hash is the change's own name: brought again, the same transaction is done already.
        let hash = change.event().hash.hex();
        let mut transaction = Transaction::named(hash.get(..NAME_LENGTH).unwrap_or(&hash));
        let mut places = Places { request: transaction.len(), answer: None, hold: None };
        transaction = transaction.put(&self.requests, row_of(request, change)?, expected(change.expected()))?;
        let body = event(request.id, change.event().sequence).text("hash", &hash).json("body", change.event())?;
        transaction = transaction.put(&self.ledger, body, Terms::absent("id"))?;
        for message in change.outbox() {
            transaction = transaction.put(&self.outbox, message_row(message)?, Terms::absent("id"))?;
        }
        if let Some(alias) = change.alias() {
            places.answer = Some(transaction.len());
            let row = answer(alias.notice).text("request", request.id.to_string()).text("body", &alias.body);
            transaction = transaction.put(&self.ledger, row, Terms::absent("id"))?;
        }
        if let Hold::Take(_) | Hold::Free(_) = change.hold() {
            places.hold = Some(transaction.len());
        }
        transaction = self.hold(transaction, change)?;
        // Who asked is known when a request comes and when it comes back; nobody is added otherwise.
        let came = change.expected() == 0 || matches!(change.event().fact, Fact::Resubmitted { .. });
        for row in came.then(|| asked(request)).into_iter().flatten() {
            transaction = transaction.put(&self.ledger, row, Terms::none())?;
        }
        Ok((transaction, places))
    }

    fn hold(&self, transaction: Transaction, change: &Change) -> Outcome<Transaction> {
        let id = change.after().id.to_string();
        let free_or_mine = Terms::of("attribute_not_exists(#id) OR #request = :request").with_text("request", &id);
        match change.hold() {
            Hold::Keep => Ok(transaction),
            Hold::Take(store) => transaction.put(&self.ledger, held(store).text("request", id), free_or_mine),
            Hold::Free(store) => transaction.delete(&self.ledger, held(store), free_or_mine),
        }
    }

    async fn is_stored(&self, change: &Change) -> Outcome<bool> {
        let written = self.ledger.get(event(change.after().id, change.event().sequence)).await?;
        Ok(written.is_some_and(|row| row.find("hash") == Some(&change.event().hash.hex())))
    }
}

impl Places {
    /// What stood in the way. Whoever comes late has to look again before it is worth telling them about the store.
    fn obstacle(&self, canceled: &Canceled) -> Commit {
        let is = |place: Option<usize>| place.is_some_and(|place| canceled.names(place));
        if is(self.answer) {
            Commit::NoticeAnswered
        } else if is(self.hold) && !canceled.names(self.request) {
            Commit::StoreHeld
        } else {
            Commit::Stale
        }
    }
}

/// The request must have this version.
fn expected(version: u64) -> Terms {
    match version {
        0 => Terms::absent("egress_request_id"),
        version => Terms::of("#version = :version").with("version", number(version)),
    }
}

fn row_of(request: &Request, change: &Change) -> Outcome<Row> {
    let place = place::of(request.received_at, request.id);
    let row = outward::row(request).json("body", request)?.number("version", change.event().sequence);
    let row = row.text("listed", "all").text("place", place).text("status", request.status.word().as_str());
    let row = row.text_if("open", (!request.status.is_over()).then_some("open"));
    let due = request.due_at.map(|at| place::of(at, request.id));
    let row = row.text_if("due", due.is_some().then_some("due")).text_if("due_place", due);
    Ok(row.text_if("waiting_for", waiting_for(request)))
}

/// The group whose decision is wanted.
fn waiting_for(request: &Request) -> Option<String> {
    match request.status {
        Status::InReview { stage, .. } => Some(request.policy()?.stage(stage)?.group.to_string()),
        _ => None,
    }
}

/// The key of the row in the ledger that says whose the place of a store's one open request is.
fn held(store: &StoreId) -> Row {
    Row::new(format!("store#{store}"), "open")
}

/// The rows of the ledger by which a request is found for each address of who asked.
fn asked(request: &Request) -> Vec<Row> {
    let all = request.requesters.iter().flat_map(|who| who.verified_emails.iter().chain([&who.email]));
    let mut folded: Vec<&str> = all.map(workflow::domain::email::Email::folded).collect();
    folded.sort_unstable();
    folded.dedup();
    let place = place::of(request.received_at, request.id);
    folded.into_iter().map(|email| Row::new(format!("requester#{email}"), &place)).collect()
}
