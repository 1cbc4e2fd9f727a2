//! One writer a directory: a command goes through the server that is there, and a second server is refused.

use std::os::unix::fs::PermissionsExt as _;

use crate::directory::{Directory, INES};

#[test]
fn a_second_server_is_refused_and_the_first_goes_on() {
    let directory = Directory::new();
    let first = directory.serve();
    let said = directory.say(["serve"]);
    assert_eq!((said.code, said.out.as_str()), (4, ""), "{said:?}");
    said.is_a_sentence();
    assert!(said.err.contains(&format!("process {}", first.id())), "{}", said.err);
    directory.say(["request", "list"]).done();
    assert_eq!(first.stop("-TERM"), Some(0));
}

#[test]
fn the_socket_is_for_the_owner_alone_and_goes_with_the_server() {
    let directory = Directory::new();
    let server = directory.serve();
    let socket = directory.data().join("control.sock");
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(server.stop("-INT"), Some(0));
    assert!(!socket.exists());
    directory.say(["request", "list"]).done();
}

#[test]
fn what_a_dead_server_left_behind_is_in_nobodys_way() {
    let directory = Directory::new();
    let request = {
        let server = directory.serve();
        let request = directory.submit();
        assert_eq!(server.stop("-KILL"), None);
        request
    };
    assert!(directory.data().join("control.sock").exists());
    directory.say(["request", "show", &request]).done();
    assert_eq!(directory.decide(&request, INES, "--reject").done().json()["status"], "rejected");
    let server = directory.serve();
    directory.say(["request", "show", &request]).done();
    assert_eq!(server.stop("-TERM"), Some(0));
}

#[test]
fn paths_are_meant_where_the_command_is_typed_not_where_the_server_stands() {
    let directory = Directory::new();
    let server = directory.serve();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir(elsewhere.path().join("outputs")).unwrap();
    std::fs::write(elsewhere.path().join("outputs/a.csv"), "1").unwrap();
    let mut command = crate::directory::lockgate();
    command.current_dir(elsewhere.path()).arg("--dir").arg(directory.data());
    command.args(["source", "load", "--bucket", "b", "--prefix", "p/", "outputs"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("1 file"));
    drop(server);
}

#[test]
fn a_data_directory_with_a_long_path_has_a_server_too() {
    let directory = Directory::none();
    let long = format!("{}/data", "a-rather-long-name/".repeat(8).trim_end_matches('/'));
    std::fs::create_dir_all(directory.path().join(&long)).unwrap();
    std::os::unix::fs::symlink(directory.path().join(&long), directory.data()).unwrap();
    let typed = |arguments: &[&str]| {
        let mut command = crate::directory::lockgate();
        command.current_dir(directory.path()).args(["--dir", &long]).args(arguments);
        command
    };
    assert!(typed(&["init"]).output().unwrap().status.success());
    let mut server = typed(&["serve"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.as_mut().unwrap()), &mut line).unwrap();
    let said = typed(&["person", "add", "a@example.org", "--name", "A"]).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn many_commands_at_once_all_find_their_turn() {
    let directory = Directory::new();
    let entered = |index: usize| {
        let email = format!("person{index}@example.org");
        directory.command().args(["person", "add", &email, "--name", "Somebody"]).spawn().unwrap()
    };
    let children: Vec<_> = (0..6).map(entered).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let people = directory.ask(["person", "list"]).done().json();
    assert_eq!(people.as_array().unwrap().len(), 10, "{people}");
}
