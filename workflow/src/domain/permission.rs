//! Who may do what: permission is a value that the aggregate asks for, and a refusal is the sentence that is read.

mod refusal;
#[cfg(test)]
mod tests;

use super::decision::Decision;
use super::person::{AUDITORS, OPERATORS, Person, RESEARCHERS, Who};
use super::policy::{Audience, Policy, Stage};
use super::request::Request;
use super::status::Status;
use super::text::{Group, ProjectId};
use super::verdict::{Tally, tally};

pub use refusal::{Moved, Refusal};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            who: Who,
        }

        impl $name {
            /// Whose permission it is.
            pub fn who(&self) -> &Who {
                &self.who
            }
        }
    )*};
}

permissions! {
    /// Leave to see one request.
    MayView;
    /// Leave to take one request back, to submit it again and to answer questions about it.
    MayAnswer;
    /// Leave to comment on one request.
    MayComment;
    /// Leave to download one release.
    MayDownload;
    /// Leave to submit files of one project.
    MaySubmit;
    /// Leave to retry, abort and revoke.
    MayOperate;
    /// Leave to read the audit and the access log.
    MayAudit;
}

/// Leave to decide at one stage of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MayDecide {
    who: Who,
    stage: usize,
}

impl MayDecide {
    /// Whose permission it is.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// The stage it is for, from 0.
    pub fn stage(&self) -> usize {
        self.stage
    }
}

/// Says whether a person may decide on a request as it stands now.
///
/// Asked of current data, at the moment of deciding: the directory's word on the person, the policy that is bound to
/// the request, and the decisions so far.
pub fn may_decide(person: &Person, request: &Request) -> Result<MayDecide, Refusal> {
    may_view(person, request)?;
    let (index, stage) =
        current_stage(request).ok_or_else(|| Refusal::NotInReview { status: request.status.word() })?;
    if !person.is_in(&stage.group, &request.project) {
        return Err(Refusal::NotInGroup { group: stage.group.clone(), stage: stage.title.clone() });
    }
    if person.who.verified_emails.is_empty() {
        return Err(Refusal::NoVerifiedEmail);
    }
    if request.is_of(&person.who) {
        return Err(Refusal::OwnRequest);
    }
    refuse_a_second_decision(person, request, stage)?;
    Ok(MayDecide { who: person.who.clone(), stage: index })
}

fn current_stage(request: &Request) -> Option<(usize, &Stage)> {
    match &request.status {
        Status::InReview { stage, .. } => Some((*stage, request.policy()?.stage(*stage)?)),
        _ => None,
    }
}

fn refuse_a_second_decision(person: &Person, request: &Request, stage: &Stage) -> Result<(), Refusal> {
    let round = request.round();
    let mine = || round.decisions.iter().filter(|d| d.by.is_same_person(&person.who));
    if mine().any(|d| d.ballot.stage == stage.id) {
        return Err(Refusal::DecidedAlready { stage: stage.title.clone() });
    }
    let several = request.policy().is_some_and(|p| p.one_person_may_decide_at_several_stages);
    match mine().next() {
        Some(other) if !several => Err(Refusal::DecidedElsewhere { stage: other.ballot.stage.clone() }),
        _ => Ok(()),
    }
}

/// Says whether a person may see a request. Who may not is told what somebody is told who asks for one that does not
/// exist.
pub fn may_view(person: &Person, request: &Request) -> Result<MayView, Refusal> {
    refuse_disabled(person)?;
    let reviews = request.policy().is_some_and(|policy| is_reviewer(person, policy, &request.project));
    let reads_all =
        [OPERATORS, AUDITORS].into_iter().any(|g| Group::parse(g).is_ok_and(|g| person.is_in(&g, &request.project)));
    if request.is_of(&person.who) || reviews || reads_all || downloads(person, request) {
        return Ok(MayView { who: person.who.clone() });
    }
    Err(Refusal::NoSuchRequest)
}

fn is_reviewer(person: &Person, policy: &Policy, project: &ProjectId) -> bool {
    policy.stages.iter().any(|stage| person.is_in(&stage.group, project))
}

fn downloads(person: &Person, request: &Request) -> bool {
    request.policy().is_some_and(|policy| {
        policy.download.by.iter().any(|audience| match audience {
            Audience::Requester => request.is_of(&person.who),
            Audience::Group(group) => person.is_in(group, &request.project),
        })
    })
}

/// Says whether a person may speak for the requester: take the request back, submit again, answer.
pub fn may_answer(person: &Person, request: &Request) -> Result<MayAnswer, Refusal> {
    may_view(person, request)?;
    if request.is_of(&person.who) {
        return Ok(MayAnswer { who: person.who.clone() });
    }
    Err(Refusal::NotTheRequester)
}

/// Tells whether a person may know of a decision: at a blind stage that is open, only who made it does.
pub fn may_know(person: &Person, request: &Request, decision: &Decision) -> bool {
    let round = request.round();
    let ballot = &decision.ballot;
    let stage = request.policy().and_then(|policy| policy.stages.iter().find(|stage| stage.id == ballot.stage));
    let is_open = |stage: &Stage| {
        stage.blind
            && ballot.round == round.number
            && round.entry.as_ref().is_some_and(|entry| entry.stage == stage.id)
            && matches!(tally(stage, round.number, &round.decisions), Tally::Open { .. })
    };
    !stage.is_some_and(is_open) || decision.by.is_same_person(&person.who)
}

/// Says whether a person may comment: everyone who takes part may, who only reads may not.
pub fn may_comment(person: &Person, request: &Request) -> Result<MayComment, Refusal> {
    may_view(person, request)?;
    let reviews = request.policy().is_some_and(|policy| is_reviewer(person, policy, &request.project));
    if request.is_of(&person.who) || reviews || person.is_anywhere_in(OPERATORS) {
        return Ok(MayComment { who: person.who.clone() });
    }
    Err(Refusal::ReadsOnly)
}

/// Says whether a person may download the release of a request: it has to be released, and the policy has to name
/// them. Whether they have tickets left, the aggregate says.
pub fn may_download(person: &Person, request: &Request) -> Result<MayDownload, Refusal> {
    may_view(person, request)?;
    if !downloads(person, request) {
        return Err(Refusal::NotADownloader);
    }
    match &request.status {
        Status::Released => Ok(MayDownload { who: person.who.clone() }),
        other => Err(Refusal::NotReleased { status: other.word() }),
    }
}

/// Says whether a person may submit files of a project: members of the group `researchers` in it may.
pub fn may_submit(person: &Person, project: &ProjectId) -> Result<MaySubmit, Refusal> {
    refuse_disabled(person)?;
    let is_researcher = Group::parse(RESEARCHERS).is_ok_and(|group| person.is_in(&group, project));
    if is_researcher {
        return Ok(MaySubmit { who: person.who.clone() });
    }
    Err(Refusal::NotAResearcher { project: project.clone() })
}

/// Says whether a person may operate the house.
pub fn may_operate(person: &Person) -> Result<MayOperate, Refusal> {
    refuse_disabled(person)?;
    if person.is_everywhere_in(OPERATORS) {
        return Ok(MayOperate { who: person.who.clone() });
    }
    Err(Refusal::NotAnOperator)
}

/// Says whether a person may read the whole audit and the access log.
pub fn may_audit(person: &Person) -> Result<MayAudit, Refusal> {
    refuse_disabled(person)?;
    if person.is_everywhere_in(AUDITORS) || person.is_everywhere_in(OPERATORS) {
        return Ok(MayAudit { who: person.who.clone() });
    }
    Err(Refusal::NotAnAuditor)
}

fn refuse_disabled(person: &Person) -> Result<(), Refusal> {
    if person.disabled { Err(Refusal::Disabled) } else { Ok(()) }
}
