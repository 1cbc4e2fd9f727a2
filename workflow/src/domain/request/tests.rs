//! The aggregate, from its first change to its last, and the builders that other tests of the domain share.

mod tampering;

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::audit::{Actor, Event, Fact, verify_chain};
use crate::domain::change::{Change, Hold};
use crate::domain::decision::{Ballot, Opinion};
use crate::domain::digest::Digest;
use crate::domain::email::Email;
use crate::domain::manifest::ManifestReference;
use crate::domain::outbox::{Errand, Letter};
use crate::domain::permission::{Refusal, may_answer, may_decide};
use crate::domain::person::{Identity, Membership, Person, Scope};
use crate::domain::release::RecordReference;
use crate::domain::status::StatusWord;
use crate::domain::text::{Group, PersonName, StageId};
use crate::domain::verdict::Verdict;

pub(crate) const NOTICE: &str = include_str!("../../../../testdata/platform/notice.json");

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn start() -> Timestamp {
    at("2026-03-03T15:41:31Z")
}

pub(crate) fn person(name: &str, groups: &[&str]) -> Person {
    let email = Email::parse(format!("{name}@example.ac.uk")).unwrap();
    let identity = Identity { issuer: "lockgate".into(), subject: name.into() };
    let membership = |group: &&str| Membership { group: Group::parse(*group).unwrap(), scope: Scope::Everywhere };
    Person {
        who: Who {
            name: PersonName::parse(name).unwrap(),
            email: email.clone(),
            identities: [identity].into(),
            verified_emails: [email].into(),
        },
        memberships: groups.iter().map(membership).collect(),
        disabled: false,
    }
}

pub(crate) fn manifest() -> ManifestReference {
    ManifestReference { key: "m".into(), digest: Digest::of(b"manifest"), files: 3, bytes: 30 }
}

fn record(name: &str) -> RecordReference {
    RecordReference { key: name.into(), digest: Digest::of(name.as_bytes()) }
}

fn step() -> Actor {
    Actor::Step { state: "Test".into(), run: 1 }
}

/// A request with its whole chain, changed as steps and people would.
pub(crate) struct Life {
    pub(crate) request: Request,
    pub(crate) events: Vec<Event>,
    pub(crate) letters: Vec<Letter>,
}

impl Life {
    pub(crate) fn begin() -> Self {
        let notice = Notice::parse(NOTICE.as_bytes()).unwrap();
        let change = Request::receive(&notice, NOTICE.into(), start());
        let mut life = Self { request: change.after().clone(), events: Vec::new(), letters: Vec::new() };
        life.note(&change);
        life
    }

    pub(crate) fn note(&mut self, change: &Change) {
        self.request = change.after().clone();
        self.events.push(change.event().clone());
        self.letters.extend(change.outbox().iter().filter_map(|message| match &message.errand {
            Errand::Tell { about, .. } => Some(about.clone()),
            Errand::BeginRun { .. } | Errand::FreeStore { .. } => None,
        }));
    }

    pub(crate) fn in_review(policy: &str) -> Self {
        let mut life = Self::begin();
        life.note(&life.request.admit(Policy::parse(policy).unwrap(), step(), start()).unwrap());
        life.stage();
        life
    }

    fn claim(&self) -> Claim {
        Claim { run: self.request.run, state: "Test".into(), attempt: self.request.version() }
    }

    fn stage(&mut self) {
        let claim = self.claim();
        self.note(&self.request.begin_staging(claim.clone(), manifest(), step(), start()).unwrap());
        self.note(&self.request.finish_staging(&claim, (manifest(), record("frozen")), step(), start()).unwrap());
    }

    pub(crate) fn ballot(&self, opinion: Opinion) -> Ballot {
        let round = self.request.round();
        let stage = round.entry.as_ref().map_or(StageId::parse("none").unwrap(), |entry| entry.stage.clone());
        let reason = Some(Reason::parse("looked at every table").unwrap());
        Ballot { round: round.number, stage, manifest: manifest().digest, opinion, reason }
    }

    pub(crate) fn decide(&mut self, person: &Person, opinion: Opinion) -> Result<(), Refusal> {
        let may = may_decide(person, &self.request)?;
        let ballot = self.ballot(opinion);
        let change = self.request.decide(&may, ballot, Actor::person(person.who.clone()), start())?;
        self.note(&change);
        Ok(())
    }

    pub(crate) fn rule(&mut self, now: Timestamp) -> Verdict {
        let ruling = self.request.rule(self.request.run, 1, step(), now).unwrap();
        if let Some(change) = &ruling.change {
            self.note(change);
        }
        ruling.verdict
    }
}

fn ig() -> Person {
    person("iris", &["InformationGovernance"])
}

fn it() -> Person {
    person("rita", &["TREAdmin"])
}

#[test]
fn two_people_approve_and_the_chain_holds() {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    life.decide(&ig(), Opinion::Approve).unwrap();
    assert_eq!(life.rule(start()), Verdict::Review);
    assert_eq!(life.request.status, Status::InReview { stage: 1, round: 1 });
    assert!(!life.request.has_every_approval());
    life.decide(&it(), Opinion::Approve).unwrap();
    assert_eq!(life.rule(start()), Verdict::Release);
    assert_eq!(life.request.status, Status::Releasing);
    assert!(life.request.has_every_approval());
    verify_chain(life.request.id, &life.events, life.request.head).unwrap();
}

#[test]
fn a_tally_may_run_twice() {
    let mut life = Life::in_review(Policy::SINGLE);
    life.decide(&ig(), Opinion::Approve).unwrap();
    assert_eq!(life.rule(start()), Verdict::Release);
    let before = life.request.clone();
    assert_eq!(life.rule(start()), Verdict::Release);
    assert_eq!(life.request, before);
}

#[test]
fn one_objection_closes_the_stage() {
    for (opinion, verdict) in [(Opinion::Reject, Verdict::Reject), (Opinion::Return, Verdict::Return)] {
        let mut life = Life::in_review(Policy::TWO_STAGE);
        life.decide(&ig(), opinion).unwrap();
        assert_eq!(
            life.decide(&person("ivan", &["InformationGovernance"]), Opinion::Approve),
            Err(Refusal::StageClosed)
        );
        assert_eq!(life.rule(start()), verdict);
    }
}

#[test]
fn a_quorum_counts_people_and_not_records() {
    let two_of_n = Policy::SINGLE.replace("quorum = 1", "quorum = 2");
    let mut life = Life::in_review(&two_of_n);
    life.decide(&ig(), Opinion::Approve).unwrap();
    assert!(matches!(life.decide(&ig(), Opinion::Approve), Err(Refusal::DecidedAlready { .. })));
    assert_eq!(life.rule(start()), Verdict::Review);
    life.decide(&person("ivan", &["InformationGovernance"]), Opinion::Approve).unwrap();
    assert_eq!(life.rule(start()), Verdict::Release);
}

#[test]
fn a_decision_about_what_has_moved_is_stale_and_says_what_moved() {
    use crate::domain::permission::Moved;
    let life = Life::in_review(Policy::TWO_STAGE);
    let may = may_decide(&ig(), &life.request).unwrap();
    let refusal = |change: fn(&mut Ballot)| {
        let mut ballot = life.ballot(Opinion::Approve);
        change(&mut ballot);
        life.request.decide(&may, ballot, step(), start()).unwrap_err()
    };
    assert_eq!(refusal(|b| b.round = 2), Refusal::Stale { moved: Moved::Round });
    assert_eq!(refusal(|b| b.stage = StageId::parse("research_it").unwrap()), Refusal::Stale { moved: Moved::Stage });
    assert_eq!(refusal(|b| b.manifest = Digest::of(b"other")), Refusal::Stale { moved: Moved::Manifest });
    assert_eq!(refusal(|b| b.reason = None), Refusal::ReasonTooShort { least: 10 });
}

#[test]
fn silence_expires_a_stage_at_its_deadline_and_not_before() {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    let deadline = life.request.round().entry.as_ref().unwrap().deadline_at.unwrap();
    assert_eq!(deadline, at("2026-03-17T15:41:31Z"));
    let just_before = deadline - jiff::SignedDuration::from_secs(1);
    assert_eq!(life.rule(just_before), Verdict::Review);
    assert_eq!(life.rule(deadline), Verdict::Expire);
}

#[test]
fn a_stage_that_only_warns_goes_on_after_its_deadline() {
    let policy = Policy::SINGLE.replace("silence = \"expire\"", "silence = \"wait\"");
    let mut life = Life::in_review(&policy);
    let deadline = life.request.round().entry.as_ref().unwrap().deadline_at.unwrap();
    assert_eq!(life.rule(deadline), Verdict::Review);
    assert!(life.letters.iter().any(|letter| matches!(letter, Letter::Escalation { .. })));
}

#[test]
fn reviewers_are_reminded_every_period_and_somebody_is_told_before_it_is_too_late() {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    let mut now = start();
    let mut verdict = Verdict::Review;
    while verdict == Verdict::Review {
        now = now
            .checked_add(jiff::SignedDuration::from_secs(i64::try_from(life.request.seconds_to_wait(now)).unwrap()))
            .unwrap();
        verdict = life.rule(now);
    }
    let count = |wanted: fn(&Letter) -> bool| life.letters.iter().filter(|letter| wanted(letter)).count();
    assert_eq!(verdict, Verdict::Expire);
    assert_eq!(count(|letter| matches!(letter, Letter::Reminder { .. })), 4);
    assert_eq!(count(|letter| matches!(letter, Letter::Escalation { .. })), 1);
}

#[test]
fn an_execution_that_has_grown_old_is_renewed() {
    let life = Life::in_review(Policy::TWO_STAGE);
    let ruling = life.request.rule(1, 1_000, step(), start()).unwrap();
    assert_eq!(ruling.verdict, Verdict::Renew);
    assert_eq!(ruling.change.unwrap().after().run, 2);
    let waiting = Policy::SINGLE.replace("silence = \"expire\"", "silence = \"wait\"");
    let old = at("2026-12-28T15:41:31Z");
    assert_eq!(Life::in_review(&waiting).request.rule(1, 3, step(), old).unwrap().verdict, Verdict::Renew);
}

#[test]
fn a_withdrawal_in_review_is_a_wish_that_the_next_tally_grants() {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    let ada = person("ada.researcher", &[]);
    let may = may_answer(&ada, &life.request).unwrap();
    life.note(&life.request.withdraw(&may, None, Actor::person(ada.who.clone()), start()).unwrap());
    assert!(life.request.has_unseen_news());
    assert_eq!(
        life.request.withdraw(&may, None, Actor::person(ada.who), start()).unwrap_err(),
        Refusal::WithdrawnAlready
    );
    assert_eq!(life.rule(start()), Verdict::Withdraw);
}

#[test]
fn a_returned_request_comes_again_as_its_next_round_and_old_approvals_do_not_count() {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    life.decide(&ig(), Opinion::Approve).unwrap();
    life.rule(start());
    life.decide(&it(), Opinion::Return).unwrap();
    assert_eq!(life.rule(start()), Verdict::Return);
    let claim = life.claim();
    life.note(&life.request.claim(claim.clone(), step(), start()).unwrap());
    life.note(&life.request.finish_ending(&claim, step(), start()).unwrap());
    life.note(&life.request.tell(1, None, step(), start()).unwrap().unwrap());
    assert!(!life.request.holds_store);
    let mut notice = Notice::parse(NOTICE.as_bytes()).unwrap();
    notice.id = "00000000-0000-4000-8000-000000000002".parse().unwrap();
    let change = life.request.resubmit_by_notice(&notice, "second".into(), start()).unwrap();
    assert!(matches!(change.hold(), Hold::Take(_)));
    life.note(&change);
    assert_eq!((life.request.round().number, life.request.run), (2, 2));
    life.note(&life.request.admit(life.request.policy().unwrap().clone(), step(), start()).unwrap());
    life.stage();
    assert_eq!(life.rule(start()), Verdict::Review);
    assert!(!life.request.has_every_approval());
    life.decide(&ig(), Opinion::Approve).unwrap();
    verify_chain(life.request.id, &life.events, life.request.head).unwrap();
}

#[test]
fn an_older_wait_never_replaces_a_newer_one_whatever_the_clock_says() {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    let waiting =
        |entered: &str, attempt| Waiting { run: 1, entered_at: at(entered), attempt, token: format!("{attempt}") };
    let newer = waiting("2026-03-04T00:00:00Z", 400);
    life.note(&life.request.wait(newer.clone(), step(), start()).unwrap().unwrap());
    for older in [waiting("2026-03-05T00:00:00Z", 300), waiting("2026-03-04T00:00:00Z", 399), newer] {
        assert_eq!(life.request.wait(older, step(), start()).unwrap(), None);
    }
    assert!(life.request.wait(waiting("2026-03-03T00:00:00Z", 401), step(), start()).unwrap().is_some());
}

#[test]
fn a_step_of_an_older_run_or_attempt_changes_nothing() {
    let mut life = Life::begin();
    life.note(&life.request.admit(Policy::parse(Policy::SINGLE).unwrap(), step(), start()).unwrap());
    let claim = |run, attempt| Claim { run, state: "Stage".into(), attempt };
    life.note(&life.request.begin_staging(claim(1, 5), manifest(), step(), start()).unwrap());
    assert!(life.request.begin_staging(claim(1, 4), manifest(), step(), start()).is_err());
    assert!(life.request.begin_staging(claim(0, 9), manifest(), step(), start()).is_err());
    assert!(life.request.finish_staging(&claim(1, 4), (manifest(), record("f")), step(), start()).is_err());
    assert!(life.request.finish_staging(&claim(1, 5), (manifest(), record("f")), step(), start()).is_ok());
}

proptest! {
    /// Whoever votes, in whatever order: nobody is counted twice, no requester is counted, and a release needs every
    /// stage's quorum by different people.
    #[test]
    fn a_release_has_every_approval_by_different_people(votes in prop::collection::vec((0..8_usize, 0..4_u8), 0..24)) {
        let people: Vec<Person> = (0..7)
            .map(|i| person(&format!("p{i}"), &["InformationGovernance", "TREAdmin"]))
            .chain([person("ada.researcher", &["InformationGovernance", "TREAdmin"])])
            .collect();
        let policy = Policy::TWO_STAGE.replacen("quorum = 1", "quorum = 2", 1);
        let mut life = Life::in_review(&policy);
        let mut last = Verdict::Review;
        for (voter, opinion) in votes {
            let opinion = if opinion == 0 { Opinion::Reject } else { Opinion::Approve };
            let _ = life.decide(&people[voter], opinion);
            last = life.rule(start());
            if last != Verdict::Review { break; }
        }
        let decisions = &life.request.round().decisions;
        let approvers: BTreeSet<_> = decisions.iter().map(|d| d.by.email.clone()).collect();
        prop_assert_eq!(approvers.len(), decisions.len());
        prop_assert!(!decisions.iter().any(|d| life.request.is_of(&d.by)));
        if last == Verdict::Release {
            prop_assert!(decisions.iter().all(|d| d.ballot.opinion == Opinion::Approve));
            prop_assert_eq!(decisions.len(), 3);
            prop_assert!(life.request.has_every_approval());
        } else {
            prop_assert!(!life.request.has_every_approval());
        }
        verify_chain(life.request.id, &life.events, life.request.head).unwrap();
    }

    /// A verdict that ends the review stays what it is, whatever is asked afterwards.
    #[test]
    fn a_verdict_is_monotone(approve in any::<bool>(), later in 0..400_i64) {
        let mut life = Life::in_review(Policy::SINGLE);
        life.decide(&ig(), if approve { Opinion::Approve } else { Opinion::Reject }).unwrap();
        let verdict = life.rule(start());
        let now = start().checked_add(jiff::SignedDuration::from_hours(later * 24)).unwrap();
        prop_assert_eq!(life.rule(now), verdict);
    }

    /// A stored request comes back as it was, with the same digest.
    #[test]
    fn a_request_round_trips(seconds in 0..1_000_000_u64) {
        let mut life = Life::in_review(Policy::TWO_STAGE);
        life.note(&life.request.extend_deadlines(seconds, step(), start()));
        let stored = serde_json::to_vec(&life.request).unwrap();
        let back: Request = serde_json::from_slice(&stored).unwrap();
        prop_assert_eq!(&back, &life.request);
        prop_assert_eq!(back.state_digest(), life.request.state_digest());
    }
}
