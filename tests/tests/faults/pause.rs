//! The machine stands still for a while and then goes on as if nothing had happened.

use std::time::Duration;

use tests::machine::Machine;
use tests::process::{Server, is_long, lockgate, wait_until};
use tests::scene::IRIS;

/// How long it stands still: longer than whatever is leased, where there is time for that.
fn pause() -> Duration {
    Duration::from_secs(if is_long() { 65 } else { 1 })
}

#[test]
fn a_server_that_stood_still_goes_on_and_nobody_took_over_behind_its_back() {
    let machine = Machine::new(3);
    let server = Server::start(machine.dir());
    for step in 0..3 {
        if step > 0 {
            machine.submit(step).done();
            wait_until("people are asked", || machine.status(step) == "in_review");
        }
        if step > 1 {
            machine.approve(step, IRIS).done();
        }
        server.signal("-STOP");
        // Whoever calls meanwhile is answered afterwards.
        let late = std::thread::scope(|scope| {
            let late = scope.spawn(|| match step {
                1 => machine.approve(step, IRIS),
                _ => machine.submit(step),
            });
            let rival = Server::started(lockgate(machine.dir()), machine.dir()).err().unwrap().refused(4);
            assert!(rival.err.contains(&format!("process {}", server.id())), "{}", rival.err);
            std::thread::sleep(pause());
            server.signal("-CONT");
            late.join().unwrap()
        });
        late.done();
        machine.push_on(&server, step);
        wait_until("the request is released", || machine.status(step) == "released");
    }
    assert_eq!(server.stop(), 0);
    machine.comes_right();
}
