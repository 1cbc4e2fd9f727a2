//! Policies by version, and the projects that they were assigned to.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use workflow::domain::policy::Policy;
use workflow::domain::text::{PolicyName, ProjectId};
use workflow::ports::{Kind, PortResult, policies as port};

use crate::database::{Database, Error, from_json, to_json};

const PORT: &str = "Policies";
/// Stands for the house where a project's name would stand.
const HOUSE: &str = "";

/// The policies of one machine.
#[derive(Debug, Clone)]
pub struct Policies {
    database: Database,
}

impl Policies {
    /// The policies in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// What a new house knows: the two shipped policies, of which the one of two stages applies to every project.
pub(crate) fn seed(connection: &Connection) -> Result<(), Error> {
    for document in [Policy::TWO_STAGE, Policy::SINGLE] {
        publish(connection, &Policy::parse(document).map_err(|e| Error::damaged("a shipped policy", e))?)?;
    }
    assign(connection, "two-stage", HOUSE)
}

#[async_trait]
impl port::Policies for Policies {
    async fn for_project(&self, project: &ProjectId) -> PortResult<Policy> {
        let wanted = project.to_string();
        let found = self.database.read(move |connection| for_project(connection, &wanted)).await;
        found.map_err(|e| e.during(PORT, format!("for_project {project}")))
    }

    async fn find(&self, name: &PolicyName, version: Option<u32>) -> PortResult<Option<Policy>> {
        let wanted = name.to_string();
        let found = self.database.read(move |connection| find(connection, &wanted, version)).await;
        found.map_err(|e| e.during(PORT, format!("find {name}")))
    }

    async fn list(&self) -> PortResult<Vec<(Policy, Vec<ProjectId>)>> {
        self.database.read(list).await.map_err(|e| e.during(PORT, "list"))
    }

    async fn publish(&self, policy: &Policy) -> PortResult<()> {
        let (policy, label) = (policy.clone(), policy.label());
        let published = self.database.write(move |connection| publish(connection, &policy)).await;
        published.map_err(|e| e.during(PORT, format!("publish {label}")))
    }

    async fn assign(&self, name: &PolicyName, project: Option<&ProjectId>) -> PortResult<()> {
        let (policy, place) = (name.to_string(), project.map_or(HOUSE.to_owned(), ToString::to_string));
        let assigned = self.database.write(move |connection| assign(connection, &policy, &place)).await;
        assigned.map_err(|e| e.during(PORT, format!("assign {name}")))
    }
}

fn for_project(connection: &Connection, project: &str) -> Result<Policy, Error> {
    // The house's row sorts before every project's, so that a project's own comes first from the end.
    let sql = "SELECT policy FROM policy_assignments WHERE project IN (?1, '') ORDER BY project DESC LIMIT 1";
    let name: Option<String> = connection.prepare_cached(sql)?.query_row([project], |row| row.get(0)).optional()?;
    let policy = name.map(|name| find(connection, &name, None)).transpose()?.flatten();
    policy.ok_or_else(|| Error::refused(Kind::Missing, "no policy applies to the house"))
}

fn find(connection: &Connection, name: &str, version: Option<u32>) -> Result<Option<Policy>, Error> {
    let sql = "SELECT body FROM policies WHERE name = ?1 AND version = coalesce(?2, version)
               ORDER BY version DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let body: Option<String> = statement.query_row(params![name, version], |row| row.get(0)).optional()?;
    body.map(|body| from_json("a policy", &body)).transpose()
}

fn list(connection: &Connection) -> Result<Vec<(Policy, Vec<ProjectId>)>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT name FROM policies GROUP BY name
         ORDER BY name = (SELECT policy FROM policy_assignments WHERE project = '') DESC, name",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut policies = Vec::new();
    for name in names {
        if let Some(policy) = find(connection, &name, None)? {
            policies.push((policy, projects_of(connection, &name)?));
        }
    }
    Ok(policies)
}

fn projects_of(connection: &Connection, policy: &str) -> Result<Vec<ProjectId>, Error> {
    let sql = "SELECT project FROM policy_assignments WHERE policy = ?1 AND project <> '' ORDER BY project";
    let mut statement = connection.prepare_cached(sql)?;
    let projects = statement.query_map([policy], |row| row.get::<_, String>(0))?;
    projects.map(|project| ProjectId::parse(project?).map_err(|e| Error::damaged("a project's name", e))).collect()
}

fn publish(connection: &Connection, policy: &Policy) -> Result<(), Error> {
    match find(connection, policy.name.as_str(), Some(policy.version))? {
        Some(published) if published == *policy => return Ok(()),
        Some(_) => {
            let label = policy.label();
            return Err(Error::refused(Kind::Conflict, format!("{label} is published and says something else")));
        }
        None => {}
    }
    let mut statement = connection.prepare_cached("INSERT INTO policies (name, version, body) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![policy.name.as_str(), policy.version, to_json(policy)?])?;
    Ok(())
}

fn assign(connection: &Connection, policy: &str, place: &str) -> Result<(), Error> {
    if find(connection, policy, None)?.is_none() {
        return Err(Error::refused(Kind::Missing, format!("there is no policy {policy}")));
    }
    let sql = "INSERT INTO policy_assignments (project, policy) VALUES (?1, ?2)
               ON CONFLICT (project) DO UPDATE SET policy = excluded.policy";
    connection.prepare_cached(sql)?.execute([place, policy])?;
    Ok(())
}
