//! The data directory is not as it was left, or is somebody else's turn.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tests::machine::Machine;
use tests::process::{Server, lockgate, wait_until};
use workflow::domain::digest::Digest;

use crate::mount::{Mount, SmallMachine};

/// The digests of the files of a folder, by name.
fn content(dir: &Path) -> BTreeMap<PathBuf, Digest> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.is_file()).map(|path| (path.clone(), Digest::of(&std::fs::read(path).unwrap()))).collect()
}

#[test]
fn a_database_of_a_later_release_is_refused_and_left_as_it_is() {
    let machine = Machine::new(1);
    machine.submit(0).done();
    let path = machine.dir().join("lockgate.db");
    let set = |version: i64| {
        let database = rusqlite::Connection::open(&path).unwrap();
        database.pragma_update(None, "user_version", version).unwrap();
    };
    let known: i64 =
        rusqlite::Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
    set(known + 1);
    let before = content(machine.dir());
    for arguments in [&["request", "list"][..], &["init"], &["check"], &["submit", "--notice", "/dev/null"]] {
        let said = machine.say(arguments).refused(5);
        assert!(said.err.contains("later release") && said.err.contains("left as it is"), "{}", said.err);
    }
    let said = Server::started(lockgate(machine.dir()), machine.dir()).err().unwrap().refused(5);
    assert!(said.err.contains("later release"), "{}", said.err);
    let (mut after, mut before) = (content(machine.dir()), before);
    for names in [&mut after, &mut before] {
        names.retain(|path, _| path.file_name().is_some_and(|name| name != "lock" && name != "lockgate.db-shm"));
    }
    assert_eq!(before, after, "nothing of it was touched");
    set(known);
    machine.comes_right();
}

#[test]
fn a_directory_for_reading_only_is_refused_with_a_sentence() {
    let small = SmallMachine::new(72, 1);
    let machine = &small.machine;
    machine.submit(0).done();
    {
        let _mount = Mount::for_reading(machine.dir());
        for arguments in [&["request", "list"][..], &["submit", "--notice", "/dev/null"], &["init"]] {
            let said = machine.say(arguments);
            assert!(said.code == 0 || said.code == 5, "{said:?}");
            if said.code == 5 {
                said.refused(5);
            }
        }
        let said = Server::started(lockgate(machine.dir()), machine.dir()).err().unwrap().refused(5);
        assert!(said.err.contains("ead-only"), "{}", said.err);
    }
    machine.comes_right();
}

#[test]
fn keys_that_are_missing_or_open_to_others_are_refused_by_name_and_not_replaced() {
    let machine = Machine::new(1);
    machine.submit(0).done();
    for name in ["seal.key", "signing-key.pem"] {
        let (key, aside) = (machine.dir().join("keys").join(name), machine.beside(name));
        let refused = |what: &str| {
            for said in [
                machine.say(&["request", "list"]),
                Server::started(lockgate(machine.dir()), machine.dir()).err().unwrap(),
                machine.say(&["init"]),
            ] {
                let said = said.refused(5);
                assert!(said.err.contains(name), "{what}: {}", said.err);
            }
        };
        std::fs::rename(&key, &aside).unwrap();
        refused("missing");
        assert!(!key.exists(), "a new key would make what the old one sealed and signed worthless");
        std::fs::write(&key, "no key").unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        refused("no key");
        std::fs::rename(&aside, &key).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        refused("readable by others");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    machine.comes_right();
}

#[test]
fn a_server_whose_socket_was_taken_away_still_has_its_directory() {
    let machine = Machine::new(1);
    let server = Server::start(machine.dir());
    std::fs::remove_file(machine.dir().join("control.sock")).unwrap();
    let said = machine.submit(0).refused(4);
    assert!(said.err.contains(&format!("process {}", server.id())), "{}", said.err);
    assert!(server.is_up());
    assert_eq!(server.stop(), 0);
    let server = Server::start(machine.dir());
    machine.submit(0).done();
    wait_until("people are asked", || machine.status(0) == "in_review");
    assert_eq!(server.stop(), 0);
    machine.comes_right();
}
