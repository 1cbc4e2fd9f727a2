//! The machine has no file handles left.

use std::net::TcpStream;

use tests::machine::Machine;
use tests::process::{Server, wait_until, wrapped};

#[test]
fn a_server_without_free_file_handles_refuses_for_a_while_and_goes_on_afterwards() {
    let machine = Machine::new(2);
    let wrapper = ["prlimit", "--nofile=96:96"];
    let server = Server::started(wrapped(&wrapper, machine.dir()), machine.dir()).unwrap();
    let address = server.url.trim_start_matches("http://").to_owned();
    let callers: Vec<TcpStream> = (0..120).filter_map(|_| TcpStream::connect(&address).ok()).collect();
    assert!(callers.len() > 96);
    let said = std::thread::scope(|scope| {
        let said = scope.spawn(|| machine.submit(0));
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert!(server.is_up(), "strangers who only connect must not end the server: {}", server.log());
        drop(callers);
        said.join().unwrap()
    });
    assert!(said.code == 0 || said.code == 5, "{said:?}");
    machine.submit(0).done();
    machine.submit(1).done();
    machine.push_on(&server, 0);
    wait_until("the request is released", || machine.status(0) == "released");
    assert_eq!(server.stop(), 0);
    machine.comes_right();
}
