//! The disk is full.

use tests::builders::request_id;
use tests::process::{Said, Server, wait_until, wrapped};
use tests::scene::{IRIS, RITA};

use crate::mount::SmallMachine;

/// MiB of the ballast, and that have to stay free.
const BALLAST: u64 = 4;
const KEEP_FREE: u64 = 8;

fn serve(small: &SmallMachine) -> Server {
    let mut command = wrapped(&[], small.machine.dir());
    command.env("LOCKGATE_DISK_BALLAST", BALLAST.to_string()).env("LOCKGATE_DISK_KEEP_FREE", KEEP_FREE.to_string());
    Server::started(command, small.machine.dir()).unwrap()
}

/// Tries until it is done: the first try may be the one that finds the disk full and gives the ballast up.
fn is_done_in_the_end(what: &str, mut attempt: impl FnMut() -> Said) {
    let mut last = None;
    for _ in 0..5 {
        let said = attempt();
        if said.code == 0 {
            return;
        }
        last = Some(said.refused(5));
    }
    panic!("{what} was not written although there was a ballast: {last:?}");
}

#[test]
fn on_a_full_disk_what_people_decide_is_still_written_at_every_step() {
    let small = SmallMachine::new(72, 3);
    let machine = &small.machine;
    for step in 0..3 {
        let server = serve(&small);
        let ballast = machine.dir().join("ballast");
        assert_eq!(ballast.metadata().unwrap().len(), BALLAST << 20, "it is loaded again once there is room");
        if step > 0 {
            machine.submit(step).done();
            wait_until("people are asked", || machine.status(step) == "in_review");
        }
        if step > 1 {
            machine.approve(step, IRIS).done();
            wait_until("the second stage is open", || stage_of(&small, step) == 2);
        }
        small.fill(0);
        match step {
            0 => is_done_in_the_end("a notice", || machine.submit(step)),
            1 => is_done_in_the_end("a first approval", || machine.approve(step, IRIS)),
            _ => is_done_in_the_end("a last approval", || machine.approve(step, RITA)),
        }
        assert!(server.is_up(), "a full disk is no reason to stop");
        assert_ne!(machine.status(step), "released", "there was no room for an archive");
        small.empty();
        assert_eq!(server.stop(), 0);
    }
    machine.comes_right();
}

fn stage_of(small: &SmallMachine, number: u64) -> u64 {
    let id = request_id(number).to_string();
    let shown = small.machine.say(&["--json", "request", "show", &id]).done().json();
    shown["stage"]["number"].as_u64().unwrap_or_default()
}

#[test]
fn intake_and_staging_refuse_below_the_floor_and_go_on_above_it() {
    let small = SmallMachine::new(72, 1);
    let machine = &small.machine;
    let server = serve(&small);
    small.fill((KEEP_FREE << 20) - (1 << 20));
    std::fs::create_dir(machine.beside("outputs")).unwrap();
    std::fs::write(machine.beside("outputs/a.csv"), "1,2\n").unwrap();
    let outputs = machine.beside("outputs");
    let ask = ["submit", "--workspace", "w", "--project", "TREProject1Prod", "--title", "t", "--why", "for a paper"];
    let from = ["--requester", tests::builders::RESEARCHER, outputs.to_str().unwrap()];
    let submit: Vec<&str> = ask.into_iter().chain(from).collect();
    let said = machine.say(&submit).refused(5);
    assert!(said.err.contains("8 MiB have to stay free") && said.err.contains("Nothing was submitted"), "{}", said.err);
    assert_eq!(machine.say(&["--json", "request", "list"]).done().json()["requests"], serde_json::json!([]));
    // The notice is state, and small: it is taken, and its files wait for room.
    machine.submit(0).done();
    wait_until("staging was tried", || machine.status(0) == "staging");
    small.empty();
    machine.say(&submit).done();
    wait_until("staging went on by itself", || machine.status(0) == "in_review");
    assert_eq!(server.stop(), 0);
    machine.comes_right();
}
