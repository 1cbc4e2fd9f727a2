//! What judges of others say of the template and of the definition. `cargo xtask test` puts them under `target/tools`.
//! What they object to and we do all the same is in `infra/aws/stack/exceptions.toml`, with the reason; an exception
//! that nobody needs any more is an error too.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::root;

fn tools() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("tools")
}

fn run(program: &str, arguments: &[&str]) -> String {
    let path = tools().join(program);
    assert!(path.exists(), "{} is not there: `cargo xtask test` installs the judges", path.display());
    let output = Command::new(path).args(arguments).current_dir(root().join("infra/aws/stack")).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What a judge objects to: the rule, and about what.
type Objection = (String, String);

fn exceptions(judge: &str) -> BTreeSet<Objection> {
    let text = std::fs::read_to_string(root().join("infra/aws/stack/exceptions.toml")).unwrap();
    let document: toml::Table = text.parse().unwrap();
    let mut found = BTreeSet::new();
    for exception in document[judge].as_array().unwrap() {
        let reason = exception["reason"].as_str().unwrap();
        assert!(reason.len() > 20, "an exception has a reason: {exception}");
        let rule = exception["rule"].as_str().unwrap();
        for about in exception["about"].as_array().unwrap() {
            assert!(found.insert((rule.to_owned(), about.as_str().unwrap().to_owned())));
        }
    }
    found
}

/// Compares what is objected to with what is excepted; `*` excepts a rule whatever it is about.
fn compare(judge: &str, objections: &BTreeSet<Objection>) {
    let exceptions = exceptions(judge);
    let is_excepted = |(rule, about): &&Objection| {
        exceptions.contains(&(rule.clone(), about.clone())) || exceptions.contains(&(rule.clone(), "*".to_owned()))
    };
    let left: Vec<_> = objections.iter().filter(|objection| !is_excepted(objection)).collect();
    assert!(left.is_empty(), "{judge}: {left:#?}");
    let needed = |(rule, about): &&Objection| {
        objections.iter().any(|(one, what)| one == rule && (about == "*" || what == about))
    };
    let idle: Vec<_> = exceptions.iter().filter(|exception| !needed(exception)).collect();
    assert!(idle.is_empty(), "{judge} has no need of {idle:#?}");
}

#[test]
fn cfn_lint_finds_the_template_in_order() {
    let said = run("venv/bin/cfn-lint", &["--format", "json", "template.yaml"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let objections = said.as_array().unwrap().iter().map(|one| {
        let place = one["Location"]["Path"].as_array().and_then(|path| path.get(1)).and_then(Value::as_str);
        (one["Rule"]["Id"].as_str().unwrap().to_owned(), place.unwrap_or_default().to_owned())
    });
    compare("cfn-lint", &objections.collect());
}

#[test]
fn checkov_finds_the_template_safe() {
    let arguments =
        ["-f", "template.yaml", "--framework", "cloudformation", "--quiet", "--skip-download", "-o", "json"];
    let said: Value = serde_json::from_str(&run("checkov/bin/checkov", &arguments)).unwrap();
    assert!(said["summary"]["passed"].as_u64().unwrap() > 100, "{}", said["summary"]);
    assert_eq!(said["summary"]["parsing_errors"], 0);
    let objections = said["results"]["failed_checks"].as_array().unwrap().iter().map(|one| {
        let resource = one["resource"].as_str().unwrap();
        let name = resource.rsplit('.').next().unwrap();
        (one["check_id"].as_str().unwrap().to_owned(), name.to_owned())
    });
    compare("checkov", &objections.collect());
}

#[test]
fn asl_validator_finds_the_definition_in_order() {
    let said = run("node_modules/.bin/asl-validator", &["--json-path", "../../../workflow/egress.asl.json"]);
    assert!(said.contains("is valid"), "{said}");
}

#[test]
fn statelint_finds_the_definition_in_order() {
    assert_eq!(run("statelint/bin/statelint", &["../../../workflow/egress.asl.json"]), "");
}

#[test]
fn statelint_finds_what_is_out_of_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.asl.json");
    let broken = workflow::steps::DEFINITION.replacen("\"BackoffRate\": 2.0", "\"BackoffRate\": 0.5", 1);
    std::fs::write(&path, broken).unwrap();
    let said = run("statelint/bin/statelint", &[path.to_str().unwrap()]);
    assert!(said.contains("BackoffRate"), "{said}");
}
