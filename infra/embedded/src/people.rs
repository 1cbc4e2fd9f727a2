//! The directory: one row a person, and rows beside it to find them by.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Params, params};
use workflow::domain::email::Email;
use workflow::domain::person::{Identity, Membership, Person, Scope};
use workflow::domain::text::{Group, ProjectId};
use workflow::ports::{PortResult, people as port};

use crate::database::{Database, Error, from_json, to_json};

const PORT: &str = "People";

/// The directory of one machine.
///
/// An account and an address lead to the person who was saved with it last; one's own address always leads to oneself.
#[derive(Debug, Clone)]
pub struct People {
    database: Database,
}

impl People {
    /// The directory in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl port::People for People {
    async fn by_identity(&self, identity: &Identity) -> PortResult<Option<Person>> {
        let identity = identity.clone();
        let found = self.database.read(move |connection| {
            let sql = "SELECT body FROM identities JOIN people ON number = person WHERE issuer = ?1 AND subject = ?2";
            find(connection, sql, [identity.issuer, identity.subject])
        });
        found.await.map_err(|e| e.during(PORT, "by_identity"))
    }

    async fn by_email(&self, email: &Email) -> PortResult<Option<Person>> {
        let email = email.folded().to_owned();
        let found = self.database.read(move |connection| {
            let own = find(connection, "SELECT body FROM people WHERE email = ?1", [&email])?;
            let sql =
                "SELECT body FROM verified_emails JOIN people ON number = person WHERE verified_emails.email = ?1";
            own.map_or_else(|| find(connection, sql, [&email]), |person| Ok(Some(person)))
        });
        found.await.map_err(|e| e.during(PORT, "by_email"))
    }

    async fn members(&self, group: &Group, project: Option<&ProjectId>) -> PortResult<Vec<Person>> {
        let (group, project) = (group.to_string(), project.map(ToString::to_string));
        let members = self.database.read(move |connection| {
            let sql = "SELECT DISTINCT people.email, body FROM memberships JOIN people ON number = person
                       WHERE group_name = ?1 AND (project = '' OR project = ?2) AND NOT disabled ORDER BY people.email";
            list(connection, sql, params![group, project])
        });
        members.await.map_err(|e| e.during(PORT, "members"))
    }

    async fn all(&self) -> PortResult<Vec<Person>> {
        let all =
            self.database.read(|connection| list(connection, "SELECT email, body FROM people ORDER BY email", []));
        all.await.map_err(|e| e.during(PORT, "all"))
    }

    async fn save(&self, person: &Person) -> PortResult<()> {
        let person = person.clone();
        let saved = self.database.write(move |connection| save(connection, &person)).await;
        saved.map_err(|e| e.during(PORT, "save"))
    }
}

fn find(connection: &Connection, sql: &str, values: impl Params) -> Result<Option<Person>, Error> {
    let body: Option<String> = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
    body.map(|body| from_json("a person", &body)).transpose()
}

fn list(connection: &Connection, sql: &str, values: impl Params) -> Result<Vec<Person>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let bodies = statement.query_map(values, |row| row.get::<_, String>(1))?;
    bodies.map(|body| from_json("a person", &body?)).collect()
}

fn save(connection: &Connection, person: &Person) -> Result<(), Error> {
    let mut row = connection.prepare_cached(
        "INSERT INTO people (email, disabled, body) VALUES (?1, ?2, ?3)
         ON CONFLICT (email) DO UPDATE SET disabled = excluded.disabled, body = excluded.body RETURNING number",
    )?;
    let values = params![person.who.email.folded(), person.disabled, to_json(person)?];
    let number: i64 = row.query_row(values, |row| row.get(0))?;
    forget(connection, number)?;
    let mut identity =
        connection.prepare_cached("INSERT OR REPLACE INTO identities (issuer, subject, person) VALUES (?1, ?2, ?3)")?;
    for Identity { issuer, subject } in &person.who.identities {
        identity.execute(params![issuer, subject, number])?;
    }
    let mut email =
        connection.prepare_cached("INSERT OR REPLACE INTO verified_emails (email, person) VALUES (?1, ?2)")?;
    for address in &person.who.verified_emails {
        email.execute(params![address.folded(), number])?;
    }
    person.memberships.iter().try_for_each(|membership| save_membership(connection, membership, number))
}

/// Forgets what a person is found by.
fn forget(connection: &Connection, number: i64) -> Result<(), Error> {
    for sql in [
        "DELETE FROM identities WHERE person = ?1",
        "DELETE FROM verified_emails WHERE person = ?1",
        "DELETE FROM memberships WHERE person = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

fn save_membership(connection: &Connection, membership: &Membership, number: i64) -> Result<(), Error> {
    let mut row = connection
        .prepare_cached("INSERT OR IGNORE INTO memberships (group_name, project, person) VALUES (?1, ?2, ?3)")?;
    let mut enter = |project: &str| row.execute(params![membership.group.as_str(), project, number]);
    match &membership.scope {
        Scope::Everywhere => enter("").map(drop)?,
        Scope::Projects(projects) => {
            for project in projects {
                enter(project.as_str())?;
            }
        }
    }
    Ok(())
}
