//! `lockgate` without a command: a house with people and requests, until it is stopped.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::directory::{Directory, Said, lockgate};

/// The last thing that it says by itself.
const COMPLETE: &str = "Everything is there.";
const STATES: [&str; 8] =
    ["in_review", "in_review", "in_review", "in_review", "returned", "released", "rejected", "failed"];

/// A demo at work.
struct Demo {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Demo {
    fn begin(directory: &Directory) -> Self {
        let mut command = lockgate();
        command.current_dir(directory.path()).env("LOCKGATE_SERVER_ADDRESS", "127.0.0.1:0");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// Reads what it says up to a line that has something in it.
    fn says(&mut self, wanted: &str) -> String {
        let mut text = String::new();
        while !text.contains(wanted) {
            let count = self.out.read_line(&mut text).unwrap();
            assert!(count > 0, "it ended before it said {wanted}: {text}");
        }
        text
    }

    /// Sends a signal, and answers how it ended.
    fn stop(&mut self, signal: &str) -> Option<i32> {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(directory: &Directory, arguments: &[&str]) -> Value {
    let mut command = lockgate();
    command.current_dir(directory.path()).args(["--dir", "lockgate-demo", "--json"]).args(arguments);
    Said::from(command.output().unwrap()).done().json()
}

fn states(directory: &Directory) -> Vec<String> {
    let page = ask(directory, &["request", "list"]);
    page["requests"].as_array().unwrap().iter().map(|request| request["status"].as_str().unwrap().to_owned()).collect()
}

fn sorted(states: &[impl AsRef<str>]) -> Vec<String> {
    let mut states: Vec<String> = states.iter().map(|state| state.as_ref().to_owned()).collect();
    states.sort();
    states
}

/// Tries to sign in, and answers the status of the answer.
fn sign_in(address: &str, email: &str, password: &str) -> String {
    let body = format!("email={}&password={password}", email.replace('@', "%40"));
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn everybody_whom_it_names_can_sign_in_and_there_is_something_in_every_state() {
    let directory = Directory::none();
    let mut demo = Demo::begin(&directory);
    let said = demo.says("Requests that wait for you");
    let address = said.lines().find_map(|line| line.trim().strip_prefix("http://")).unwrap();
    let password = said.split("always").nth(1).unwrap().split_whitespace().next().unwrap();
    let people: Vec<&str> = said.split_whitespace().filter(|word| word.contains("@example")).collect();
    assert_eq!(people.len(), 8, "{said}");
    for email in people {
        assert!(sign_in(address, email, password).contains(" 303 "), "{email}");
        assert!(!sign_in(address, email, "another-password").contains(" 303 "), "{email}");
    }
    demo.says(COMPLETE);
    assert_eq!(sorted(&states(&directory)), sorted(&STATES));
    assert_eq!(ask(&directory, &["quarantine", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(demo.stop("-INT"), Some(0));
}

#[test]
fn a_demo_that_is_killed_in_the_middle_goes_on_when_it_is_begun_again() {
    let directory = Directory::none();
    for line in ["Ctrl-C", "waits for Research IT", "round 2"] {
        let mut demo = Demo::begin(&directory);
        demo.says(line);
        demo.stop("-KILL");
    }
    let mut demo = Demo::begin(&directory);
    demo.says(COMPLETE);
    assert_eq!(sorted(&states(&directory)), sorted(&STATES));
    assert_eq!(ask(&directory, &["quarantine", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn what_people_did_stays_when_it_is_begun_again() {
    let directory = Directory::none();
    let mut demo = Demo::begin(&directory);
    demo.says(COMPLETE);
    let page = ask(&directory, &["request", "list", "--status", "returned"]);
    let returned = page["requests"][0]["id"].as_str().unwrap().to_owned();
    ask(&directory, &["request", "withdraw", &returned, "--as", "ada.researcher@example.ac.uk", "--wait"]);
    demo.stop("-TERM");
    let mut demo = Demo::begin(&directory);
    demo.says(COMPLETE);
    assert_eq!(ask(&directory, &["request", "show", &returned])["status"], "withdrawn");
    assert_eq!(states(&directory).len(), STATES.len());
}

#[test]
fn a_demo_is_shown_to_this_machine_alone() {
    let directory = Directory::none();
    Demo::begin(&directory).says("Ctrl-C");
    for (name, value) in [("LOCKGATE_SERVER_ADDRESS", "0.0.0.0:0"), ("LOCKGATE_SERVER_PROFILE", "network")] {
        for arguments in [&["demo"][..], &["--dir", "lockgate-demo", "serve"]] {
            let mut command = lockgate();
            command.current_dir(directory.path()).args(arguments).env("LOCKGATE_SERVER_ADDRESS", "127.0.0.1:0");
            let said = Said::from(command.env(name, value).output().unwrap());
            assert_eq!(said.code, 1, "{said:?}");
            assert!(said.err.contains("a demo, whose passwords everybody knows"), "{said:?}");
        }
    }
}
