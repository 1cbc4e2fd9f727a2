//! `policy`: who decides what, by version.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use workflow::actions::administer;
use workflow::domain::email::Email;
use workflow::domain::policy::Policy as Document;
use workflow::domain::text::{PolicyName, ProjectId};

use super::Need;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::file;
use crate::output::Output;
use crate::render::table;
use crate::value;

/// The largest policy that is read.
const LARGEST: usize = 1 << 20;

/// What can be done with policies.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Policy {
    /// List the newest version of each policy
    List,
    /// Print one policy
    Show(Show),
    /// Publish a version from a file, as an operator
    Publish(Publish),
    /// Say which policy applies to a project or to the house, as an operator
    Assign(Assign),
    /// Show what differs between two versions, or between the newest and a file
    Diff(Diff),
}

/// Which policy.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Show {
    #[arg(value_name = "POLICY", value_parser = value::policy_name)]
    name: PolicyName,
    /// Which version [default: the newest]
    #[arg(long, value_name = "N")]
    version: Option<u32>,
}

/// What to publish.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Publish {
    /// The policy document
    #[arg(value_name = "FILE", value_parser = value::path)]
    file: PathBuf,
    /// The operator
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
}

/// Which policy applies where.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Assign {
    #[arg(value_name = "POLICY", value_parser = value::policy_name)]
    name: PolicyName,
    /// To which project [default: to every project that has none of its own]
    #[arg(long, value_parser = value::project)]
    project: Option<ProjectId>,
    /// The operator
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
}

/// What to compare.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Diff {
    #[arg(value_name = "POLICY", value_parser = value::policy_name)]
    name: PolicyName,
    /// The older version [default: the one before the newer]
    #[arg(long, value_name = "N")]
    from: Option<u32>,
    /// The newer version [default: the newest]
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Compare with this file in place of the newer version
    #[arg(long, value_name = "FILE", conflicts_with = "to", value_parser = value::path)]
    file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Row {
    name: PolicyName,
    version: u32,
    applies_to: Vec<String>,
    stages: Vec<String>,
}

#[derive(Serialize)]
struct Difference {
    from: String,
    to: String,
    lines: Vec<String>,
}

impl Policy {
    pub(super) fn need(&self) -> Need {
        match self {
            Self::List | Self::Show(_) | Self::Diff(_) => Need::Reading,
            Self::Publish(_) | Self::Assign(_) => Need::Writing,
        }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List => list(desk, output).await,
            Self::Show(command) => command.run(desk, output).await,
            Self::Publish(command) => command.run(desk, output).await,
            Self::Assign(command) => command.run(desk, output).await,
            Self::Diff(command) => command.run(desk, output).await,
        }
    }
}

async fn list(desk: &Desk, output: &Output) -> Result<(), Failure> {
    let policies = desk.ports.policies.list().await?;
    let rows: Vec<Row> =
        policies.iter().enumerate().map(|(index, (policy, projects))| row(index, policy, projects)).collect();
    let cells = |row: &Row| {
        vec![row.name.to_string(), row.version.to_string(), row.applies_to.join(", "), row.stages.join(", then ")]
    };
    let text = || table(&["policy", "version", "applies to", "stages"], &rows.iter().map(cells).collect::<Vec<_>>());
    output.answer(&rows, text).await;
    Ok(())
}

fn row(index: usize, policy: &Document, projects: &[ProjectId]) -> Row {
    let house = (index == 0).then(|| "the house".to_owned());
    Row {
        name: policy.name.clone(),
        version: policy.version,
        applies_to: house.into_iter().chain(projects.iter().map(ToString::to_string)).collect(),
        stages: policy.stages.iter().map(|stage| stage.title.to_string()).collect(),
    }
}

impl Show {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let policy = find(desk, &self.name, self.version).await?;
        output.answer(&policy, || policy.to_toml()).await;
        Ok(())
    }
}

impl Publish {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let hand = desk.operator(&self.person).await?;
        let policy = read(&self.file)?;
        administer::publish_policy(&desk.ports, &hand, &policy).await?;
        output
            .answer(&policy, || {
                format!("{} is published. New requests follow it wherever {} is assigned.", policy.label(), policy.name)
            })
            .await;
        Ok(())
    }
}

impl Assign {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let hand = desk.operator(&self.person).await?;
        let policy = find(desk, &self.name, None).await?;
        administer::assign_policy(&desk.ports, &hand, &self.name, self.project.as_ref()).await?;
        let place =
            self.project.as_ref().map_or_else(|| "the house".to_owned(), |project| format!("project {project}"));
        let document = serde_json::json!({ "policy": policy.name, "version": policy.version, "project": self.project });
        let text = || {
            format!(
                "{} applies to {place} from now on. Requests that were admitted before keep theirs.",
                policy.label()
            )
        };
        output.answer(&document, text).await;
        Ok(())
    }
}

impl Diff {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let newer = match &self.file {
            Some(file) => read(file)?,
            None => find(desk, &self.name, self.to).await?,
        };
        let older = match (self.from, &self.file) {
            (None, Some(_)) => find(desk, &self.name, None).await?,
            (None, None) => find(desk, &self.name, Some(newer.version.saturating_sub(1).max(1))).await?,
            (from, _) => find(desk, &self.name, from).await?,
        };
        let lines = difference(&older.to_toml(), &newer.to_toml());
        let difference = Difference { from: older.label(), to: newer.label(), lines };
        let text = || match difference.lines.as_slice() {
            [] => format!("{} and {} are the same.", difference.from, difference.to),
            lines => format!("--- {}\n+++ {}\n{}\n", difference.from, difference.to, lines.join("\n")),
        };
        output.answer(&difference, text).await;
        Ok(())
    }
}

/// The lines that only one of two documents has, in order. Policies are short and their settings have a fixed order.
fn difference(older: &str, newer: &str) -> Vec<String> {
    similar::TextDiff::from_lines(older, newer)
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{}", change.tag(), change.value().trim_end()))
        .collect()
}

async fn find(desk: &Desk, name: &PolicyName, version: Option<u32>) -> Result<Document, Failure> {
    let missing = || {
        let version = version.map_or_else(String::new, |version| format!(" in version {version}"));
        Failure::not_found(format!("There is no policy {name}{version}. 'lockgate policy list' shows what there is."))
    };
    desk.ports.policies.find(name, version).await?.ok_or_else(missing)
}

fn read(path: &Path) -> Result<Document, Failure> {
    let text = file::read_text(path, LARGEST)
        .map_err(|unread| Failure::unreachable(format!("{unread}. Nothing was changed.")))?;
    Document::parse(&text)
        .map_err(|bad| Failure::refused("BAD_POLICY", format!("{}: {bad}. Nothing was changed.", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_both_sides_of_what_changed() {
        assert_eq!(difference("a = 1\nb = 2\n", "a = 1\nb = 3\n"), ["-b = 2", "+b = 3"]);
    }
}
