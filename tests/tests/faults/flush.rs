//! The disk says that it could not keep what it was given.

use tests::machine::Machine;
use tests::process::{Said, Server, wrapped};

/// Serves with a system call failing at its n-th use by each thread, and goes on with a store of its own. Answers how
/// the server ended, if it did.
fn serve_with(machine: &Machine, calls: &str, (error, when): (&str, u64), path: Option<&str>) -> Option<i32> {
    let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:error={error}:when={when}"));
    let mut wrapper = vec!["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    wrapper.extend(path.into_iter().flat_map(|path| ["-P", path]));
    let server = match Server::started(wrapped(&wrapper, machine.dir()), machine.dir()) {
        Ok(server) => server,
        Err(said) => return Some(said.refused(5).code),
    };
    machine.push_on(&server, when);
    if server.is_up() {
        assert_eq!(server.stop(), 0, "{}", server.log());
        return None;
    }
    let code = server.ended();
    let said = Said { code, out: String::new(), err: server.log().lines().last().unwrap().to_owned() + "\n" };
    Some(said.refused(5).code)
}

fn database_of(machine: &Machine) -> String {
    machine.dir().join("lockgate.db-wal").to_str().unwrap().to_owned()
}

#[test]
fn a_flush_of_the_database_that_fails_ends_the_server_and_loses_nothing_acknowledged() {
    let machine = Machine::new(7);
    let wal = database_of(&machine);
    let ends: Vec<_> = [1, 2, 3, 4, 5, 6]
        .into_iter()
        .map(|when| serve_with(&machine, "fsync,fdatasync", ("EIO", when), Some(&wal)))
        .collect();
    assert!(ends.iter().flatten().count() >= 4, "the flush failed too seldom: {ends:?}");
    machine.comes_right();
}

#[test]
fn a_write_to_the_database_that_finds_no_room_is_refused_and_done_later() {
    let machine = Machine::new(7);
    let wal = database_of(&machine);
    for when in [1, 2, 5] {
        let end = serve_with(&machine, "write,pwrite64", ("ENOSPC", when), Some(&wal));
        assert_eq!(end, None, "a full disk is no reason to stop");
    }
    machine.comes_right();
}

#[test]
fn a_write_to_the_database_that_fails_ends_the_server_and_loses_nothing_acknowledged() {
    let machine = Machine::new(7);
    let wal = database_of(&machine);
    let ends: Vec<_> =
        [2, 4, 6].into_iter().map(|when| serve_with(&machine, "pwrite64", ("EIO", when), Some(&wal))).collect();
    assert!(ends.iter().flatten().count() >= 1, "the write never failed: {ends:?}");
    machine.comes_right();
}

#[test]
fn a_flush_of_any_file_that_fails_is_not_believed_to_have_worked() {
    let machine = Machine::new(9);
    for when in [1, 2, 3, 4, 6, 8] {
        serve_with(&machine, "fsync", ("EIO", when), None);
    }
    machine.comes_right();
}

#[test]
fn a_name_that_a_file_cannot_be_given_is_given_later() {
    let machine = Machine::new(5);
    for when in [1, 2, 4] {
        serve_with(&machine, "rename,renameat,renameat2,link,linkat", ("EIO", when), None);
    }
    machine.comes_right();
}
