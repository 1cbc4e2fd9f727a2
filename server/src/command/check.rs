//! `check`: whether what is stored is sound.

use clap::Args;
use serde::{Deserialize, Serialize};
use workflow::domain::audit::verify_chain;
use workflow::domain::digest::Digest;
use workflow::domain::request::Request as Aggregate;
use workflow::domain::status::Status;
use workflow::ports::object_store::{Area, ObjectVersion};
use workflow::ports::outbox::Drawer;

use super::audit::Requests;
use super::{Need, request};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::object;
use crate::output::Output;
use crate::render::{counted, instant};

/// How thoroughly.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Check {
    /// Also read every file and compare its digest
    #[arg(long)]
    bytes: bool,
    /// Also remove what a crash left behind: files that no row names, but no released archive
    #[arg(long)]
    repair: bool,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Report {
    requests: u64,
    events: u64,
    records: u64,
    archives: u64,
    files: u64,
    left_over: Vec<String>,
    removed: u64,
    waiting_for_an_operator: Vec<String>,
    problems: Vec<String>,
}

impl Check {
    pub(super) fn need(&self) -> Need {
        if self.repair { Need::Writing } else { Need::Reading }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let mut report = Report::default();
        let mut requests = Requests::new(desk, None);
        while let Some(request) = requests.next().await? {
            self.look_at(desk, &request, &mut report).await?;
        }
        self.look_at_files(desk, &mut report).await?;
        look_at_the_rest(desk, &mut report).await?;
        output.answer(&report, || report.text()).await;
        match report.problems.len() {
            0 => Ok(()),
            problems => {
                let problems = counted(u64::try_from(problems).unwrap_or(u64::MAX), "problem");
                let sentence = format!(
                    "{problems} found. Nothing was changed. Keep the directory as it is, and compare it with a backup."
                );
                Err(Failure::refused("UNSOUND", sentence))
            }
        }
    }

    async fn look_at(&self, desk: &Desk, request: &Aggregate, report: &mut Report) -> Result<(), Failure> {
        let events = request::trail(&desk.ports, request.id).await?;
        report.requests += 1;
        report.events += u64::try_from(events.len()).unwrap_or(u64::MAX);
        if let Err(broken) = verify_chain(request.id, &events, request.head) {
            report.problems.push(broken.to_string());
        }
        if events.last().is_some_and(|event| event.state != request.state_digest()) {
            report.problems.push(format!("request {} is not what its last event left", request.id));
        }
        if matches!(request.status, Status::Released | Status::Revoked) && !request.has_every_approval() {
            report.problems.push(format!("request {} is released, and not every approval is on record", request.id));
        }
        if let Status::Failed { cause, .. } = &request.status {
            report
                .waiting_for_an_operator
                .push(format!("request {} failed in {}: {}", request.id, cause.state, cause.sentence));
        }
        for record in records_of(request) {
            report.records += 1;
            if let Err(error) = object::record::<serde_json::Value>(&desk.ports, &record.0, record.1).await {
                report.problems.push(error.in_full());
            }
        }
        self.look_at_archive(desk, request, report).await
    }

    /// Compares what the database names with what is on the disk, and removes what is nobody's where that is asked for.
    async fn look_at_files(&self, desk: &Desk, report: &mut Report) -> Result<(), Failure> {
        let objects = desk.house.objects();
        let survey = objects.survey(self.bytes).await?;
        report.files = survey.files;
        report.problems.extend(survey.problems);
        for path in survey.unnamed {
            let removed = self.repair && remove(desk, &path).await?;
            report.removed += u64::from(removed);
            if !removed {
                report.left_over.push(path);
            }
        }
        Ok(())
    }

    async fn look_at_archive(&self, desk: &Desk, request: &Aggregate, report: &mut Report) -> Result<(), Failure> {
        let Some(archive) = request.release.as_ref().and_then(|release| release.archive.as_ref()) else {
            return Ok(());
        };
        report.archives += 1;
        let object = ObjectVersion { area: Area::Release, key: archive.key.clone(), version: archive.version.clone() };
        match desk.ports.objects.size(&object).await {
            Ok(size) if size != archive.size => {
                report.problems.push(format!(
                    "the archive of request {} has {size} bytes, but {} were released",
                    request.id, archive.size
                ));
            }
            Err(error) => report.problems.push(error.in_full()),
            Ok(_) => {}
        }
        Ok(())
    }
}

/// Removes a file that no row names. What belongs to a request that goes on is its own to come back to, and an archive
/// may have been released before a backup was brought back.
async fn remove(desk: &Desk, path: &str) -> Result<bool, Failure> {
    let objects = desk.house.objects();
    let Some(owner) = path.strip_prefix("blobs/").and_then(|path| path.split('/').next()) else {
        return Ok(objects.remove_unnamed_file(path).await?);
    };
    let Ok(owner) = owner.parse() else { return Ok(false) };
    let request = desk.ports.requests.find(owner).await?;
    if request.is_some_and(|request| !request.status.is_over()) {
        return Ok(false);
    }
    objects.remove_unnamed(owner).await?;
    Ok(!desk.house.dir().join(path).exists())
}

/// The records that a request refers to: key and digest.
fn records_of(request: &Aggregate) -> Vec<(String, Digest)> {
    let of_round = |round: &workflow::domain::request::Round| {
        let manifests = [&round.declared, &round.manifest].into_iter().flatten().map(|m| (m.key.clone(), m.digest));
        let proof = round.disposal.as_ref().and_then(|disposal| disposal.proof.as_ref());
        let others = round.frozen.iter().chain(proof).map(|record| (record.key.clone(), record.digest));
        manifests.chain(others).collect::<Vec<_>>()
    };
    let plan = request.release.iter().map(|release| (release.plan.key.clone(), release.plan.digest));
    request.rounds.iter().flat_map(of_round).chain(plan).collect()
}

/// What is nobody's request: the operators' lists.
async fn look_at_the_rest(desk: &Desk, report: &mut Report) -> Result<(), Failure> {
    if let Some(held) = desk.house.held_deadlines() {
        let since = instant(held.since);
        report.waiting_for_an_operator.push(format!("deadlines are held since {since}: {}", held.because));
    }
    for item in desk.ports.intake.list(1_000).await? {
        report.waiting_for_an_operator.push(format!("quarantined notice {}: {}", item.id, item.reason));
    }
    for posting in desk.ports.outbox.list(Drawer::Undeliverable, 1_000).await? {
        let trouble = posting.trouble.unwrap_or_default();
        report.waiting_for_an_operator.push(format!("undeliverable message {}: {trouble}", posting.id));
    }
    Ok(())
}

impl Report {
    fn text(&self) -> String {
        let counts = [
            counted(self.requests, "request"),
            counted(self.events, "event"),
            counted(self.records, "record"),
            counted(self.archives, "archive"),
            counted(self.files, "file"),
        ];
        let mut text = format!("Looked at {}.\n", counts.join(", "));
        for waiting in &self.waiting_for_an_operator {
            text = text + "  waits for an operator: " + waiting + "\n";
        }
        for path in &self.left_over {
            text = text + "  left over: " + path + "\n";
        }
        if self.removed > 0 {
            text = text + "Removed " + &counted(self.removed, "file") + " that nobody named.\n";
        }
        for problem in &self.problems {
            text = text + "  PROBLEM: " + problem + "\n";
        }
        if self.problems.is_empty() {
            text.push_str("Everything is as it was written.\n");
        }
        text
    }
}
