//! The shipped binary and a mail server.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use jiff::SignedDuration;
use tests::builders::NOTICE;
use tests::invariants::Outside;
use tests::scene::{Scene, Setting, prepare, sample_id};
use tests::sink::{Cover, Mood, Point, Sink};
use workflow::domain::policy::Policy;

use crate::house::counts;

const SECRET: &str = "canary-password";

fn lockgate(dir: &Path, sink: &Sink) -> Command {
    let mut command = tests::process::lockgate(dir);
    command.envs(settings(sink)).env("LOCKGATE_LOG", "trace");
    command
}

fn settings(sink: &Sink) -> Vec<(String, String)> {
    let mut settings = sink.settings();
    for (name, value) in
        [("SMTP_USER", "gate"), ("PASSWORD", SECRET), ("SMTP_TIMEOUT", "1 minute"), ("FROM", "gate@trust.example")]
    {
        settings.push((format!("LOCKGATE_MAIL_{name}"), value.to_owned()));
    }
    settings
}

fn serve(dir: &Path, sink: &Sink, log: &Path) -> Child {
    let log = File::create(log).unwrap();
    let mut child = lockgate(dir, sink).arg("serve").stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("at work"), "the server said {line:?}");
    child
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_between_the_sending_and_the_mark_sends_that_mail_twice_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("house");
    prepare(&dir, Policy::TWO_STAGE).await;
    let sink = Sink::with(Cover::None, Some(("gate", SECRET))).await;
    sink.be(Point::End, Mood::Hang);
    let log = folder.path().join("log");
    let mut server = serve(&dir, &sink, &log);
    let notice = folder.path().join("notice.json");
    std::fs::write(&notice, NOTICE).unwrap();
    let submitted = lockgate(&dir, &sink).args(["submit", "--notice"]).arg(&notice).output().unwrap();
    assert!(submitted.status.success(), "{submitted:?}");
    sink.has(1).await;
    server.kill().unwrap();
    server.wait().unwrap();
    let taken = sink.arrived();
    sink.mend();
    come_to_rest(&dir, &sink, std::fs::read_to_string(log).unwrap()).await;
    let doubled: Vec<_> = counts(&sink.arrived()).into_iter().filter(|(_, count)| *count > 1).collect();
    assert_eq!(taken.len(), 1);
    assert_eq!(doubled, [((taken[0].name().to_owned(), taken[0].to.clone()), 2)]);
    assert!(sink.arrived().iter().any(|mail| mail.subject().starts_with("Released")));
}

/// Everything goes on in a house of the next life, and holds.
async fn come_to_rest(dir: &Path, sink: &Sink, logs: String) {
    let mut setting = Setting::real();
    setting.options.environment.extend(settings(sink));
    let scene = Scene::open(dir, setting).await;
    for _ in 0..60 {
        scene.settle().await;
        let request = scene.request().await.unwrap();
        if request.status.is_over() && request.told {
            break;
        }
        if request.waiting.is_some() {
            scene.approve(&request).await;
        }
        scene.pass(SignedDuration::from_mins(3)).await;
    }
    assert!(!logs.is_empty());
    let canaries = vec![SECRET.to_owned()];
    scene
        .hold_with(Outside { acknowledged: vec![sample_id()], logs, canaries, at_rest: true, ..Outside::default() })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_mail_shows_what_the_mail_server_answers() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("house");
    prepare(&dir, Policy::TWO_STAGE).await;
    let sink = Sink::with(Cover::None, Some(("gate", SECRET))).await;
    let test = || lockgate(&dir, &sink).args(["mail", "test", "--to", "ada@example.org"]).output().unwrap();
    let sent = test();
    let said = String::from_utf8(sent.stdout).unwrap();
    assert!(sent.status.success() && said.contains("250 2.0.0 queued as 4711"), "{said}");
    assert_eq!(sink.arrived()[0].subject(), "A test of Lockgate");
    sink.be(Point::To, Mood::Say("550 5.1.1 no such mailbox"));
    let refused = test();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("The mail did not leave") && said.contains("5.1.1 no such mailbox"), "{said}");
    assert!(!said.contains(SECRET));
}
