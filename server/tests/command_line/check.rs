//! `check`: what it finds, and what it takes away.

use std::fs::File;
use std::time::{Duration, SystemTime};

use crate::directory::Directory;

/// A file that has been there for two hours.
fn leave(directory: &Directory, path: &str) -> std::path::PathBuf {
    let path = directory.write(&format!("data/{path}"), "left over");
    let before = SystemTime::now() - Duration::from_hours(2);
    File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    path
}

#[test]
fn changed_and_lost_bytes_are_named() {
    let directory = Directory::new();
    let released = directory.release();
    directory.say(["check", "--bytes"]).done();
    let archive = directory.data().join(format!("release/approved_egress/ws-1/{released}/egress_data.zip"));
    let mut bytes = std::fs::read(&archive).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&archive, &bytes).unwrap();
    directory.say(["check"]).done();
    let found = directory.ask(["check", "--bytes"]);
    assert_eq!(found.code, 1, "{found:?}");
    assert!(found.out.contains("egress_data.zip holds other bytes"), "{}", found.out);
    std::fs::remove_file(&archive).unwrap();
    assert_eq!(directory.say(["check"]).code, 1);
}

#[test]
fn what_nobody_names_is_listed_and_removed_on_demand_but_no_archive_ever() {
    let directory = Directory::new();
    let open = directory.submit();
    let nobody = leave(&directory, "blobs/5b0c3a1e-0f53-4f0e-8f0e-000000000001/1/00ff");
    let source = leave(&directory, "source/submitted/0123456789abcdef");
    let needed = leave(&directory, &format!("blobs/{open}/1/00ff"));
    let archive = leave(&directory, "release/approved_egress/ws/5b0c3a1e-0f53-4f0e-8f0e-000000000001/egress_data.zip");
    let found = directory.ask(["check"]).done().json();
    assert_eq!(found["left_over"].as_array().unwrap().len(), 4, "{found}");
    let repair = || {
        let repaired = directory.ask(["check", "--repair"]).done().json();
        (repaired["removed"].as_u64().unwrap(), repaired["left_over"].as_array().unwrap().len())
    };
    assert_eq!(repair(), (2, 2));
    let server = directory.serve();
    assert_eq!(repair(), (0, 2));
    assert_eq!(server.stop("-TERM"), Some(0));
    assert!(!nobody.exists() && !source.exists() && needed.exists() && archive.exists());
    directory.say(["check", "--bytes"]).done();
}

#[test]
fn what_is_stuck_is_listed_with_its_cause() {
    let directory = Directory::new();
    let request = directory.submit();
    assert_eq!(directory.ask(["request", "list", "--stuck"]).done().json().as_array().unwrap().len(), 0);
    // Somebody loses the bytes that reviewers look at: the release fails, and an operator is wanted.
    let blobs = directory.data().join("blobs").join(&request).join("1");
    directory.decide(&request, crate::directory::INES, "--approve").done();
    for entry in std::fs::read_dir(&blobs).unwrap() {
        let path = entry.unwrap().path();
        if path.metadata().unwrap().len() < 20 {
            std::fs::remove_file(path).unwrap();
        }
    }
    directory.decide(&request, crate::directory::ROSA, "--approve").done();
    let stuck = directory.ask(["request", "list", "--stuck"]).done().json();
    assert_eq!(stuck[0]["request"], request.as_str(), "{stuck}");
    assert!(stuck[0]["why"].as_str().unwrap().len() > 20 && stuck[0]["status"] == "failed");
}
