//! Policies: read, published, assigned.

use workflow::actions::administer::{self, Hand};
use workflow::domain::policy::Policy;
use workflow::domain::text::{PolicyName, ProjectId};
use workflow::ports::Ports;

use super::refused;
use crate::failure::Failure;

pub(super) async fn list(ports: &Ports) -> Result<String, Failure> {
    let policies = ports.policies.list().await?;
    let lines = policies.iter().enumerate().map(|(index, (policy, projects))| {
        let house = (index == 0).then(|| "the house".to_owned());
        let places: Vec<String> = house.into_iter().chain(projects.iter().map(ToString::to_string)).collect();
        let places = if places.is_empty() { "nothing".to_owned() } else { places.join(", ") };
        let stages: Vec<String> = policy.stages.iter().map(|stage| stage.title.to_string()).collect();
        format!("{}: {}; applies to {places}", policy.label(), stages.join(", then "))
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

pub(super) async fn find(ports: &Ports, name: &PolicyName, version: Option<u32>) -> Result<Policy, Failure> {
    let missing = || refused(format!("there is no such policy as {name}"));
    ports.policies.find(name, version).await?.ok_or_else(missing)
}

pub(super) async fn publish(ports: &Ports, hand: &Hand, document: &str) -> Result<String, Failure> {
    let policy = Policy::parse(document).map_err(refused)?;
    administer::publish_policy(ports, hand, &policy).await?;
    Ok(format!("{} is published. New requests follow it wherever {} is assigned.", policy.label(), policy.name))
}

pub(super) async fn assign(
    ports: &Ports,
    hand: &Hand,
    name: &PolicyName,
    project: Option<&ProjectId>,
) -> Result<String, Failure> {
    let policy = find(ports, name, None).await?;
    administer::assign_policy(ports, hand, name, project).await?;
    let place = project.map_or_else(|| "the house".to_owned(), |project| format!("project {project}"));
    Ok(format!("{} applies to {place} from now on. Requests that were admitted before keep theirs.", policy.label()))
}
