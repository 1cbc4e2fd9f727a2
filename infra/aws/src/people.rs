//! The directory: one row a person, and rows beside it to find them by.

mod cognito;

use std::collections::BTreeMap;

use async_trait::async_trait;
use workflow::domain::email::Email;
use workflow::domain::person::{Identity, Membership, Person, Scope};
use workflow::domain::text::{Group, ProjectId};
use workflow::ports::{PortResult, people as port};

use crate::clients::Clients;
use crate::failure::Outcome;
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Ask, Table, Terms, Transaction};
use cognito::UserPool;

const PORT: &str = "People";
/// As many rows as one transaction writes.
const AT_ONCE: usize = 100;

/// The directory of an installation, and the groups of its user pool where there is one.
///
/// A row beside a person's own says that they were saved with an account, an address or a group; whether they still
/// have it, their own row says. So nothing has to be taken back, and an account leads to who was saved with it last.
#[derive(Debug, Clone)]
pub struct People {
    table: Table,
    pool: Option<UserPool>,
}

impl People {
    /// The directory in an installation's table.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        let table = Table::new(clients.dynamodb.clone(), &settings.tables.directory);
        let pool = settings.user_pool.as_ref().map(|pool| UserPool::new(clients.cognito.clone(), pool));
        Self { table, pool }
    }

    async fn person(&self, email: &str) -> Outcome<Option<Person>> {
        self.table.get(own(email)).await?.map(|row| row.read("body")).transpose()
    }

    /// The person that a row beside their own leads to.
    async fn behind(&self, link: Row) -> Outcome<Option<Person>> {
        match self.table.get(link).await? {
            Some(row) => self.person(row.get("email")?).await,
            None => Ok(None),
        }
    }

    async fn find_account(&self, identity: &Identity) -> Outcome<Option<Person>> {
        let found = self.behind(account(identity)).await?;
        Ok(found.filter(|person| person.who.identities.contains(identity)))
    }

    async fn find_address(&self, email: &Email) -> Outcome<Option<Person>> {
        if let Some(person) = self.person(email.folded()).await? {
            return Ok(Some(person));
        }
        let found = self.behind(address(email)).await?;
        Ok(found.filter(|person| person.who.verified_emails.contains(email)))
    }

    async fn read(&self, ask: &Ask, name: &'static str) -> Outcome<Vec<Person>> {
        let links = self.table.list(ask, usize::MAX).await?;
        let keys = links.iter().map(|row| row.get(name).map(own)).collect::<Outcome<Vec<_>>>()?;
        self.table.get_all(keys).await?.iter().map(|row| row.read("body")).collect()
    }

    async fn members_of(&self, group: &Group, project: Option<&ProjectId>) -> Outcome<Vec<Person>> {
        let known = self.read(&Ask::of_id(format!("group#{group}")), "sort").await?;
        let mut members: BTreeMap<Email, Person> =
            known.into_iter().map(|person| (person.who.email.clone(), person)).collect();
        if let Some(pool) = &self.pool {
            for user in pool.members(group).await? {
                // Who is known counts as the directory knows them, with the group that the pool adds.
                let mut person = self.find_address(&user.who.email).await?.unwrap_or_else(|| user.clone());
                person.take_on([group.clone()]);
                person.disabled |= user.disabled;
                members.insert(person.who.email.clone(), person);
            }
        }
        let counts = |person: &Person| match project {
            Some(project) => person.is_in(group, project),
            None => person.memberships.contains(&Membership { group: group.clone(), scope: Scope::Everywhere }),
        };
        Ok(members.into_values().filter(|person| !person.disabled && counts(person)).collect())
    }

    async fn everybody(&self) -> Outcome<Vec<Person>> {
        let ask = Ask::by("list", Terms::of("#list = :people").with_text("people", "people"));
        let mut people = self.read(&ask, "place").await?;
        people.sort_by(|one, other| one.who.email.cmp(&other.who.email));
        Ok(people)
    }

    async fn enter(&self, person: &Person) -> Outcome<()> {
        let email = person.who.email.folded();
        let beside = person.who.identities.iter().map(account).chain(person.who.verified_emails.iter().map(address));
        let groups = person.memberships.iter().map(|membership| in_group(&membership.group, email));
        let mut rows: Vec<Row> = beside.map(|row| row.text("email", email)).chain(groups).collect();
        rows.sort_by(|one, other| (one.find("id"), one.find("sort")).cmp(&(other.find("id"), other.find("sort"))));
        rows.dedup();
        // The person comes last: what leads to them leads nowhere until they say the same.
        rows.push(own(email).json("body", person)?.text("list", "people").text("place", email));
        for rows in rows.chunks(AT_ONCE) {
            let mut transaction = Transaction::default();
            for row in rows {
                transaction = transaction.put(&self.table, row.clone(), Terms::none())?;
            }
            // Without terms nothing is unmet.
            let _ = transaction.commit(&self.table).await?;
        }
        Ok(())
    }
}

/// The key of a person's own row.
fn own(email: &str) -> Row {
    Row::new(format!("person#{email}"), "person")
}

/// The key of the row that says who was saved with an account.
fn account(identity: &Identity) -> Row {
    Row::new(format!("account#{}", identity.issuer), &identity.subject)
}

/// The key of the row that says who was saved with a verified address.
fn address(email: &Email) -> Row {
    Row::new(format!("address#{}", email.folded()), "address")
}

/// The row that says that somebody was saved with a group.
fn in_group(group: &Group, email: &str) -> Row {
    Row::new(format!("group#{group}"), email)
}

#[async_trait]
impl port::People for People {
    async fn by_identity(&self, identity: &Identity) -> PortResult<Option<Person>> {
        self.find_account(identity).await.map_err(|e| e.during(PORT, "by_identity"))
    }

    async fn by_email(&self, email: &Email) -> PortResult<Option<Person>> {
        self.find_address(email).await.map_err(|e| e.during(PORT, "by_email"))
    }

    async fn members(&self, group: &Group, project: Option<&ProjectId>) -> PortResult<Vec<Person>> {
        self.members_of(group, project).await.map_err(|e| e.during(PORT, "members"))
    }

    async fn all(&self) -> PortResult<Vec<Person>> {
        self.everybody().await.map_err(|e| e.during(PORT, "all"))
    }

    async fn save(&self, person: &Person) -> PortResult<()> {
        self.enter(person).await.map_err(|e| e.during(PORT, "save"))
    }
}
