//! Who decides what: what operators change in an installation, by an invocation that the account's own rules let them make.

use serde::Deserialize;
use serde_json::{Value, json};
use workflow::actions::administer::{self, Hand};
use workflow::domain::email::Email;
use workflow::domain::permission::may_operate;
use workflow::domain::policy::Policy;
use workflow::domain::text::{PolicyName, ProjectId};
use workflow::ports::Ports;

use crate::failure::Failure;

/// What is on record as the place that a change came from.
const ORIGIN: &str = "the function administer";

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
enum Order {
    /// The newest version of each policy, and where it applies.
    ListPolicies,
    /// A policy as its document.
    ShowPolicy { policy: PolicyName, version: Option<u32> },
    /// Publish a version.
    PublishPolicy { document: String, by: Email },
    /// Say which policy applies to a project, or to the house.
    AssignPolicy { policy: PolicyName, project: Option<ProjectId>, by: Email },
}

/// Does what is asked and answers a text for people. What is refused has changed nothing.
pub(crate) async fn run(ports: &Ports, event: Value) -> Result<Value, Failure> {
    let order = serde_json::from_value(event).map_err(|bad| refused(format!("what is asked cannot be read: {bad}")))?;
    let text = match order {
        Order::ListPolicies => list(ports).await?,
        Order::ShowPolicy { policy, version } => find(ports, &policy, version).await?.to_toml(),
        Order::PublishPolicy { document, by } => {
            let policy = Policy::parse(&document).map_err(refused)?;
            administer::publish_policy(ports, &hand(ports, by).await?, &policy).await?;
            format!("{} is published. New requests follow it wherever {} is assigned.", policy.label(), policy.name)
        }
        Order::AssignPolicy { policy, project, by } => {
            let newest = find(ports, &policy, None).await?;
            administer::assign_policy(ports, &hand(ports, by).await?, &policy, project.as_ref()).await?;
            let place = project.map_or_else(|| "the house".to_owned(), |project| format!("project {project}"));
            format!(
                "{} applies to {place} from now on. Requests that were admitted before keep theirs.",
                newest.label()
            )
        }
    };
    Ok(json!({ "text": text }))
}

async fn list(ports: &Ports) -> Result<String, Failure> {
    let policies = ports.policies.list().await?;
    let lines = policies.iter().enumerate().map(|(index, (policy, projects))| {
        let house = (index == 0).then(|| "the house".to_owned());
        let places: Vec<String> = house.into_iter().chain(projects.iter().map(ToString::to_string)).collect();
        let stages: Vec<String> = policy.stages.iter().map(|stage| stage.title.to_string()).collect();
        format!("{}: {}; applies to {}", policy.label(), stages.join(", then "), one_or(&places, "nothing"))
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

fn one_or(places: &[String], nothing: &str) -> String {
    if places.is_empty() { nothing.to_owned() } else { places.join(", ") }
}

async fn find(ports: &Ports, name: &PolicyName, version: Option<u32>) -> Result<Policy, Failure> {
    let missing = || refused(format!("there is no such policy as {name}"));
    ports.policies.find(name, version).await?.ok_or_else(missing)
}

/// The operator, as they are put on record. The account lets only its administrators call; whom they act for they say.
async fn hand(ports: &Ports, by: Email) -> Result<Hand, Failure> {
    let person = ports.people.by_email(&by).await?;
    let unknown = || refused(format!("nobody of the address {by} has ever signed in"));
    may_operate(&person.ok_or_else(unknown)?).map_err(refused)?;
    Ok(Hand { person: Some(by), system_user: None, origin: Some(ORIGIN.to_owned()) })
}

fn refused(sentence: impl std::fmt::Display) -> Failure {
    Failure::new("Lockgate.Refused", format!("{sentence}. Nothing was changed."))
}
