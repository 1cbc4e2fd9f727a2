//! What happened, as sentences that people read.

use jiff::Timestamp;
use workflow::domain::audit::{Actor, Fact};
use workflow::domain::policy::Policy;
use workflow::domain::status::End;
use workflow::domain::text::{Reason, StageId};

/// Who or what made a change, in the words of a timeline.
pub(crate) fn actor(actor: &Actor) -> String {
    match actor {
        Actor::Person { who, .. } => who.name.to_string(),
        Actor::Step { .. } | Actor::Chore { .. } => "Lockgate".to_owned(),
        Actor::Platform => "The platform".to_owned(),
    }
}

/// Tells what people want to read from what only an auditor asks for.
pub(crate) fn is_news(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::FilesStaged { .. }
            | Fact::WaitBegan { .. }
            | Fact::Tallied { .. }
            | Fact::Claimed { .. }
            | Fact::ReleasePlanned { .. }
            | Fact::ReleaseAdvanced { .. }
            | Fact::Renewed { .. }
    )
}

/// What happened, in one sentence.
pub(crate) fn of(fact: &Fact, policy: Option<&Policy>) -> String {
    let title = |stage: &StageId| title(stage, policy);
    match fact {
        Fact::Received { .. } => "The request was received.".to_owned(),
        Fact::Queued { .. } => "The request waits behind another one of the same egress store.".to_owned(),
        Fact::Dequeued { .. } => "The egress store came free, and the request goes on.".to_owned(),
        Fact::Admitted { policy, .. } => format!("The request was admitted under the policy {policy}."),
        Fact::StagingBegan { declared } => format!("Freezing of {} began.", files(declared.files)),
        Fact::FilesStaged { files: count, .. } => format!("{} are frozen so far.", files(*count)),
        Fact::Staged { manifest } => format!("{} are frozen: nobody can change them any more.", files(manifest.files)),
        Fact::ReviewersNotified { stage } => format!("The reviewers of {} were told.", title(stage)),
        Fact::WaitBegan { .. } => "The workflow waits for people.".to_owned(),
        Fact::Decided { decision } => {
            let ballot = &decision.ballot;
            with_reason(&format!("{} at {}", opinion(ballot.opinion), title(&ballot.stage)), ballot.reason.as_ref())
        }
        Fact::Tallied { stage } => format!("The decisions at {} were counted; more are wanted.", title(stage)),
        Fact::StagePassed { stage } | Fact::Approved { stage } => format!("{} is passed.", title(stage)),
        Fact::Reminded { stage, .. } => format!("The reviewers of {} were reminded.", title(stage)),
        Fact::Escalated { stage } => format!("It is getting late at {}, and those in charge were told.", title(stage)),
        other => later(other),
    }
}

/// What happens once people have decided, or instead.
fn later(fact: &Fact) -> String {
    match fact {
        Fact::Ending { end, reason } => {
            with_reason(&format!("The files will not be released: {}", because(*end)), reason.as_ref())
        }
        Fact::Ended { end, delete_at } => {
            format!("The request was closed ({}); its files are kept until {}.", because(*end), day(*delete_at))
        }
        Fact::Deleted { files: count, .. } => format!("{} were deleted, with proof.", files(*count)),
        Fact::Claimed { state, attempt } => format!("Attempt {attempt} took up the work of {state}."),
        Fact::ReleasePlanned { .. } => "The release was planned.".to_owned(),
        Fact::ReleaseAdvanced { bytes } => format!("{bytes} bytes of the archive are written."),
        Fact::Released { archive } => format!("The files were released as one archive of {} bytes.", archive.size),
        Fact::Told { .. } => "The requester was told how it ended.".to_owned(),
        Fact::WithdrawalAsked { reason } => with_reason("An end of the request was asked for", reason.as_ref()),
        Fact::Withdrawn { reason } => with_reason("The request was withdrawn", reason.as_ref()),
        Fact::Expired => "The request expired: nobody answered in time.".to_owned(),
        Fact::Resubmitted { round, .. } => format!("Round {round} was submitted."),
        Fact::Commented { text, .. } => with_reason("A comment", Some(text)),
        Fact::DownloadGranted { count, .. } => format!("Download number {count} was granted."),
        Fact::Revoked { reason } => with_reason("The release was called back", Some(reason)),
        // What broke is in words for operators; they read it where they put it right.
        Fact::Failed { .. } => "Something broke, and the operators were told. Nothing is lost.".to_owned(),
        // Whose address it was, the operators read in the outbox.
        Fact::Undeliverable { .. } => {
            "A letter about the request could not be delivered, and the operators were told.".to_owned()
        }
        Fact::Resumed { reason, .. } => with_reason("An operator let the request go on", reason.as_ref()),
        Fact::Renewed { .. } => "The workflow was renewed, as it is from time to time.".to_owned(),
        Fact::DeadlinesExtended { seconds } => {
            format!(
                "The deadlines were moved by {} minutes: the house was not there to watch them.",
                seconds.div_ceil(60)
            )
        }
        _ => "The request was changed.".to_owned(),
    }
}

/// What a stage is called.
pub(crate) fn title(stage: &StageId, policy: Option<&Policy>) -> String {
    let known = policy.and_then(|policy| policy.stages.iter().find(|candidate| candidate.id == *stage));
    known.map_or_else(|| stage.to_string(), |stage| stage.title.to_string())
}

fn opinion(opinion: workflow::domain::decision::Opinion) -> String {
    let word = opinion.participle();
    word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect()
}

fn because(end: End) -> &'static str {
    match end {
        End::Rejected => "rejected",
        End::Returned => "returned to the requester",
        End::Withdrawn => "withdrawn",
        End::Expired => "nobody decided in time",
    }
}

fn with_reason(what: &str, reason: Option<&Reason>) -> String {
    reason.map_or_else(|| format!("{what}."), |reason| format!("{what}: {reason}"))
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// A day in UTC, in words.
pub(crate) fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}
