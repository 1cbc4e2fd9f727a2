//! A folder of the data directory cannot be written to.

use tests::builders::request_id;
use tests::machine::Machine;
use tests::process::{Server, wait_until};
use tests::scene::{IRIS, RITA};

use crate::mount::Frozen;

/// Serves while nothing can be made in a folder, and requires that everything comes right once it can.
fn serve_while_unwritable(name: &str, act: impl Fn(&Machine)) {
    let machine = Machine::new(1);
    {
        let _frozen = Frozen::new(&machine.dir().join(name));
        let server = Server::start(machine.dir());
        machine.submit(0).done();
        act(&machine);
        assert!(server.is_up());
        assert_eq!(server.stop(), 0);
    }
    machine.comes_right();
}

/// Goes on until both stages have decided.
fn approve_twice(machine: &Machine) {
    wait_until("people are asked", || machine.status(0) == "in_review");
    machine.approve(0, IRIS).done();
    wait_until("the second stage decides", || machine.approve(0, RITA).code == 0);
}

/// The request is on the operators' list, with what stands in its way.
fn is_before_the_operators(machine: &Machine) {
    wait_until("the step was given up", || machine.status(0) == "failed");
    let shown = machine.say(&["request", "show", &request_id(0).to_string()]).done().out;
    assert!(shown.contains("not permitted"), "{shown}");
}

#[test]
fn a_release_folder_that_cannot_be_written_to_keeps_the_request_until_it_can() {
    serve_while_unwritable("release", |machine| {
        approve_twice(machine);
        is_before_the_operators(machine);
        let files = std::fs::read_dir(machine.dir().join("release")).unwrap().count();
        assert_eq!(files, 0);
    });
}

#[test]
fn an_outbox_folder_that_cannot_be_written_to_keeps_the_mails_and_hinders_nobody() {
    serve_while_unwritable("outbox", |machine| {
        approve_twice(machine);
        wait_until("the request is released", || machine.status(0) == "released");
        let is_listed = || machine.say(&["outbox", "list", "undeliverable"]).done().out.contains("not permitted");
        wait_until("the operators see which mails did not go and why", is_listed);
    });
}

#[test]
fn a_blob_folder_that_cannot_be_written_to_keeps_the_request_until_it_can() {
    serve_while_unwritable("blobs", is_before_the_operators);
}
