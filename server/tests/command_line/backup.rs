//! Backups by hand: with a server at work and without one, and killed in the middle.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::directory::{Directory, INES, OLU, ROSA};

fn restore(directory: &Directory, from: &str, to: &str) -> std::process::Command {
    let mut command = crate::directory::lockgate();
    command.current_dir(directory.path()).args(["--dir", to, "--json", "restore", from, "--keys", "keys"]);
    command
}

#[test]
fn a_house_goes_on_from_its_backup_where_it_stood() {
    let directory = Directory::new();
    let released = directory.release();
    let open = directory.submit();
    let server = directory.serve();
    let taken = directory.ask(["backup", "kept"]).done().json();
    assert_eq!(taken["missing"].as_array().unwrap().len(), 0);
    directory.say(["backup", "--keys", "keys"]).done();
    assert_eq!(server.stop("-TERM"), Some(0));
    directory.ask(["backup", "kept-too", "--copy"]).done();
    let back = restore(&directory, "kept", "back").output().unwrap();
    assert!(back.status.success(), "{back:?}");
    std::fs::rename(directory.data(), directory.path().join("lost")).unwrap();
    std::fs::rename(directory.path().join("back"), directory.data()).unwrap();
    let checked = directory.ask(["check", "--bytes"]).done().json();
    assert_eq!(checked["problems"].as_array().unwrap().len(), 0, "{checked}");
    assert_eq!(directory.ask(["request", "show", &released]).done().json()["status"], "released");
    directory.decide(&open, INES, "--approve").done();
    assert_eq!(directory.decide(&open, ROSA, "--approve").done().json()["status"], "released");
    directory.say(["outbox", "retry", "--all", "--as", OLU]).done();
    directory.say(["audit", "verify"]).done();
}

#[test]
fn what_cannot_be_backed_up_or_brought_back_is_refused_with_a_sentence() {
    let directory = Directory::new();
    directory.say(["backup", "kept"]).done();
    directory.say(["backup", "--keys", "keys"]).done();
    for (arguments, code) in [
        (&["data", "backup", "kept"][..], 4),
        (&["data", "backup", "--keys", "keys"][..], 4),
        (&["data", "restore", "kept", "--keys", "keys"][..], 4),
        (&["data", "restore", "kept"][..], 2),
        (&["other", "restore", "nothing", "--keys", "keys"][..], 3),
        (&["other", "restore", "kept", "--keys", "kept"][..], 1),
    ] {
        let said = crate::directory::lockgate().current_dir(directory.path()).arg("--dir").args(arguments).output();
        let said = crate::directory::Said::from(said.unwrap());
        assert_eq!(said.code, code, "{arguments:?}: {said:?}");
        said.is_a_sentence();
    }
    assert!(!directory.path().join("other").exists());
}

/// Starts a command and kills it after a while; tells whether it had ended by itself.
fn kill_after(command: &mut std::process::Command, milliseconds: u64) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(milliseconds));
    let had_ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    had_ended
}

fn is_whole(folder: &Path, name: &str) -> bool {
    folder.join(name).exists()
}

#[test]
fn a_backup_or_a_restore_that_is_killed_leaves_nothing_that_is_taken_for_whole() {
    let directory = Directory::new();
    for number in 0..400 {
        directory.write(&format!("many/{number}.csv"), format!("{number}\n").repeat(500));
    }
    directory.say(["source", "load", "--bucket", "b", "--prefix", "p/", "many"]).done();
    directory.say(["backup", "--keys", "keys"]).done();
    let (mut killed, mut whole) = (0, 0);
    for round in 0..12_u64 {
        let name = format!("backup-{round}");
        let had_ended = kill_after(directory.command().args(["backup", "--copy", &name]), round * 30);
        killed += u32::from(!had_ended);
        if is_whole(directory.path(), &name) {
            whole += 1;
            let back = restore(&directory, &name, &format!("back-{round}")).output().unwrap();
            assert!(back.status.success(), "a backup has its name and is not whole: {back:?}");
        }
    }
    directory.say(["backup", "last"]).done();
    assert!(killed > 0, "no kill fell into a backup: nothing was tried");
    println!("{killed} kills fell into a backup, {whole} backups were whole");
    directory.say(["check"]).done();
    let mut killed = 0;
    for round in 0..12_u64 {
        let to = format!("again-{round}");
        killed += u32::from(!kill_after(&mut restore(&directory, "last", &to), round * 30));
        if is_whole(directory.path(), &to) {
            let checked =
                crate::directory::lockgate().current_dir(directory.path()).args(["--dir", &to, "check"]).output();
            assert!(checked.unwrap().status.success(), "a directory has its name and is not whole");
        }
        let back = restore(&directory, "last", &format!("whole-{round}")).output().unwrap();
        assert!(back.status.success(), "{back:?}");
    }
    assert!(killed > 0, "no kill fell into a restore: nothing was tried");
}
