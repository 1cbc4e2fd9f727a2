//! Every command, with the server up and with the server down: the same answers, the same exit codes.

use serde_json::{Value, json};

use crate::directory::{ADA, Directory, INES, OLU, ROSA, Said};
use crate::json::shape;

/// Notes what commands say.
struct Transcript<'a> {
    directory: &'a Directory,
    lines: Vec<Value>,
}

impl Transcript<'_> {
    /// Runs a command as it is, then with JSON where that changes nothing twice, and notes the shape of the answer.
    fn note<'b>(&mut self, name: &str, arguments: impl IntoIterator<Item = &'b str>) -> Said {
        let said = self.directory.ask(arguments);
        let answer = match said.code {
            0 if said.out.lines().count() > 1 && serde_json::from_str::<Value>(&said.out).is_err() => "lines".into(),
            0 => shape(&said.json()),
            _ => json!({ "code": said.error()["code"], "exit_code": said.error()["exit_code"] }),
        };
        self.lines.push(json!({ "command": name, "exit": said.code, "answer": answer }));
        said
    }
}

fn play(directory: &Directory) -> Vec<Value> {
    let mut t = Transcript { directory, lines: Vec::new() };
    people_and_policies(&mut t);
    let request = intake(&mut t);
    review(&mut t, &request);
    after(&mut t, &request);
    operating(&mut t, &request);
    t.lines
}

fn people_and_policies(t: &mut Transcript<'_>) {
    t.note(
        "person add",
        ["person", "add", "tom@example.ac.uk", "--name", "Tom Whitfield", "--group", "InformationGovernance@A,B"],
    );
    t.note("person disable", ["person", "disable", "tom@example.ac.uk"]);
    t.note("person list", ["person", "list"]);
    t.note("policy list", ["policy", "list"]);
    t.note("policy show", ["policy", "show", "two-stage"]);
    let shipped = t.directory.say(["policy", "show", "two-stage"]).out;
    t.directory.write(
        "policy.toml",
        shipped.replacen("\"two-stage\"", "\"strict\"", 1).replacen("quorum = 1", "quorum = 2", 1),
    );
    t.note("policy diff", ["policy", "diff", "two-stage", "--file", "policy.toml"]);
    t.note("policy publish", ["policy", "publish", "policy.toml", "--as", OLU]);
    t.note("policy assign", ["policy", "assign", "strict", "--project", "Other", "--as", OLU]);
    t.note("policy publish as a reviewer", ["policy", "publish", "policy.toml", "--as", INES]);
}

fn intake(t: &mut Transcript<'_>) -> String {
    t.directory.write("outputs/one.csv", "a,b\n10,20\n");
    t.note("source load", ["source", "load", "--bucket", "b", "--prefix", "p/", "--store", "s-1", "outputs"]);
    t.directory.write("bad.json", "{}");
    t.note("submit --notice of nonsense", ["submit", "--notice", "bad.json"]);
    let notice = include_str!("../../../testdata/platform/notice.json");
    t.directory.write("notice.json", notice);
    t.note("submit --notice", ["submit", "--notice", "notice.json", "--source", "outputs", "--wait"]);
    t.note("submit --notice again", ["submit", "--notice", "notice.json"]);
    let ask = [
        "--workspace",
        "w",
        "--project",
        "TREProject1Prod",
        "--title",
        "T",
        "--why",
        "For the paper",
        "--requester",
        ADA,
    ];
    let said = t.note("submit", ["submit", "--wait"].into_iter().chain(ask).chain(["outputs"]));
    said.done().json()["id"].as_str().unwrap().to_owned()
}

fn review(t: &mut Transcript<'_>, request: &str) {
    t.note("request list", ["request", "list", "--open", "--first", "10"]);
    t.note("request list --waiting-for", ["request", "list", "--waiting-for", "InformationGovernance", "--as", INES]);
    t.note("request show", ["request", "show", request]);
    t.note("request show --as", ["request", "show", request, "--as", INES]);
    t.note("request comment", ["request", "comment", request, "Which cohort is this?", "--as", INES]);
    let decide = |who, opinion| {
        ["request", "decide", request, "--as", who, opinion, "--reason", "Looked at every table.", "--wait"]
    };
    t.note("request decide --return", decide(INES, "--return"));
    t.note("request resubmit", ["request", "resubmit", request, "--as", ADA, "--wait", "outputs"]);
    t.note("request decide as the wrong person", decide(ROSA, "--approve"));
    t.note("request decide at stage 1", decide(INES, "--approve"));
    t.note("request decide at stage 2", decide(ROSA, "--approve"));
    t.note("request decide on what is over", decide(ROSA, "--approve"));
}

fn after(t: &mut Transcript<'_>, request: &str) {
    t.note("download", ["download", request, "--as", ADA]);
    t.note("download as a reviewer", ["download", request, "--as", INES, "--to", "again.zip"]);
    t.note("download again while the ticket lives", ["download", request, "--as", INES, "--to", "third.zip"]);
    t.note("release verify", ["release", "verify", "egress_data.zip", "--key", "data/keys/signing-key.pub.pem"]);
    t.note("request history", ["request", "history", request]);
    t.note("request retry", ["request", "retry", request, "--as", OLU]);
    t.note("request revoke", ["request", "revoke", request, "--as", OLU, "--reason", "Called back by the data owner."]);
    t.note("download of what was revoked", ["download", request, "--as", ADA, "--to", "late.zip"]);
    let platforms = "5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21";
    t.note("request withdraw", ["request", "withdraw", platforms, "--as", ADA, "--wait"]);
    t.note("request abort", ["request", "abort", platforms, "--as", OLU, "--reason", "Nobody needs it."]);
}

fn operating(t: &mut Transcript<'_>, request: &str) {
    let kept = t.note("quarantine list", ["quarantine", "list"]).json()[0]["id"].as_str().unwrap().to_owned();
    t.note("quarantine show", ["quarantine", "show", &kept]);
    t.note("quarantine replay", ["quarantine", "replay", &kept, "--as", OLU]);
    let settled = t.note("outbox list settled", ["outbox", "list", "settled"]).json();
    t.note("outbox retry", ["outbox", "retry", &format!("{request}.1.99"), "--as", OLU]);
    let reached = |message: &&Value| message["deliveries"].as_array().unwrap().iter().any(|one| one["to"] == ADA);
    let told = settled.as_array().unwrap().iter().find(reached).unwrap()["id"].as_str().unwrap();
    let bounced = |id| ["outbox", "bounced", id, "--to", ADA, "--reason", "550 5.1.1 no such mailbox", "--as", OLU];
    t.note("outbox bounced", bounced(told));
    t.note("outbox bounced of a mail that was not sent", bounced(&format!("{request}.1.99")));
    t.note("audit verify", ["audit", "verify"]);
    t.note("audit export", ["audit", "export", "--to", "audit.jsonl"]);
    t.note("audit export to the terminal", ["audit", "export", request]);
    t.note("check", ["check", "--bytes"]);
    t.note("check --repair", ["check", "--repair"]);
    t.note("request list --stuck", ["request", "list", "--stuck"]);
    t.note("outbox retry --all", ["outbox", "retry", "--all", "--as", OLU]);
    t.note("deadline list", ["deadline", "list"]);
    t.note("deadline release", ["deadline", "release", "--as", OLU]);
    let key = t.note("key add", ["key", "add", INES, "--label", "figures", "--scope", "metrics"]).json();
    t.note("key list", ["key", "list"]);
    t.note("key revoke", ["key", "revoke", key["id"].as_str().unwrap()]);
    t.note("backup", ["backup", "kept"]);
    t.note("backup again", ["backup", "kept"]);
    t.note("backup --keys", ["backup", "--keys", "kept-keys"]);
    t.note("restore over what is there", ["restore", "kept", "--keys", "kept-keys"]);
    t.note("config check", ["config", "check"]);
    // Its shape is the configuration's, which has tests of its own.
    assert!(t.directory.ask(["config", "show"]).done().json()["server"]["address"].is_string());
}

#[test]
fn every_command_says_the_same_with_the_server_up_and_down() {
    let down = play(&Directory::new());
    let up = {
        let directory = Directory::new();
        let server = directory.serve();
        let lines = play(&directory);
        assert_eq!(server.stop("-TERM"), Some(0));
        lines
    };
    for (down, up) in down.iter().zip(&up) {
        assert_eq!(down, up, "with the server down and up");
    }
    insta::assert_json_snapshot!(down);
}

#[test]
fn the_person_and_the_system_user_are_both_on_record_whoever_does_the_work() {
    let user = String::from_utf8(std::process::Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let directory = Directory::new();
    let request = directory.submit();
    directory.decide(&request, INES, "--approve").done();
    let server = directory.serve();
    directory.decide(&request, ROSA, "--approve").done();
    let events = directory.ask(["request", "history", &request]).done().json();
    let decided: Vec<&Value> =
        events.as_array().unwrap().iter().filter(|event| event["fact"]["fact"] == "decided").collect();
    assert_eq!(decided.len(), 2, "{events}");
    for (event, email) in decided.into_iter().zip([INES, ROSA]) {
        assert_eq!(
            (&event["actor"]["who"]["email"], &event["actor"]["system_user"]),
            (&email.into(), &user.trim().into())
        );
    }
    drop(server);
}

#[test]
fn no_answer_holds_what_is_the_servers_alone() {
    let directory = Directory::new();
    let request = directory.submit();
    for arguments in [&["request", "show", &request][..], &["request", "list"], &["request", "history", &request]] {
        let out = directory.ask(arguments.iter().copied()).done().out;
        for secret in ["token", "secret", "ticket"] {
            assert!(!out.contains(secret), "{secret} in {out}");
        }
    }
}
