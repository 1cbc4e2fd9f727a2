//! People: who somebody is, and which groups they are in.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::email::Email;
use super::text::{BadText, Group, PersonName, ProjectId};

/// The group whose members run the house: they see failures, and may retry, abort and revoke.
pub const OPERATORS: &str = "operators";
/// The group whose members may read everything and change nothing.
pub const AUDITORS: &str = "auditors";
/// The group whose members may submit by themselves.
pub const RESEARCHERS: &str = "researchers";

/// One account somewhere: a subject is unique within its issuer only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// Who vouches for the subject: an identity provider's URL, `lockgate` for local accounts, `platform` upstream.
    pub issuer: String,
    /// The account within the issuer.
    pub subject: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.issuer, self.subject)
    }
}

/// Who somebody is: what is written down when they act, and what four eyes are compared by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Their name, as shown.
    pub name: PersonName,
    /// The address they are written to.
    pub email: Email,
    /// Their accounts.
    pub identities: BTreeSet<Identity>,
    /// The addresses that an issuer vouches for.
    pub verified_emails: BTreeSet<Email>,
}

impl Who {
    /// Tells whether two records are of one person: any identity or any verified address in common.
    pub fn is_same_person(&self, other: &Self) -> bool {
        !self.identities.is_disjoint(&other.identities) || !self.verified_emails.is_disjoint(&other.verified_emails)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// In which projects a membership counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In every project.
    Everywhere,
    /// In these projects only.
    Projects(BTreeSet<ProjectId>),
}

/// A membership of one group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Membership {
    /// The group.
    pub group: Group,
    /// Where it counts.
    pub scope: Scope,
}

impl Membership {
    /// Tells whether the membership counts in a project.
    pub fn covers(&self, project: &ProjectId) -> bool {
        match &self.scope {
            Scope::Everywhere => true,
            Scope::Projects(projects) => projects.contains(project),
        }
    }
}

impl FromStr for Membership {
    type Err = BadText;

    /// Reads `group`, which counts everywhere, or `group@project,…`.
    fn from_str(word: &str) -> Result<Self, BadText> {
        let Some((group, projects)) = word.split_once('@') else {
            return Ok(Self { group: Group::parse(word)?, scope: Scope::Everywhere });
        };
        let projects = projects.split(',').map(ProjectId::parse).collect::<Result<_, _>>()?;
        Ok(Self { group: Group::parse(group)?, scope: Scope::Projects(projects) })
    }
}

impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.group)?;
        let Scope::Projects(projects) = &self.scope else { return Ok(()) };
        let projects: Vec<_> = projects.iter().map(ToString::to_string).collect();
        write!(f, "@{}", projects.join(","))
    }
}

/// A person as the directory knows them now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who they are.
    pub who: Who,
    /// The groups they are in.
    pub memberships: BTreeSet<Membership>,
    /// Whether they were shut out.
    pub disabled: bool,
}

impl Person {
    /// Tells whether the person is in a group as far as one project is concerned.
    pub fn is_in(&self, group: &Group, project: &ProjectId) -> bool {
        self.memberships.iter().any(|m| m.group == *group && m.covers(project))
    }

    /// Tells whether the person is in the named group, in whatever project.
    pub fn is_anywhere_in(&self, group: &str) -> bool {
        self.memberships.iter().any(|m| m.group.as_str() == group)
    }

    /// Tells whether the person is in the named group in every project.
    pub fn is_everywhere_in(&self, group: &str) -> bool {
        self.memberships.iter().any(|m| m.group.as_str() == group && m.scope == Scope::Everywhere)
    }

    /// Takes on groups that an issuer of identities vouches for: each counts everywhere, unless the directory narrows it
    /// to projects.
    pub fn take_on(&mut self, groups: impl IntoIterator<Item = Group>) {
        let is_narrowed =
            |group: &Group| self.memberships.iter().any(|m| m.group == *group && m.scope != Scope::Everywhere);
        let wide: Vec<Group> = groups.into_iter().filter(|group| !is_narrowed(group)).collect();
        self.memberships.extend(wide.into_iter().map(|group| Membership { group, scope: Scope::Everywhere }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membership_reads_as_it_was_written() {
        for word in ["TREAdmin", "researchers@A", "researchers@A,B"] {
            assert_eq!(word.parse::<Membership>().unwrap().to_string(), word);
        }
        for bad in ["", "@A", "researchers@", "researchers@A,,B"] {
            assert!(bad.parse::<Membership>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_group_that_an_issuer_vouches_for_counts_everywhere_unless_the_directory_narrows_it() {
        let (group, project) = (|text: &str| Group::parse(text).unwrap(), |text: &str| ProjectId::parse(text).unwrap());
        let narrow = Membership { group: group("TREAdmin"), scope: Scope::Projects([project("A")].into()) };
        let who = who("ada@example.org", &[], true);
        let mut person = Person { who, memberships: [narrow].into(), disabled: false };
        person.take_on([group("TREAdmin"), group("researchers")]);
        assert!(person.is_in(&group("TREAdmin"), &project("A")) && !person.is_in(&group("TREAdmin"), &project("B")));
        assert!(person.is_everywhere_in("researchers"));
    }

    fn who(email: &str, identities: &[(&str, &str)], verified: bool) -> Who {
        let email = Email::parse(email).unwrap();
        Who {
            name: PersonName::parse("Somebody").unwrap(),
            verified_emails: if verified { [email.clone()].into() } else { BTreeSet::new() },
            email,
            identities: identities
                .iter()
                .map(|(i, s)| Identity { issuer: (*i).into(), subject: (*s).into() })
                .collect(),
        }
    }

    #[test]
    fn an_upstream_user_and_a_local_account_with_one_verified_address_are_one_person() {
        let upstream = who("ada@example.org", &[("platform", "u-1")], true);
        assert!(upstream.is_same_person(&who("ADA@EXAMPLE.ORG", &[("lockgate", "7")], true)));
        assert!(!upstream.is_same_person(&who("ada@example.org", &[("lockgate", "7")], false)));
    }

    #[test]
    fn one_account_is_one_person_whatever_the_address() {
        let before = who("old@example.org", &[("idp", "s")], true);
        assert!(before.is_same_person(&who("new@example.org", &[("idp", "s"), ("lockgate", "1")], true)));
        assert!(!before.is_same_person(&who("new@example.org", &[("other", "s")], true)));
    }
}
