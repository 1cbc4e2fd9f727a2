//! Events of the audit trail, in words.

use workflow::domain::audit::{Actor, Event, Fact};
use workflow::domain::status::End;
use workflow::domain::text::Reason;

use super::{counted, instant};

/// One line: its number, what happened, who did it, and what is worth knowing.
pub(crate) fn line(event: &Event) -> String {
    let (what, detail) = words(&event.fact);
    let line = format!("{:>4}  {what:<18}  {:<28}  {detail}", event.sequence, actor(&event.actor));
    line.trim_end().to_owned()
}

/// The line, and when it happened.
pub(crate) fn dated_line(event: &Event) -> String {
    format!("{}  {}", instant(event.at), line(event))
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::Person { who, .. } => who.name.to_string(),
        Actor::Step { state, run: 1 } => format!("step {state}"),
        other => other.to_string(),
    }
}

/// What happened, and the rest of it.
pub(crate) fn words(fact: &Fact) -> (&'static str, String) {
    work(fact).or_else(|| people(fact)).unwrap_or_else(|| time(fact))
}

/// What steps record.
fn work(fact: &Fact) -> Option<(&'static str, String)> {
    Some(match fact {
        Fact::Received { notice: Some(notice) } => ("received", format!("notice {notice}")),
        Fact::Received { notice: None } => ("received", "from a person".to_owned()),
        Fact::Queued { store } => ("queued", format!("behind an open request of store {store}")),
        Fact::Dequeued { run } => ("let in", format!("run {run} begins")),
        Fact::Admitted { policy, .. } => ("admitted", format!("policy {policy}")),
        Fact::StagingBegan { declared } => ("staging", format!("{} declared", counted(declared.files, "file"))),
        Fact::FilesStaged { files, bytes } => ("files frozen", size(*files, *bytes)),
        Fact::Staged { manifest } => ("staged", format!("manifest {}", manifest.digest)),
        Fact::ReviewersNotified { stage } => ("reviewers told", stage.to_string()),
        Fact::WaitBegan { .. } => ("waits", String::new()),
        Fact::Tallied { stage } => ("tallied", stage.to_string()),
        Fact::StagePassed { stage } => ("stage passed", stage.to_string()),
        Fact::Approved { stage } => ("all approved", format!("last stage {stage} passed")),
        Fact::Claimed { state, .. } => ("work taken up", state.clone()),
        Fact::ReleasePlanned { plan } => ("release planned", format!("plan {}", plan.digest)),
        Fact::ReleaseAdvanced { bytes } => ("archive grows", counted(*bytes, "byte")),
        Fact::Released { archive } => ("released", format!("{}  {}", counted(archive.size, "byte"), archive.digest)),
        Fact::Told { upstream: Some(status) } => ("told", format!("the platform reads {status}")),
        Fact::Told { upstream: None } => ("told", String::new()),
        _ => return None,
    })
}

/// What people do.
fn people(fact: &Fact) -> Option<(&'static str, String)> {
    Some(match fact {
        Fact::Decided { decision } => {
            let ballot = &decision.ballot;
            (ballot.opinion.participle(), format!("at {}{}", ballot.stage, quoted(ballot.reason.as_ref())))
        }
        Fact::WithdrawalAsked { reason } => ("end asked for", quoted(reason.as_ref())),
        Fact::Withdrawn { reason } => ("withdrawn", quoted(reason.as_ref())),
        Fact::Resubmitted { round, notice: Some(notice) } => ("resubmitted", format!("round {round}, notice {notice}")),
        Fact::Resubmitted { round, notice: None } => ("resubmitted", format!("round {round}")),
        Fact::Commented { text, .. } => ("commented", quoted(Some(text))),
        Fact::DownloadGranted { count, expires_at, .. } => {
            ("download granted", format!("number {count}, until {}", instant(*expires_at)))
        }
        Fact::Revoked { reason } => ("revoked", quoted(Some(reason))),
        Fact::Resumed { run, reason } => ("resumed", format!("as run {run}{}", quoted(reason.as_ref()))),
        _ => return None,
    })
}

/// What time and trouble bring, and every end.
fn time(fact: &Fact) -> (&'static str, String) {
    match fact {
        Fact::Reminded { stage, count } => ("reminded", format!("{stage}, reminder {count}")),
        Fact::Escalated { stage } => ("escalated", stage.to_string()),
        Fact::Ending { end, reason } => (ending(*end), quoted(reason.as_ref())),
        Fact::Ended { delete_at, .. } => ("put away", format!("to be deleted at {}", instant(*delete_at))),
        Fact::Deleted { proof, files } => ("deleted", format!("{}, proof {}", counted(*files, "file"), proof.digest)),
        Fact::Expired => ("expired", String::new()),
        Fact::Failed { cause } => ("failed", format!("in {} ({}): {}", cause.state, cause.error, cause.sentence)),
        Fact::Undeliverable { message, trouble } => ("mail not delivered", format!("{message}: {trouble}")),
        Fact::Renewed { run } => ("renewed", format!("as run {run}")),
        Fact::Restored { taken_at } => ("restored", format!("from the backup of {}", instant(*taken_at))),
        Fact::DeadlinesExtended { seconds } => ("deadlines moved", format!("by {}", counted(*seconds, "second"))),
        _ => ("changed", String::new()),
    }
}

fn ending(end: End) -> &'static str {
    match end {
        End::Rejected => "rejected",
        End::Returned => "returned",
        End::Withdrawn => "withdrawn",
        End::Expired => "expired",
    }
}

/// Files with their bytes.
pub(crate) fn size(files: u64, bytes: u64) -> String {
    format!("{}, {}", counted(files, "file"), counted(bytes, "byte"))
}

fn quoted(reason: Option<&Reason>) -> String {
    reason.map_or_else(String::new, |reason| format!(": {}", reason.as_str().replace('\n', " ")))
}
