//! I3: nothing is lost. I4: nothing is stuck. I5: the egress store agrees. I10: mails belong to changes. I11: no secret
//! in the logs.

use jiff::Timestamp;
use workflow::domain::outbox::Errand;
use workflow::domain::outward::upstream_status;
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::ports::Ports;
use workflow::ports::outbox::Drawer;

use super::{Known, Outside, Violation};

pub(super) async fn check(ports: &Ports, all: &[Known], outside: &Outside, found: &mut Vec<Violation>) {
    for notice in &outside.acknowledged {
        let answers = all.iter().filter(|known| is_answered_by(known, *notice)).count();
        if answers != 1 {
            found.push(Violation { invariant: 3, what: format!("notice {notice} is held by {answers} requests") });
        }
    }
    if outside.at_rest {
        let now = ports.clock.now();
        for known in all {
            at_rest(&known.request, all, now, found);
            upstream(ports, known, all, found).await;
        }
        outbox(ports, outside.flooded, found).await;
    }
    for canary in outside.canaries.iter().filter(|canary| outside.logs.contains(*canary)) {
        found.push(Violation { invariant: 11, what: format!("the log holds {canary}") });
    }
}

fn is_answered_by(known: &Known, notice: workflow::domain::id::RequestId) -> bool {
    use workflow::domain::audit::Fact;
    known.request.id == notice
        || known.events.iter().any(|event| match &event.fact {
            Fact::Resubmitted { notice: held, .. } | Fact::Received { notice: held } => *held == Some(notice),
            _ => false,
        })
}

fn at_rest(request: &Request, all: &[Known], now: Timestamp, found: &mut Vec<Violation>) {
    let mut report = |what: &str| {
        found
            .push(Violation { invariant: 4, what: format!("request {} is {} and {what}", request.id, request.status) });
    };
    match &request.status {
        Status::Released | Status::Revoked | Status::Rejected | Status::Withdrawn | Status::Expired if request.told => {
        }
        Status::Failed { cause, .. } if !cause.sentence.is_empty() => {}
        Status::Failed { .. } => report("says no cause"),
        Status::Returned if request.told && request.answer_by.is_some() => {}
        Status::InReview { .. } if request.waiting.is_none() => report("nothing waits for a decision"),
        Status::InReview { .. } if request.has_unseen_news() => report("has a decision that nobody counted"),
        Status::InReview { .. } if request.due_at.is_none() => report("has no deadline and no reminder"),
        Status::InReview { .. } if request.due_at.is_some_and(|due| due <= now) => report("is overdue"),
        Status::InReview { .. } => {}
        Status::Queued => {
            let held = all.iter().any(|other| other.request.holds_store && other.request.store == request.store);
            if !held {
                report("nothing holds its store");
            }
        }
        _ => report("nobody is working on it"),
    }
}

async fn upstream(ports: &Ports, known: &Known, all: &[Known], found: &mut Vec<Violation>) {
    let request = &known.request;
    let Some(store) = &request.store else { return };
    let newest =
        all.iter().map(|k| &k.request).filter(|r| r.store.as_ref() == Some(store) && r.status != Status::Queued);
    let decides = newest.max_by_key(|r| r.run_began_at).is_some_and(|newest| newest.id == request.id);
    let Some(stored) = ports.egress_stores.status(store).await.unwrap() else { return };
    let wanted = upstream_status(&request.status).as_str();
    if decides && request.policy().is_some() && stored != wanted {
        let what = format!("store {store} is {stored}, but request {} is {}", request.id, request.status);
        found.push(Violation { invariant: 5, what });
    }
}

async fn outbox(ports: &Ports, flooded: bool, found: &mut Vec<Violation>) {
    let is_held = |why: &Option<String>| why.as_deref().is_some_and(|why| why.starts_with("held for a digest"));
    let due = ports.outbox.list(Drawer::Due, 1_000).await.unwrap();
    for posting in due.into_iter().filter(|posting| !(flooded && is_held(&posting.trouble))) {
        let what = format!("{} ({:?}) is still due: {:?}", posting.id, posting.message, posting.trouble);
        found.push(Violation { invariant: 10, what });
    }
    for posting in ports.outbox.list(Drawer::Settled, 100_000).await.unwrap() {
        let mut once: Vec<_> = posting.deliveries.iter().map(|delivery| &delivery.to).collect();
        once.sort();
        once.dedup();
        let is_mail = posting.message.is_some_and(|message| matches!(message.errand, Errand::Tell { .. }));
        if once.len() != posting.deliveries.len() || (!is_mail && !once.is_empty()) {
            found.push(Violation { invariant: 10, what: format!("{} reached somebody twice", posting.id) });
        }
    }
}
