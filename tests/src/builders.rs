//! Builders for people, notices and requests, so that a test says what matters to it and nothing else.

mod person;
mod story;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::manifest::ManifestReference;
use workflow::domain::notice::Notice;
use workflow::domain::policy::Policy;
use workflow::domain::text::{Group, PolicyName, ProjectId, StoreId};

pub use person::PersonBuilder;
pub use story::{Story, commit, commit_all};

/// The platform's own notice, as it is sent.
pub const NOTICE: &str = include_str!("../../testdata/platform/notice.json");
/// The address of who sent it.
pub const RESEARCHER: &str = "ada.researcher@example.ac.uk";
/// The group that decides at the first stage of the shipped policies.
pub const FIRST_GROUP: &str = "InformationGovernance";
/// The group that decides at the second stage of the shipped policy of two.
pub const SECOND_GROUP: &str = "TREAdmin";

/// An instant so many seconds after the tests' beginning of time, a Monday morning in January 2026.
pub fn at(seconds: i64) -> Timestamp {
    let beginning: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    beginning.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

/// The request id of a number.
pub fn request_id(number: u64) -> RequestId {
    RequestId::new(Uuid::from_u64_pair(0x5b0c_3a1e_0f53_4f0e, 0x8f0e_0000_0000_0000 | number))
}

/// An address.
pub fn email(address: &str) -> Email {
    Email::parse(address).unwrap()
}

/// A group.
pub fn group(name: &str) -> Group {
    Group::parse(name).unwrap()
}

/// A project.
pub fn project(name: &str) -> ProjectId {
    ProjectId::parse(name).unwrap()
}

/// A store.
pub fn store(name: &str) -> StoreId {
    StoreId::parse(name).unwrap()
}

/// A policy's name.
pub fn policy_name(name: &str) -> PolicyName {
    PolicyName::parse(name).unwrap()
}

/// Begins to describe a person by their address, which is verified.
pub fn person(address: &str) -> PersonBuilder {
    PersonBuilder::new(address)
}

/// The shipped policy of two stages.
pub fn two_stage() -> Policy {
    Policy::parse(Policy::TWO_STAGE).unwrap()
}

/// The shipped policy of one stage.
pub fn single() -> Policy {
    Policy::parse(Policy::SINGLE).unwrap()
}

/// A notice with an id and a store of its own, and its text.
pub fn notice(id: RequestId, store: &str) -> (Notice, String) {
    let mut wire: serde_json::Value = serde_json::from_str(NOTICE).unwrap();
    wire["id"] = id.to_string().into();
    wire["egress_store_id"] = store.into();
    let body = wire.to_string();
    (Notice::parse(body.as_bytes()).unwrap(), body)
}

/// A manifest of three files that is somewhere in the records.
pub fn manifest(name: &str) -> ManifestReference {
    let key = format!("manifests/{name}");
    ManifestReference { digest: Digest::of(key.as_bytes()), key, files: 3, bytes: 4_096 }
}
