//! Who plays: named people of every role, with passwords that everybody knows, and the policies that they follow.

use workflow::domain::email::Email;
use workflow::domain::person::Person;
use workflow::domain::policy::{BadPolicy, Policy};
use workflow::domain::text::{BadText, PersonName, ProjectId};
use workflow::ports::Ports;

use super::super::person;
use crate::failure::Failure;
use crate::value;

/// Asks for files of the project that the platform's notice is about.
pub(super) const RESEARCHER: &str = "ada.researcher@example.ac.uk";
/// Asks for files of other projects.
pub(super) const OTHER_RESEARCHER: &str = "noor.haddad@example.ac.uk";
/// Of the first stage.
pub(super) const FIRST_REVIEWER: &str = "ines.okafor@example.ac.uk";
/// Of the first stage, too.
pub(super) const OTHER_FIRST_REVIEWER: &str = "tom.whitfield@example.ac.uk";
/// Of the second stage.
pub(super) const SECOND_REVIEWER: &str = "rosa.lindqvist@example.ac.uk";

/// The password of everybody.
pub(super) const PASSWORD: &str = "demo-only-password";

/// The project whose policy asks for people that there are none of.
pub(super) const UNREVIEWED_PROJECT: &str = "TREProject3Prod";

/// One player.
struct Player {
    email: &'static str,
    name: &'static str,
    group: &'static str,
    part: &'static str,
}

const fn player(email: &'static str, name: &'static str, group: &'static str, part: &'static str) -> Player {
    Player { email, name, group, part }
}

const PEOPLE: [Player; 8] = [
    player(RESEARCHER, "Ada Researcher", "researchers@TREProject1Prod", "asks for files to leave, and downloads them"),
    player(
        OTHER_RESEARCHER,
        "Noor Haddad",
        "researchers@TREProject2Prod,TREProject3Prod",
        "asks, too, in other projects",
    ),
    player(FIRST_REVIEWER, "Ines Okafor", "InformationGovernance", "decides at the first stage"),
    player(OTHER_FIRST_REVIEWER, "Tom Whitfield", "InformationGovernance", "decides at the first stage"),
    player(SECOND_REVIEWER, "Rosa Lindqvist", "TREAdmin", "decides at the second stage"),
    player("sam.achterberg@example.ac.uk", "Sam Achterberg", "TREAdmin", "decides at the second stage"),
    player("olu.bankole@example.ac.uk", "Olu Bankole", "operators", "runs the house: failures, quarantine, messages"),
    player("mei.tanaka@example.ac.uk", "Mei Tanaka", "auditors", "reads every request and its audit trail"),
];

/// Enters everybody with their passwords, and the policies: the shipped one of two stages, but rejected data is deleted
/// at once, so that the proof can be seen; and one whose first stage nobody can decide. Again: nothing.
pub(super) async fn assemble(ports: &Ports) -> Result<Policy, Failure> {
    for player in &PEOPLE {
        let mut entry = enter(player).map_err(|bad| Failure::bug(&bad.to_string()))?;
        let is_known = ports.people.by_email(&entry.who.email).await?.is_some();
        if !is_known || ports.sessions.account(&entry.who.email).await?.is_none() {
            give_password(ports, &mut entry).await?;
        }
    }
    let broken = |bad: BadPolicy| Failure::bug(&bad.to_string());
    let (policy, unmeetable) = (policy().map_err(broken)?, unmeetable().map_err(broken)?);
    let project = ProjectId::parse(UNREVIEWED_PROJECT)?;
    for (policy, project) in [(&policy, None), (&unmeetable, Some(&project))] {
        if ports.policies.find(&policy.name, None).await?.is_none() {
            ports.policies.publish(policy).await?;
            ports.policies.assign(&policy.name, project).await?;
        }
    }
    Ok(policy)
}

async fn give_password(ports: &Ports, entry: &mut Person) -> Result<(), Failure> {
    let email = entry.who.email.clone();
    let set = http::account::set_password(ports, &email, PASSWORD).await;
    entry.who.identities.insert(set.map_err(|not_set| Failure::unreachable(format!("{not_set}.")))?);
    Ok(ports.people.save(entry).await?)
}

fn enter(player: &Player) -> Result<Person, BadText> {
    let (name, email) = (PersonName::parse(player.name)?, Email::parse(player.email)?);
    Ok(person::entry(name, email, [value::membership(player.group)?].into()))
}

fn policy() -> Result<Policy, BadPolicy> {
    Policy::parse(
        &Policy::TWO_STAGE
            .replacen("name = \"two-stage\"", "name = \"demo\"", 1)
            .replacen("keep_rejected_for = \"14 days\"", "keep_rejected_for = \"0 days\"", 1)
            .replacen("limit = 1", "limit = 3", 1),
    )
}

/// A policy whose first stage is decided by a group that nobody is in: its requests wait for an operator.
fn unmeetable() -> Result<Policy, BadPolicy> {
    Policy::parse(
        &Policy::TWO_STAGE
            .replacen("name = \"two-stage\"", "name = \"with-data-owners\"", 1)
            .replacen("id = \"information_governance\"", "id = \"data_owners\"", 1)
            .replacen("title = \"Information Governance\"", "title = \"Data owners\"", 1)
            .replacen("group = \"InformationGovernance\"", "group = \"DataOwners\"", 1),
    )
}

/// One line for each person: name, address, part.
pub(super) fn listing() -> String {
    let lines: Vec<_> = PEOPLE
        .iter()
        .map(|player| vec![format!("  {}", player.name), player.email.to_owned(), player.part.to_owned()])
        .collect();
    let table = crate::render::table(&["  who", "address", "part"], &lines);
    table.split_once('\n').map_or(String::new(), |(_, rows)| rows.to_owned())
}

/// The same for machines.
pub(super) fn sign_ins() -> serde_json::Value {
    PEOPLE
        .iter()
        .map(|player| serde_json::json!({ "name": player.name, "email": player.email, "password": PASSWORD }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_can_be_entered_and_the_policy_deletes_at_once() {
        for player in &PEOPLE {
            assert!(enter(player).is_ok(), "{}", player.name);
        }
        let policy = policy().unwrap();
        assert_eq!((policy.name.as_str(), policy.keep_rejected_for.count, policy.stages.len()), ("demo", 0, 2));
        assert_eq!(policy.download.limit, 3);
    }

    #[test]
    fn nobody_is_in_the_group_that_the_other_policy_asks_first() {
        let policy = unmeetable().unwrap();
        assert!(PEOPLE.iter().all(|player| !player.group.starts_with(policy.stages[0].group.as_str())));
    }
}
