//! How a request comes to be, and comes again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::Draft;
use super::{Request, Round, StagingProgress};
use crate::domain::audit::{Actor, Fact, Head};
use crate::domain::change::{Alias, Change};
use crate::domain::id::{RequestId, RoundNumber};
use crate::domain::manifest::ManifestReference;
use crate::domain::notice::{Notice, UpstreamUser};
use crate::domain::outbox::{Errand, Letter, Recipient};
use crate::domain::permission::{MayAnswer, Refusal};
use crate::domain::person::{Identity, Who};
use crate::domain::policy::Audience;
use crate::domain::status::{Happening, IllegalTransition, Status};
use crate::domain::text::{PersonName, ProjectId, Reason, Title, WorkspaceId};

/// How the files of a round came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Submission {
    /// By the platform's notice: its version list says which files.
    Notice(Box<Notice>),
    /// Straight into the source area: the declared manifest is on record.
    Files(ManifestReference),
}

/// An ask by a person, not by the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The id that the house made.
    pub id: RequestId,
    /// The project whose data it is.
    pub project: ProjectId,
    /// The workspace that the files come from.
    pub workspace: WorkspaceId,
    /// What it is called.
    pub title: Title,
    /// What the files are for.
    pub purpose: Option<Reason>,
    /// Who asks.
    pub requester: Who,
    /// What was declared.
    pub declared: ManifestReference,
}

impl Request {
    /// Takes an ask that the platform gave notice of. The first change of the request also holds the notice itself,
    /// so that the same notice is answered once.
    pub fn receive(notice: &Notice, body: String, at: Timestamp) -> Change {
        let request = Self::from_notice(notice, at);
        let alias = Alias { notice: notice.id, body };
        request.begin(Actor::Platform, at, Some(alias))
    }

    /// Takes an ask that a notice brought while another request of the store is open: it will wait.
    pub fn receive_queued(notice: &Notice, body: String, at: Timestamp) -> Result<Change, IllegalTransition> {
        let mut request = Self::from_notice(notice, at);
        request.status = request.status.next(&Happening::Queued)?;
        let store = notice.store.clone();
        let mut draft = Draft::of_new(request);
        draft.alias = Some(Alias { notice: notice.id, body });
        draft.tell(Recipient::Audience(Audience::Requester), Letter::Queued);
        // The store may have come free between the look at it and this change: then nobody else would let the request in.
        draft.ask(Errand::FreeStore { store: store.clone() });
        Ok(draft.finish(Actor::Platform, at, Fact::Queued { store }))
    }

    /// Takes an ask by a person.
    pub fn submit(ask: Ask, actor: Actor, at: Timestamp) -> Change {
        let round = Round::open(1, Submission::Files(ask.declared), at);
        let request = Self {
            purpose: ask.purpose,
            ..Self::blank(ask.id, (ask.project, ask.workspace), ask.title, vec![ask.requester], round)
        };
        request.begin(actor, at, None)
    }

    fn from_notice(notice: &Notice, at: Timestamp) -> Self {
        let round = Round::open(1, Submission::Notice(Box::new(notice.clone())), at);
        let place = (notice.project.clone(), notice.workspace.clone());
        let requesters = requesters_of(notice);
        Self {
            store: Some(notice.store.clone()),
            ..Self::blank(notice.id, place, notice.store_name.clone(), requesters, round)
        }
    }

    fn blank(
        id: RequestId,
        (project, workspace): (ProjectId, WorkspaceId),
        title: Title,
        requesters: Vec<Who>,
        round: Round,
    ) -> Self {
        Self {
            id,
            project,
            workspace,
            store: None,
            title,
            purpose: None,
            requesters,
            received_at: round.opened_at,
            updated_at: round.opened_at,
            status: Status::Received,
            run: 0,
            run_began_at: round.opened_at,
            policy: None,
            rounds: vec![round],
            claim: None,
            waiting: None,
            news: 0,
            tallied: 0,
            withdrawal: None,
            release: None,
            tickets: Vec::new(),
            grants: Vec::new(),
            extended_for: None,
            answer_by: None,
            told: false,
            holds_store: false,
            due_at: None,
            head: Head::NONE,
        }
    }

    fn begin(self, actor: Actor, at: Timestamp, alias: Option<Alias>) -> Change {
        let notice = alias.as_ref().map(|alias| alias.notice);
        let mut draft = Draft::of_new(self);
        draft.alias = alias;
        draft.take_store();
        draft.begin_run();
        draft.tell(Recipient::Audience(Audience::Requester), Letter::Received);
        draft.finish(actor, at, Fact::Received { notice })
    }

    /// Lets a queued request begin, now that its store is free.
    pub fn dequeue(&self, actor: Actor, at: Timestamp) -> Result<Change, IllegalTransition> {
        let mut draft = self.moved(&Happening::Dequeued)?;
        draft.take_store();
        let run = draft.begin_run();
        Ok(draft.finish(actor, at, Fact::Dequeued { run }))
    }

    /// Opens the next round of a returned request because the platform gave notice of its store again.
    pub fn resubmit_by_notice(
        &self,
        notice: &Notice,
        body: String,
        at: Timestamp,
    ) -> Result<Change, IllegalTransition> {
        let id = notice.id;
        let mut draft = self.next_round(Submission::Notice(Box::new(notice.clone())), at)?;
        draft.alias = Some(Alias { notice: id, body });
        for who in requesters_of(notice) {
            if !draft.after.requesters.contains(&who) {
                draft.after.requesters.push(who);
            }
        }
        let round = draft.after.round().number;
        Ok(draft.finish(Actor::Platform, at, Fact::Resubmitted { round, notice: Some(id) }))
    }

    /// Opens the next round of a returned request because its requester submitted again.
    pub fn resubmit(
        &self,
        may: &MayAnswer,
        declared: ManifestReference,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        let mut draft = self.next_round(Submission::Files(declared), at)?;
        if !draft.after.is_of(may.who()) {
            draft.after.requesters.push(may.who().clone());
        }
        let round = draft.after.round().number;
        Ok(draft.finish(actor, at, Fact::Resubmitted { round, notice: None }))
    }

    fn next_round(&self, submission: Submission, at: Timestamp) -> Result<Draft, IllegalTransition> {
        let mut draft = self.moved(&Happening::Resubmitted)?;
        let number = self.round().number + 1;
        draft.after.rounds.push(Round::open(number, submission, at));
        draft.after.told = false;
        draft.after.answer_by = None;
        draft.after.withdrawal = None;
        draft.after.release = None;
        draft.take_store();
        draft.begin_run();
        draft.tell(Recipient::Audience(Audience::Requester), Letter::Received);
        Ok(draft)
    }
}

impl Round {
    fn open(number: RoundNumber, submission: Submission, at: Timestamp) -> Self {
        Self {
            number,
            submission,
            opened_at: at,
            declared: None,
            staging: StagingProgress::default(),
            manifest: None,
            frozen: None,
            entry: None,
            decisions: Vec::new(),
            ended_because: None,
            disposal: None,
        }
    }
}

/// Both people whom a notice names: the store's creator and the submitter, once if they are one.
fn requesters_of(notice: &Notice) -> Vec<Who> {
    let submitter = upstream(&notice.submitter);
    let creator = upstream(&notice.creator);
    if submitter.is_same_person(&creator) { vec![submitter] } else { vec![submitter, creator] }
}

/// The platform vouches for its users' addresses, and its user ids are a namespace of their own.
fn upstream(user: &UpstreamUser) -> Who {
    let name = PersonName::parse(user.email.as_str().to_owned());
    Who {
        name: name.unwrap_or_else(|_| crate::bug!("an e-mail address that parsed is no name")),
        email: user.email.clone(),
        identities: [Identity { issuer: "platform".to_owned(), subject: user.id.clone() }].into(),
        verified_emails: [user.email.clone()].into(),
    }
}
