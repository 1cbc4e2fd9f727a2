//! Who plays: named people of every role, and the policy that they follow.

use workflow::domain::email::Email;
use workflow::domain::policy::Policy;
use workflow::domain::text::{BadText, PersonName};
use workflow::ports::Ports;

use super::super::person;
use crate::failure::Failure;
use crate::value;

/// Of the first stage.
pub(super) const FIRST_REVIEWER: &str = "ines.okafor@example.ac.uk";
/// Of the second stage.
pub(super) const SECOND_REVIEWER: &str = "rosa.lindqvist@example.ac.uk";

/// Address, name, group.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("ada.researcher@example.ac.uk", "Ada Researcher", "researchers@TREProject1Prod"),
    (FIRST_REVIEWER, "Ines Okafor", "InformationGovernance"),
    ("tom.whitfield@example.ac.uk", "Tom Whitfield", "InformationGovernance"),
    (SECOND_REVIEWER, "Rosa Lindqvist", "TREAdmin"),
    ("sam.achterberg@example.ac.uk", "Sam Achterberg", "TREAdmin"),
    ("olu.bankole@example.ac.uk", "Olu Bankole", "operators"),
    ("mei.tanaka@example.ac.uk", "Mei Tanaka", "auditors"),
];

/// Enters everybody, and the policy: the shipped one of two stages, but rejected data is deleted at once, so that the
/// proof can be seen. Again: nothing.
pub(super) async fn assemble(ports: &Ports) -> Result<Policy, Failure> {
    for (email, name, group) in PEOPLE {
        let entry = enter(email, name, group).map_err(|bad| Failure::bug(&bad.to_string()))?;
        if ports.people.by_email(&entry.who.email).await?.is_none() {
            ports.people.save(&entry).await?;
        }
    }
    let policy = policy().map_err(|bad| Failure::bug(&bad.to_string()))?;
    if ports.policies.find(&policy.name, None).await?.is_none() {
        ports.policies.publish(&policy).await?;
        ports.policies.assign(&policy.name, None).await?;
    }
    Ok(policy)
}

fn enter(email: &str, name: &str, group: &str) -> Result<workflow::domain::person::Person, BadText> {
    Ok(person::entry(PersonName::parse(name)?, Email::parse(email)?, [value::membership(group)?].into()))
}

fn policy() -> Result<Policy, workflow::domain::policy::BadPolicy> {
    let text = Policy::TWO_STAGE.replacen("name = \"two-stage\"", "name = \"demo\"", 1);
    Policy::parse(&text.replacen("keep_rejected_for = \"14 days\"", "keep_rejected_for = \"0 days\"", 1))
}

/// One address per line, with name and group.
pub(super) fn listing() -> String {
    let lines = PEOPLE.map(|(email, name, group)| vec![format!("  {name}"), email.to_owned(), group.to_owned()]);
    let table = crate::render::table(&["  who", "address", "group"], &lines);
    table.split_once('\n').map_or(String::new(), |(_, rows)| rows.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_can_be_entered_and_the_policy_deletes_at_once() {
        for (email, name, group) in PEOPLE {
            assert!(enter(email, name, group).is_ok(), "{name}");
        }
        let policy = policy().unwrap();
        assert_eq!((policy.name.as_str(), policy.keep_rejected_for.count, policy.stages.len()), ("demo", 0, 2));
    }
}
