//! The clock of the machine jumps while the server is at work, and while it is not.

use std::path::Path;

use tests::machine::Machine;
use tests::process::{Server, wait_until, wrapped};
use tests::scene::{IRIS, RITA};

/// Serves by a clock that is as far from the machine's as a file says, looked at anew each time.
fn serve(machine: &Machine, offset: &Path) -> Server {
    // The wrapper finds its library; a fixed offset in the environment would hide the file's.
    let mut command = wrapped(&["faketime", "-f", "+0", "env", "-u", "FAKETIME"], machine.dir());
    command
        .env("FAKETIME_TIMESTAMP_FILE", offset)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.env("LOCKGATE_CHORES_SWEEP_EVERY", "200 ms").env("LOCKGATE_CHORES_DELIVER_EVERY", "200 ms");
    Server::started(command, machine.dir()).unwrap()
}

/// Tells whether deadlines are held.
fn is_holding(machine: &Machine) -> bool {
    machine.say(&["deadline", "list"]).out.contains("Deadlines are held since")
}

#[test]
fn a_clock_that_jumps_a_month_expires_nothing_and_releases_nothing() {
    let machine = Machine::new(2);
    let offset = machine.beside("offset");
    std::fs::write(&offset, "+0").unwrap();
    let server = serve(&machine, &offset);
    machine.submit(0).done();
    machine.submit(1).done();
    let wait = |what: &str| {
        wait_until(what, || machine.status(0) == "in_review" && machine.status(1) == "in_review");
    };
    wait("people are asked");
    assert!(!is_holding(&machine));
    // A stage has two weeks: without the hold, the first look at this clock would end both.
    std::fs::write(&offset, "+30d").unwrap();
    wait_until("deadlines are held", || is_holding(&machine));
    wait("nothing has expired");
    // Nor does a month without the machine, or a clock that goes back, expire anything unasked.
    assert_eq!(server.stop(), 0);
    for jump in ["-30d", "+30d"] {
        std::fs::write(&offset, jump).unwrap();
        let server = serve(&machine, &offset);
        wait_until("deadlines are still held", || is_holding(&machine));
        wait("nothing has expired");
        assert_eq!(server.stop(), 0);
    }
    let server = serve(&machine, &offset);
    // What people decide is decided, whatever the clock says.
    machine.approve(0, IRIS).done();
    wait_until("the second stage decides", || machine.approve(0, RITA).code == 0);
    wait_until("the request is released", || machine.status(0) == "released");
    assert_eq!(server.stop(), 0);
}
