//! Who decides what, and who is who: what operators change in an installation, by an invocation that the account's own
//! rules let them make.

mod people;
mod policies;

use serde::Deserialize;
use serde_json::{Value, json};
use workflow::actions::administer::Hand;
use workflow::domain::email::Email;
use workflow::domain::permission::may_operate;
use workflow::domain::text::{PersonName, PolicyName, ProjectId};
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
    /// Everybody.
    ListPeople,
    /// Enter somebody, or say anew of which projects they are. Groups are `GROUP@PROJECT,…`.
    EnterPerson { email: Email, name: Option<PersonName>, groups: Vec<String>, by: Email },
    /// Shut somebody out, whatever the user pool says.
    DisablePerson { email: Email, by: Email },
}

/// Does what is asked and answers a text for people. What is refused has changed nothing.
pub(crate) async fn run(ports: &Ports, event: Value) -> Result<Value, Failure> {
    let order = serde_json::from_value(event).map_err(|bad| refused(format!("what is asked cannot be read: {bad}")))?;
    let text = match order {
        Order::ListPolicies => policies::list(ports).await?,
        Order::ShowPolicy { policy, version } => policies::find(ports, &policy, version).await?.to_toml(),
        Order::PublishPolicy { document, by } => policies::publish(ports, &hand(ports, by).await?, &document).await?,
        Order::AssignPolicy { policy, project, by } => {
            policies::assign(ports, &hand(ports, by).await?, &policy, project.as_ref()).await?
        }
        Order::ListPeople => people::list(ports).await?,
        Order::EnterPerson { email, name, groups, by } => {
            people::enter(ports, &hand(ports, by).await?, (email, name), &groups).await?
        }
        Order::DisablePerson { email, by } => people::disable(ports, &hand(ports, by).await?, &email).await?,
    };
    Ok(json!({ "text": text }))
}

/// The operator, as they are put on record. The account lets only its administrators call; whom they act for they say.
async fn hand(ports: &Ports, by: Email) -> Result<Hand, Failure> {
    let person = ports.people.by_email(&by).await?;
    let unknown = || refused(format!("nobody of the address {by} has ever signed in"));
    may_operate(&person.ok_or_else(unknown)?).map_err(refused)?;
    Ok(Hand { person: Some(by), system_user: None, origin: Some(ORIGIN.to_owned()) })
}

fn refused(sentence: impl std::fmt::Display) -> Failure {
    let sentence = sentence.to_string();
    Failure::new("Lockgate.Refused", format!("{}. Nothing was changed.", sentence.trim_end_matches('.')))
}
