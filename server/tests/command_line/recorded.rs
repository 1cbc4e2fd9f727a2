//! What is changed beside requests is on record: who did it, on whose account, and nobody can take it out unnoticed.

use crate::directory::{Directory, OLU};

/// The deeds on the access log, oldest first.
fn deeds(directory: &Directory) -> Vec<serde_json::Value> {
    directory.ask(["audit", "log", "--changes"]).done().json().as_array().unwrap().clone()
}

/// Runs a command and gives the one deed that it left.
fn deed(directory: &Directory, arguments: &[&str]) -> serde_json::Value {
    let before = deeds(directory).len();
    directory.ask(arguments.iter().copied()).done();
    let mut after = deeds(directory);
    assert_eq!(after.len(), before + 1, "{arguments:?}");
    let deed = after.pop().unwrap();
    assert_eq!(deed["origin"], "command line");
    assert!(deed["system_user"].as_str().is_some_and(|user| !user.is_empty()), "{deed}");
    deed
}

#[test]
fn each_change_of_policies_people_passwords_and_keys_is_on_record_with_who_made_it() {
    let directory = Directory::new();
    let published = directory.ask(["policy", "show", "two-stage"]).done().json();
    let version = published["version"].as_u64().unwrap() + 1;
    let shown = directory.say(["policy", "show", "two-stage"]).out;
    directory.write("next.toml", shown.replacen("version = 1", &format!("version = {version}"), 1));
    directory.write("password", "a long enough password\n");

    let deed_of = |arguments: &[&str]| deed(&directory, arguments);
    let publish = deed_of(&["policy", "publish", "next.toml", "--as", OLU]);
    assert_eq!((&publish["deed"], &publish["person"]), (&"policy_published".into(), &OLU.into()));
    assert_eq!(publish["policy"], format!("two-stage v{version}"));
    let assign = deed_of(&["policy", "assign", "single", "--as", OLU]);
    assert_eq!((&assign["deed"], &assign["policy"]), (&"policy_assigned".into(), &"single".into()));
    let entered = deed_of(&["person", "add", "new@example.org", "--name", "New", "--group", "auditors"]);
    assert_eq!((&entered["deed"], &entered["groups"][0]), (&"person_entered".into(), &"auditors".into()));
    assert_eq!(entered.get("person"), None, "the directory is kept by whoever may write to it");
    let password = deed_of(&["person", "password", "new@example.org", "--from", "password"]);
    assert_eq!(password["deed"], "password_set");
    assert!(!password.to_string().contains("long enough"), "{password}");
    let key = |arguments: &[&str]| deed_of(&[&["key"], arguments].concat());
    let made = key(&["add", "new@example.org", "--label", "the dashboard", "--scope", "metrics"]);
    assert_eq!((&made["deed"], &made["email"]), (&"key_made".into(), &"new@example.org".into()));
    assert_eq!((&made["label"], &made["scopes"][0]), (&"the dashboard".into(), &"metrics".into()));
    let name = directory.ask(["key", "list"]).done().json()[0]["id"].as_str().unwrap().to_owned();
    let revoked = key(&["revoke", &name]);
    assert_eq!((&revoked["deed"], &revoked["key"]), (&"key_revoked".into(), &name.into()));
    let shut = deed_of(&["person", "disable", "new@example.org"]);
    assert_eq!((&shut["deed"], &shut["email"]), (&"account_shut".into(), &"new@example.org".into()));
}

#[test]
fn what_is_replayed_from_quarantine_is_on_record() {
    let directory = Directory::new();
    directory.write("broken.json", "{}");
    directory.say(["submit", "--notice", "broken.json"]);
    let item = directory.ask(["quarantine", "list"]).done().json()[0]["id"].as_str().unwrap().to_owned();
    directory.say(["quarantine", "replay", &item, "--as", OLU]);
    let replayed = deeds(&directory).pop().unwrap();
    assert_eq!((&replayed["deed"], &replayed["item"]), (&"quarantine_replayed".into(), &item.into()));
    assert_eq!(replayed["person"], OLU);
    let log = directory.say(["audit", "log", "--changes"]).out;
    assert!(log.contains("replayed") && log.contains("system user"), "{log}");
}
