//! Keys of machines, and the schema that they are used with: with a server at work and without one.

use crate::directory::{Directory, INES};

fn lifes_of_a_key(directory: &Directory) {
    let made = directory.ask(["key", "add", INES, "--label", "nightly report", "--scope", "act"]).done().json();
    let (id, secret) = made["key"].as_str().unwrap().split_once('.').unwrap();
    let id = id.strip_prefix("lgk_").unwrap();
    let listed = directory.ask(["key", "list", "--person", INES]).done();
    assert!(!listed.out.contains(secret), "a listed key opens nothing");
    let row = listed.json().as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone();
    assert_eq!((row["person"].as_str().unwrap(), &row["scopes"][0]), (INES, &"act".into()));
    assert!(row["revoked_at"].is_null());
    for _ in 0..2 {
        directory.say(["key", "revoke", id]).done();
    }
    let listed = directory.ask(["key", "list"]).done().json();
    assert!(listed.as_array().unwrap().iter().filter(|row| row["id"] == id).all(|row| row["revoked_at"].is_string()));
}

#[test]
fn a_key_is_shown_once_and_is_worthless_once_revoked() {
    let directory = Directory::new();
    lifes_of_a_key(&directory);
    let server = directory.serve();
    lifes_of_a_key(&directory);
    assert_eq!(server.stop("-TERM"), Some(0));
}

#[test]
fn a_key_that_cannot_be_is_refused_with_a_sentence() {
    let directory = Directory::new();
    for (arguments, code) in [
        (&["key", "add", "nobody@example.org", "--label", "x", "--scope", "act"][..], 3),
        (&["key", "add", INES, "--label", "x", "--scope", "act", "--for", "2 working days"][..], 2),
        (&["key", "add", INES, "--label", "x"][..], 2),
        (&["key", "revoke", "0123"][..], 3),
    ] {
        let said = directory.say(arguments.iter().copied());
        assert_eq!(said.code, code, "{said:?}");
        said.is_a_sentence();
    }
    assert_eq!(directory.ask(["key", "list"]).done().json().as_array().unwrap().len(), 0);
}

#[test]
fn the_schemas_are_printed_without_a_data_directory() {
    let directory = Directory::none();
    let ours = directory.say(["schema"]).done().out;
    let theirs = directory.say(["schema", "--predecessor"]).done().out;
    assert!(ours.contains("type Mutation") && theirs.contains("type Mutation") && ours != theirs);
    assert_eq!(directory.ask(["schema"]).done().json()["schema"].as_str().unwrap().trim(), ours.trim());
}

#[test]
fn after_an_orderly_stop_the_database_is_one_file() {
    let directory = Directory::new();
    let server = directory.serve();
    directory.submit();
    assert_eq!(server.stop("-TERM"), Some(0));
    let beside = directory.data().join("lockgate.db-wal");
    assert!(!beside.metadata().is_ok_and(|file| file.len() > 0), "the log beside the database holds something");
}
