//! The artefacts in `frontend-schema` are what the code generates, and every operation is one of the schema's.

use std::path::PathBuf;

use crate::appsync::{Ours, Predecessors};
use crate::{predecessor, sdl};

pub(super) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../frontend-schema")
}

/// Compares an artefact with what is generated; `LOCKGATE_ACCEPT=1` accepts the difference.
fn compare(name: &str, generated: &str) {
    let path = folder().join(name);
    if std::env::var_os("LOCKGATE_ACCEPT").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == generated, "{name} is not what the code generates; LOCKGATE_ACCEPT=1 accepts it");
}

#[test]
fn the_kept_schema_is_what_the_code_generates() {
    compare("schema.graphql", &sdl());
}

#[test]
fn the_predecessors_kept_schema_is_what_the_code_generates() {
    compare("predecessor.graphql", &predecessor::sdl());
}

#[test]
fn the_kept_schemas_for_appsync_are_what_the_code_generates() {
    compare("schema.appsync.graphql", &Ours::ours().unwrap().sdl());
    compare("predecessor.appsync.graphql", &Predecessors::predecessors().unwrap().sdl());
}
