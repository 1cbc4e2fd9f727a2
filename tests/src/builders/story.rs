//! Requests with a past: each step of a story is a change that a store can commit.

use jiff::Timestamp;
use workflow::domain::audit::Actor;
use workflow::domain::change::Change;
use workflow::domain::decision::{Ballot, Opinion};
use workflow::domain::permission::{may_answer, may_decide};
use workflow::domain::person::Person;
use workflow::domain::policy::Policy;
use workflow::domain::release::RecordReference;
use workflow::domain::request::{Ask, Claim, Request};
use workflow::domain::text::{Reason, Title, WorkspaceId};
use workflow::ports::RequestStore;
use workflow::ports::request_store::Commit;

use super::{at, manifest, notice, person, project, request_id, two_stage};

/// What happened to one request so far. One second passes between two changes.
#[derive(Debug, Clone)]
pub struct Story {
    changes: Vec<Change>,
}

impl Story {
    /// A notice came for a store: request `number` is received `number` seconds after the beginning of time.
    pub fn of_notice(number: u64, store: &str) -> Self {
        let (notice, body) = notice(request_id(number), store);
        Self { changes: vec![Request::receive(&notice, body, began(number))] }
    }

    /// A notice came for a store that has an open request: request `number` is queued.
    pub fn queued(number: u64, store: &str) -> Self {
        let (notice, body) = notice(request_id(number), store);
        Self { changes: vec![Request::receive_queued(&notice, body, began(number)).unwrap()] }
    }

    /// Somebody asked by themselves, in a project.
    pub fn of_person(number: u64, requester: &str, in_project: &str) -> Self {
        let ask = Ask {
            id: request_id(number),
            project: project(in_project),
            workspace: WorkspaceId::parse("ws-1").unwrap(),
            title: Title::parse(format!("Tables {number}")).unwrap(),
            purpose: None,
            requester: person(requester).build().who,
            declared: manifest(&format!("declared-{number}")),
        };
        let actor = Actor::person(ask.requester.clone());
        Self { changes: vec![Request::submit(ask, actor, began(number))] }
    }

    /// The request as it is now.
    pub fn request(&self) -> &Request {
        self.last().after()
    }

    /// The newest change.
    pub fn last(&self) -> &Change {
        self.changes.last().unwrap()
    }

    /// Every change so far.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Goes on with a change that is made from the request as it is and the instant at which it happens.
    #[must_use]
    pub fn then(mut self, change: impl FnOnce(&Request, Timestamp) -> Change) -> Self {
        let next = change(self.request(), self.next_at());
        self.changes.push(next);
        self
    }

    /// When the next change happens.
    pub fn next_at(&self) -> Timestamp {
        self.last().event().at.checked_add(jiff::SignedDuration::from_secs(1)).unwrap()
    }

    /// The shipped policy of two stages is bound.
    #[must_use]
    pub fn admitted(self) -> Self {
        self.admitted_under(two_stage())
    }

    /// A policy is bound.
    #[must_use]
    pub fn admitted_under(self, policy: Policy) -> Self {
        self.then(|request, at| request.admit(policy, step(request, "Admit"), at).unwrap())
    }

    /// Three files are frozen, and the first stage is open.
    #[must_use]
    pub fn staged(self) -> Self {
        let claim = |request: &Request| Claim { run: request.run, state: "Stage".to_owned(), attempt: 1 };
        let declared = manifest("declared");
        self.then(|request, at| request.begin_staging(claim(request), declared, step(request, "Stage"), at).unwrap())
            .then(|request, at| {
                let sealed = manifest(&format!("{}-{}", request.id, request.round().number));
                let frozen = RecordReference { key: format!("{}.frozen", sealed.key), digest: sealed.digest };
                request.finish_staging(&claim(request), (sealed, frozen), step(request, "Stage"), at).unwrap()
            })
    }

    /// A reviewer decides at the stage that is open.
    #[must_use]
    pub fn decided(self, reviewer: &Person, opinion: Opinion) -> Self {
        self.then(|request, at| {
            let may = may_decide(reviewer, request).unwrap();
            let actor = Actor::person(reviewer.who.clone());
            request.decide(&may, ballot(request, opinion), actor, at).unwrap()
        })
    }

    /// The decisions are counted, and the request moves on if it has to.
    #[must_use]
    pub fn tallied(self) -> Self {
        self.then(|request, at| {
            request
                .rule(request.run, 1, step(request, "Tally"), at)
                .unwrap()
                .change
                .expect("a tally with nothing to say")
        })
    }

    /// Its requester takes it back.
    #[must_use]
    pub fn withdrawn(self) -> Self {
        self.then(|request, at| {
            let requester = Person { who: request.requesters[0].clone(), memberships: [].into(), disabled: false };
            let may = may_answer(&requester, request).unwrap();
            request.withdraw(&may, None, Actor::person(requester.who), at).unwrap()
        })
    }

    /// A round that will not be released is put away.
    #[must_use]
    pub fn put_away(self) -> Self {
        let claim = |request: &Request| Claim { run: request.run, state: "Reject".to_owned(), attempt: 1 };
        self.then(|request, at| request.claim(claim(request), step(request, "Reject"), at).unwrap())
            .then(|request, at| request.finish_ending(&claim(request), step(request, "Reject"), at).unwrap())
    }

    /// The outcome is put on its way; the store comes free.
    #[must_use]
    pub fn told(self) -> Self {
        self.then(|request, at| {
            request.tell(request.run, None, step(request, "Tell"), at).unwrap().expect("told before")
        })
    }

    /// The store came free, and the queued request begins.
    #[must_use]
    pub fn dequeued(self) -> Self {
        self.then(|request, at| request.dequeue(Actor::chore("deliver"), at).unwrap())
    }
}

/// A ballot on a request as it is now.
pub(super) fn ballot(request: &Request, opinion: Opinion) -> Ballot {
    let entry = request.round().entry.as_ref().expect("the request is at no stage");
    Ballot {
        round: request.round().number,
        stage: entry.stage.clone(),
        manifest: request.round().manifest.as_ref().expect("nothing is sealed").digest,
        opinion,
        reason: Some(Reason::parse("Looked at every table.").unwrap()),
    }
}

/// Commits a change and requires that it was written.
pub async fn commit(requests: &dyn RequestStore, change: &Change) {
    let outcome = requests.commit(change).await.unwrap();
    assert_eq!(outcome, Commit::Done, "{} {}", change.after().id, change.event().sequence);
}

/// Commits every change of a story.
pub async fn commit_all(requests: &dyn RequestStore, story: &Story) {
    for change in story.changes() {
        commit(requests, change).await;
    }
}

fn began(number: u64) -> Timestamp {
    at(i64::try_from(number).unwrap())
}

fn step(request: &Request, state: &str) -> Actor {
    Actor::Step { state: state.to_owned(), run: request.run }
}
