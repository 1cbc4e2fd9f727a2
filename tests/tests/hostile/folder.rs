//! Folders of this machine that somebody submits: hostile names, and what is no file.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tests::builders::RESEARCHER;
use tests::machine::Machine;
use tests::process::{Said, Server, run};
use tests::scene::{IRIS, RITA};

use crate::corpus::{self, Hostile};
use crate::name::bytes_of;
use crate::unpack;

/// Makes something that is no file.
type Make = fn(&Path);

fn submit(machine: &Machine, paths: &[&Path]) -> Said {
    let ask = ["--json", "submit", "--workspace", "w", "--project", "TREProject1Prod", "--title", "Tables"];
    let about = ["--why", "for a paper", "--requester", RESEARCHER, "--wait", "--"];
    let paths = paths.iter().map(|path| path.to_str().unwrap());
    machine.say(&ask.into_iter().chain(about).chain(paths).collect::<Vec<_>>())
}

/// Writes a file of any name, where the file system can hold it.
fn write(folder: &Path, name: &[u8]) -> bool {
    let path = folder.join(OsStr::from_bytes(name));
    let is_plain = !name.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b".."));
    let holds = is_plain && !name.contains(&0) && name.len() < 3_000;
    let _ = holds && std::fs::create_dir_all(path.parent().unwrap()).is_ok();
    holds && std::fs::write(&path, bytes_of(&String::from_utf8_lossy(name))).is_ok()
}

/// What is in the way of a next submission: nothing may be left of one that was refused.
#[track_caller]
fn nothing_was_kept(machine: &Machine) {
    let submitted = machine.dir().join("source/submitted");
    let left = std::fs::read_dir(submitted).map(Iterator::count).unwrap_or_default();
    assert_eq!(left, 0, "bytes were left of what was refused");
    let listed = machine.say(&["--json", "request", "list"]).done().json();
    assert_eq!(listed["requests"], json!([]));
}

#[test]
fn hostile_names_in_a_folder_are_released_as_promised() {
    let machine = Machine::new(0);
    let (folder, mut promised) = (machine.beside("outputs"), BTreeMap::new());
    for (name, path) in corpus::kept() {
        if write(&folder, name.as_bytes()) {
            promised.insert(path, bytes_of(&name));
        }
    }
    assert!(promised.len() > 150, "{}", promised.len());
    let server = Server::start(machine.dir());
    let id = submit(&machine, &[&folder]).done().json()["id"].as_str().unwrap().to_owned();
    for who in [IRIS, RITA] {
        machine
            .say(&["request", "decide", &id, "--approve", "--as", who, "--reason", "looked at all", "--wait"])
            .done();
    }
    let zip = machine.beside("out.zip");
    machine.say(&["download", &id, "--as", RESEARCHER, "--to", zip.to_str().unwrap()]).done();
    unpack::everywhere(&zip, &promised);
    let verified = machine.say(&["release", "verify", zip.to_str().unwrap()]).done().out;
    assert!(verified.contains("files: passed"), "{verified}");
    assert_eq!(server.stop(), 0);
    machine.comes_right();
}

#[test]
fn hostile_names_in_a_folder_that_may_not_leave_are_refused_and_nothing_is_kept() {
    let machine = Machine::new(0);
    let server = Server::start(machine.dir());
    let refused = corpus::names().into_iter().filter(|hostile| hostile.becomes.is_none());
    let refused = refused.map(|Hostile { name, why, .. }| (name.into_bytes(), why));
    let mut tried = 0;
    for (number, (name, why)) in refused.chain(corpus::bytes()).enumerate() {
        let folder = machine.beside(&format!("outputs-{number}"));
        std::fs::create_dir(&folder).unwrap();
        assert!(write(&folder, b"fine.csv"));
        if write(&folder, &name) {
            tried += 1;
            let said = submit(&machine, &[&folder]);
            assert_eq!(said.code, 1, "{:?} {why}: {said:?}", name.escape_ascii().to_string());
            let sentence: serde_json::Value = serde_json::from_str(&said.err).unwrap();
            let sentence = sentence["error"]["sentence"].as_str().unwrap();
            assert!(
                sentence.contains("othing was submitted") && !sentence.chars().any(char::is_control),
                "{sentence:?}"
            );
        }
    }
    assert!(tried > 60, "{tried}");
    nothing_was_kept(&machine);
    assert_eq!(server.stop(), 0);
}

#[test]
fn links_pipes_and_devices_in_a_folder_are_refused_by_name() {
    let machine = Machine::new(0);
    let server = Server::start(machine.dir());
    let make: [(&str, Make); 7] = [
        ("link-to-a-file", |path| symlink("/etc/passwd", path).unwrap()),
        ("link-to-a-folder", |path| symlink("/etc", path).unwrap()),
        ("link-to-a-neighbour", |path| symlink("fine.csv", path).unwrap()),
        ("link-to-nothing", |path| symlink("nowhere", path).unwrap()),
        ("pipe", |path| drop(run("mkfifo", [path]))),
        ("device", |path| drop(run("mknod", [path.as_os_str(), "c".as_ref(), "1".as_ref(), "5".as_ref()]))),
        ("socket", |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
    ];
    for (name, make) in make {
        let folder = machine.beside(&format!("with-{name}"));
        std::fs::create_dir_all(folder.join("deep")).unwrap();
        std::fs::write(folder.join("fine.csv"), "1").unwrap();
        make(&folder.join("deep").join(name));
        for what in [&folder, &folder.join("deep")] {
            let said = submit(&machine, &[what]);
            assert_eq!(said.code, 1, "{said:?}");
            assert!(said.err.contains(name) && said.err.contains("nothing was submitted"), "{}", said.err);
        }
        let itself = folder.join("deep").join(name);
        if !itself.is_file() && !itself.is_dir() {
            let said = submit(&machine, &[&itself, &folder.join("fine.csv")]);
            assert!(said.code == 1 || said.code == 5, "{said:?}");
        }
        let kind = std::fs::symlink_metadata(&itself).unwrap().file_type();
        assert!(kind.is_symlink() || kind.is_fifo() || kind.is_char_device() || kind.is_socket());
    }
    nothing_was_kept(&machine);
    assert_eq!(server.stop(), 0);
}

#[test]
fn a_file_with_two_names_is_two_files() {
    let machine = Machine::new(0);
    let folder = machine.beside("outputs");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.csv"), "1").unwrap();
    std::fs::hard_link(folder.join("a.csv"), folder.join("b.csv")).unwrap();
    let id = submit(&machine, &[&folder]).done().json()["id"].as_str().unwrap().to_owned();
    let shown = machine.say(&["request", "show", &id]).done().out;
    assert!(shown.contains("a.csv") && shown.contains("b.csv"), "{shown}");
}

#[test]
fn a_file_that_grows_while_it_is_read_is_kept_as_it_once_was_or_refused() {
    let machine = Machine::new(0);
    let folder = machine.beside("outputs");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("fine.csv"), "1").unwrap();
    let growing: PathBuf = folder.join("growing.log");
    std::fs::write(&growing, vec![b'x'; 4 << 20]).unwrap();
    let is_over = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        let grow = || {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new().append(true).open(&growing).unwrap();
            while !is_over.load(Ordering::Relaxed) {
                file.write_all(b"y").unwrap();
            }
        };
        scope.spawn(grow);
        let said = submit(&machine, &[&folder]);
        is_over.store(true, Ordering::Relaxed);
        said
    });
    // Whoever writes may have stood still for as long as it took to read the file: then it was read as it was.
    if said.code == 0 {
        is_as_it_once_was(&machine);
        return;
    }
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("'growing.log' was changed each time it was read"), "{}", said.err);
    nothing_was_kept(&machine);
    submit(&machine, &[&folder]).done();
}

/// What was kept of the file that grows is its beginning.
fn is_as_it_once_was(machine: &Machine) {
    let kept = blobs(&machine.dir().join("blobs"));
    let grown = kept.iter().filter(|path| path.metadata().unwrap().len() >= 4 << 20).collect::<Vec<_>>();
    assert!(!grown.is_empty(), "{kept:?}");
    for path in grown {
        let bytes = std::fs::read(path).unwrap();
        let (first, rest) = bytes.split_at(4 << 20);
        assert!(first.iter().all(|byte| *byte == b'x') && rest.iter().all(|byte| *byte == b'y'), "{}", path.display());
    }
}

/// Every file below a folder.
fn blobs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { blobs(&path) } else { vec![path] }).collect()
}
