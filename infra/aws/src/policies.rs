//! Policies by version, and the projects that they were assigned to.
//!
//! The shipped policies are part of every release, and so of every installation: the table holds what was published
//! and assigned beside them.

use async_trait::async_trait;
use std::collections::BTreeMap;
use workflow::domain::policy::Policy;
use workflow::domain::text::{PolicyName, ProjectId};
use workflow::ports::{Kind, PortResult, policies as port};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome, unless_unmet};
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Ask, Table, Terms};

const PORT: &str = "Policies";
/// Stands for the house where a project's name would stand; no project has this name.
const HOUSE: &str = "*";

/// The policies of an installation.
#[derive(Debug, Clone)]
pub struct Policies {
    table: Table,
    default: PolicyName,
}

impl Policies {
    /// The policies in an installation's table.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        let table = Table::new(clients.dynamodb.clone(), &settings.tables.policies);
        Self { table, default: settings.default_policy.clone() }
    }

    async fn version(&self, name: &PolicyName, version: u32) -> Outcome<Option<Policy>> {
        if let Some(policy) = shipped()?.into_iter().find(|p| p.name == *name && p.version == version) {
            return Ok(Some(policy));
        }
        self.table.get(key(name, version)).await?.map(|row| row.read("body")).transpose()
    }

    async fn newest(&self, name: &PolicyName) -> Outcome<Option<Policy>> {
        let published = self.table.list(&Ask::of_id(format!("policy#{name}")).newest_first(), 1).await?;
        let published = published.first().map(|row| row.read::<Policy>("body")).transpose()?;
        let shipped = shipped()?.into_iter().filter(|policy| policy.name == *name);
        Ok(shipped.chain(published).max_by_key(|policy| policy.version))
    }

    async fn assigned(&self, place: &str) -> Outcome<Option<PolicyName>> {
        self.table.get(assignment(place)).await?.map(|row| name_of(&row)).transpose()
    }

    async fn of_house(&self) -> Outcome<PolicyName> {
        Ok(self.assigned(HOUSE).await?.unwrap_or_else(|| self.default.clone()))
    }

    async fn applying(&self, project: &ProjectId) -> Outcome<Policy> {
        let name = match self.assigned(project.as_str()).await? {
            Some(name) => name,
            None => self.of_house().await?,
        };
        let missing = || Failure::refused(Kind::Missing, format!("there is no policy {name}"));
        self.newest(&name).await?.ok_or_else(missing)
    }

    async fn names(&self) -> Outcome<Vec<PolicyName>> {
        let house = self.of_house().await?;
        let published = self.table.list(&Ask::of_id("names"), usize::MAX).await?;
        let read = |row: &Row| PolicyName::parse(row.get("sort")?).map_err(|e| Failure::damaged("a policy's name", e));
        let mut names = published.iter().map(read).collect::<Outcome<Vec<_>>>()?;
        names.extend(shipped()?.into_iter().map(|policy| policy.name));
        names.sort_by(|one, other| (*one != house, one.as_str()).cmp(&(*other != house, other.as_str())));
        names.dedup();
        Ok(names)
    }

    async fn with_projects(&self) -> Outcome<Vec<(Policy, Vec<ProjectId>)>> {
        let mut projects: BTreeMap<String, Vec<ProjectId>> = BTreeMap::new();
        for row in self.table.list(&Ask::of_id("assignments"), usize::MAX).await? {
            let project = row.get("sort")?;
            if project != HOUSE {
                let project = ProjectId::parse(project).map_err(|e| Failure::damaged("a project's name", e))?;
                projects.entry(row.get("policy")?.to_owned()).or_default().push(project);
            }
        }
        let mut listed = Vec::new();
        for name in self.names().await? {
            if let Some(policy) = self.newest(&name).await? {
                listed.push((policy, projects.remove(name.as_str()).unwrap_or_default()));
            }
        }
        Ok(listed)
    }

    async fn enter(&self, policy: &Policy) -> Outcome<()> {
        if self.version(&policy.name, policy.version).await?.is_none() {
            // The name comes first: a name without versions is not listed.
            self.table.put(Row::new("names", policy.name.as_str()), Terms::none()).await?;
            let row = key(&policy.name, policy.version).json("body", policy)?;
            if unless_unmet(self.table.put(row, Terms::absent("id")).await)? {
                return Ok(());
            }
        }
        match self.version(&policy.name, policy.version).await? {
            Some(published) if published == *policy => Ok(()),
            _ => {
                let sentence = format!("{} is published and says something else", policy.label());
                Err(Failure::refused(Kind::Conflict, sentence))
            }
        }
    }

    async fn put_down(&self, name: &PolicyName, place: &str) -> Outcome<()> {
        if self.newest(name).await?.is_none() {
            return Err(Failure::refused(Kind::Missing, format!("there is no policy {name}")));
        }
        self.table.put(assignment(place).text("policy", name.as_str()), Terms::none()).await
    }
}

fn shipped() -> Outcome<Vec<Policy>> {
    let documents = [Policy::TWO_STAGE, Policy::SINGLE].into_iter();
    documents.map(|text| Policy::parse(text).map_err(|e| Failure::damaged("a shipped policy", e))).collect()
}

fn key(name: &PolicyName, version: u32) -> Row {
    Row::new(format!("policy#{name}"), format!("{version:010}"))
}

fn assignment(place: &str) -> Row {
    Row::new("assignments", place)
}

fn name_of(row: &Row) -> Outcome<PolicyName> {
    PolicyName::parse(row.get("policy")?).map_err(|error| Failure::damaged("a policy's name", error))
}

#[async_trait]
impl port::Policies for Policies {
    async fn for_project(&self, project: &ProjectId) -> PortResult<Policy> {
        self.applying(project).await.map_err(|e| e.during(PORT, format!("for_project {project}")))
    }

    async fn find(&self, name: &PolicyName, version: Option<u32>) -> PortResult<Option<Policy>> {
        let found = match version {
            Some(version) => self.version(name, version).await,
            None => self.newest(name).await,
        };
        found.map_err(|e| e.during(PORT, format!("find {name}")))
    }

    async fn list(&self) -> PortResult<Vec<(Policy, Vec<ProjectId>)>> {
        self.with_projects().await.map_err(|e| e.during(PORT, "list"))
    }

    async fn publish(&self, policy: &Policy) -> PortResult<()> {
        self.enter(policy).await.map_err(|e| e.during(PORT, format!("publish {}", policy.label())))
    }

    async fn assign(&self, name: &PolicyName, project: Option<&ProjectId>) -> PortResult<()> {
        let place = project.map_or(HOUSE, |project| project.as_str());
        self.put_down(name, place).await.map_err(|e| e.during(PORT, format!("assign {name}")))
    }
}
