//! What is stored was damaged behind our back.

use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use tests::builders::request_id;
use tests::machine::Machine;
use tests::process::{Server, lockgate, wait_until};
use tests::scene::{IRIS, RITA};

/// A machine with a request that waits for its second stage, and no server.
fn waiting() -> Machine {
    let machine = Machine::new(1);
    machine.submit(0).done();
    machine.approve(0, IRIS).done();
    machine
}

/// Turns a byte of a file over.
fn damage(path: &PathBuf, at: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x40], at).unwrap();
}

fn files_below(folder: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_staged_file_that_was_altered_is_never_released() {
    let machine = waiting();
    let database = rusqlite::Connection::open(machine.dir().join("lockgate.db")).unwrap();
    let staged = "SELECT digest FROM objects WHERE area = 'staging' AND size > 100 LIMIT 1";
    let digest: String = database.query_row(staged, [], |row| row.get(0)).unwrap();
    drop(database);
    let name = digest.trim_start_matches("sha256:");
    let files = files_below(machine.dir().join("blobs"));
    let blob = files.iter().find(|path| path.ends_with(name)).unwrap();
    damage(blob, 50);
    let server = Server::start(machine.dir());
    machine.approve(0, RITA).done();
    wait_until("the release was given up", || machine.status(0) == "failed");
    let shown = machine.say(&["request", "show", &request_id(0).to_string()]).done().out;
    assert!(shown.contains("not what was decided upon"), "{shown}");
    assert!(files_below(machine.dir().join("release")).is_empty(), "nothing may be there to download");
    assert_eq!(server.stop(), 0);
    damage(blob, 50);
    machine.comes_right();
}

#[test]
fn a_page_of_the_database_that_was_damaged_is_said_and_leads_to_no_release() {
    for page in [0, 1, 2, 5, 9, 14, 20, 30] {
        let machine = waiting();
        let path = machine.dir().join("lockgate.db");
        let database = rusqlite::Connection::open(&path).unwrap();
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(database);
        assert!(path.metadata().unwrap().len() > 31 * 4096);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[0xA5; 4096], page * 4096).unwrap();
        drop(file);
        match Server::started(lockgate(machine.dir()), machine.dir()) {
            Ok(server) => {
                for said in [machine.approve(0, RITA), machine.say(&["request", "list"]), machine.say(&["check"])] {
                    assert!(said.code != 70 && !said.err.contains("panicked"), "page {page}: {said:?}");
                }
                assert!(!server.log().contains("panicked"), "{}", server.log());
                server.signal("-TERM");
                let code = server.ended();
                assert!(code == 0 || code == 5, "page {page}: {code}");
            }
            Err(said) => drop(said.refused(5)),
        }
    }
}

#[test]
fn a_journal_that_was_cut_short_is_put_before_the_operators() {
    let machine = waiting();
    let database = rusqlite::Connection::open(machine.dir().join("lockgate.db")).unwrap();
    let cut = "UPDATE journal SET event = substr(event, 1, length(event) / 2)
               WHERE (execution, sequence) = (SELECT execution, max(sequence) FROM journal)";
    assert_eq!(database.execute(cut, []).unwrap(), 1);
    drop(database);
    let server = Server::start(machine.dir());
    assert!(server.log().contains("is damaged"), "{}", server.log());
    // What people say is kept all the same.
    machine.approve(0, RITA).done();
    assert_eq!(server.stop(), 0);
    machine.comes_right();
}
