//! I1: nothing is released without every approval. I6: one decision per person and stage, and a stage closes once.

use workflow::domain::audit::Fact;
use workflow::domain::decision::{Decision, Opinion};
use workflow::domain::policy::Stage;
use workflow::domain::request::{Request, Round};
use workflow::domain::status::StatusWord;
use workflow::ports::Ports;
use workflow::ports::object_store::Area;

use super::{Known, Violation};

pub(super) async fn check(ports: &Ports, known: &Known, found: &mut Vec<Violation>) {
    let request = &known.request;
    let published = ports.objects.belongings(Area::Release, request.id).await.unwrap();
    let said = matches!(request.status.word(), StatusWord::Released | StatusWord::Revoked);
    if (said || !published.is_empty()) && !is_approved(known) {
        let what = format!("request {} has an archive without every approval on its chain", request.id);
        found.push(Violation { invariant: 1, what });
    }
    for round in &request.rounds {
        one_each(request, round, found);
    }
}

/// Counts what the chain says, not what the row says.
fn is_approved(known: &Known) -> bool {
    let request = &known.request;
    let (Some(policy), Some(manifest)) = (request.policy(), &request.round().manifest) else { return false };
    let decisions: Vec<&Decision> = known
        .events
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Decided { decision } => Some(&**decision),
            _ => None,
        })
        .filter(|d| d.ballot.round == request.round().number && d.ballot.manifest == manifest.digest)
        .collect();
    let passed = |stage: &Stage| {
        let here: Vec<_> = decisions.iter().filter(|d| d.ballot.stage == stage.id).collect();
        here.iter().all(|d| d.ballot.opinion == Opinion::Approve) && here.len() >= stage.quorum as usize
    };
    let distinct = policy.one_person_may_decide_at_several_stages
        || decisions.iter().enumerate().all(|(i, a)| decisions.iter().skip(i + 1).all(|b| !a.by.is_same_person(&b.by)));
    policy.stages.iter().all(passed) && distinct && decisions.iter().all(|d| !request.is_of(&d.by))
}

fn one_each(request: &Request, round: &Round, found: &mut Vec<Violation>) {
    let mut report = |what| found.push(Violation { invariant: 6, what });
    for (i, a) in round.decisions.iter().enumerate() {
        for b in round.decisions.iter().skip(i + 1) {
            if a.ballot.stage == b.ballot.stage && a.by.is_same_person(&b.by) {
                report(format!("{} decided twice at {} of request {}", a.by.email, a.ballot.stage, request.id));
            }
        }
    }
    for stage in request.policy().map(|policy| policy.stages.as_slice()).unwrap_or_default() {
        let here: Vec<_> = round.decisions.iter().filter(|d| d.ballot.stage == stage.id).collect();
        let closed_by = here
            .iter()
            .enumerate()
            .position(|(i, d)| d.ballot.opinion != Opinion::Approve || i + 1 == stage.quorum as usize);
        if closed_by.is_some_and(|last| last + 1 < here.len()) {
            report(format!("a decision was taken at {} of request {} after it had closed", stage.id, request.id));
        }
    }
}
