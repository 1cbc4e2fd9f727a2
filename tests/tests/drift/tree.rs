//! The tree against the table of who may know whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::root;

/// Who may know whom. ARCHITECTURE.md shows the same table.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("workflow", &[]),
    ("infra-asl", &[]),
    ("infra-embedded", &["workflow", "infra-asl"]),
    ("infra-aws", &["workflow"]),
    ("graphql", &["workflow"]),
    ("web", &[]),
    ("http", &["workflow", "graphql", "web"]),
    ("server", &["workflow", "infra-asl", "infra-embedded", "http"]),
    ("lambdas", &["workflow", "infra-aws", "graphql", "http"]),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages() -> BTreeMap<String, Value> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|package| (package["name"].as_str().unwrap().to_owned(), package.clone())).collect()
}

/// The crates of ours that a package's product code depends on.
fn knows(package: &Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().unwrap();
    dependencies
        .iter()
        .filter(|dependency| dependency["path"].is_string() && dependency["kind"].is_null())
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn no_crate_knows_more_than_the_table_allows() {
    for (name, package) in packages() {
        if matches!(name.as_str(), "tests" | "tests-emulated" | "xtask") {
            continue;
        }
        let allowed = MAY_KNOW.iter().find(|(known, _)| *known == name);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("the table has no row for {name}"));
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let excess: Vec<String> = knows(&package).difference(&allowed).cloned().collect();
        assert!(excess.is_empty(), "{name} knows {excess:?}");
    }
}

#[test]
fn a_crate_is_called_as_its_path_with_dashes() {
    for (name, package) in packages() {
        let manifest = package["manifest_path"].as_str().unwrap();
        let folder = std::path::Path::new(manifest).parent().unwrap();
        let path = folder.strip_prefix(root()).unwrap().to_str().unwrap().replace('/', "-");
        assert_eq!(name, path);
    }
}

#[test]
fn the_default_build_links_no_cloud_sdk() {
    let lock = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = lock.split("default-members").nth(1).unwrap().split(']').next().unwrap();
    assert!(!members.contains("aws") && !members.contains("lambdas"), "{members}");
}

/// What the binary of one machine is built from: a package with its features, a line.
fn parts_of_the_server() -> Vec<String> {
    let arguments = ["tree", "--package", "server", "--edges", "normal", "--prefix", "none", "--format", "{p}|{f}"];
    let output = Command::new(env!("CARGO")).args(arguments).arg("--offline").current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_house_of_one_machine_has_nothing_to_call_an_address_with_that_somebody_sent() {
    let parts = parts_of_the_server();
    assert!(parts.iter().any(|part| part.starts_with("hyper v")), "{parts:?}");
    for part in parts {
        let (package, features) = part.split_once('|').unwrap();
        let name = package.split(' ').next().unwrap();
        let is_client = name.starts_with("aws-") || ["reqwest", "ureq", "curl", "isahc", "attohttpc"].contains(&name);
        let speaks = name.starts_with("hyper") && features.split(',').any(|feature| feature.starts_with("client"));
        assert!(!is_client && !speaks, "{part}");
    }
}

#[test]
fn architecture_shows_the_same_table() {
    let document = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (name, knows) in MAY_KNOW {
        let knows = if knows.is_empty() { "nothing of ours".to_owned() } else { knows.join(", ") };
        let row = format!("| `{name}` | {knows} |");
        assert!(document.contains(&row), "ARCHITECTURE.md lacks the row {row}");
    }
}
