//! Exit codes: what scripts go by.

use crate::directory::{ADA, Directory, INES, OLU, ROSA};

const UNKNOWN: &str = "01a20119-4478-7045-b0f4-f0335e37a9d7";

#[test]
fn a_refusal_is_1_with_the_sentence_that_the_person_reads() {
    let directory = Directory::new();
    let request = directory.submit();
    let said = directory.decide(&request, ADA, "--approve");
    assert_eq!((said.code, &said.error()["code"]), (1, &"NOT_IN_GROUP".into()));
    let short = ["request", "decide", &request, "--as", INES, "--approve", "--reason", "ok"];
    let said = directory.say(short);
    assert_eq!(said.code, 1);
    said.is_a_sentence();
    assert!(said.err.contains("at least 10 characters"), "{}", said.err);
}

#[test]
fn wrong_usage_is_2() {
    let directory = Directory::none();
    for arguments in [
        &["request", "show", "not-an-id"][..],
        &["request", "decide", UNKNOWN, "--as", ADA],
        &["request", "decide", UNKNOWN, "--as", ADA, "--approve", "--reject"],
        &["request", "decide", UNKNOWN, "--approve"],
        &["submit"],
        &["submit", "a-path"],
        &["demo", "--auto", "--reject"],
        &["no-such-command"],
        &["source", "load", "--bucket", "b", "--prefix", "../x", "."],
    ] {
        let said = directory.say(arguments.iter().copied());
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}: {said:?}");
        said.is_a_sentence();
        assert_eq!(directory.ask(arguments.iter().copied()).error()["code"], "USAGE");
    }
}

#[test]
fn what_is_not_there_is_3() {
    let directory = Directory::new();
    for arguments in [
        &["request", "show", UNKNOWN][..],
        &["request", "show", UNKNOWN, "--as", OLU],
        &["request", "history", UNKNOWN],
        &["request", "decide", UNKNOWN, "--as", INES, "--approve", "--reason", "Looked at it all."],
        &["request", "withdraw", UNKNOWN, "--as", ADA],
        &["request", "comment", UNKNOWN, "hello", "--as", "nobody@example.org"],
        &["download", UNKNOWN, "--as", ADA],
        &["policy", "show", "nope"],
        &["policy", "show", "single", "--version", "9"],
        &["person", "disable", "nobody@example.org"],
        &["quarantine", "show", UNKNOWN],
        &["quarantine", "replay", UNKNOWN, "--as", OLU],
        &["outbox", "retry", &format!("{UNKNOWN}.1.0"), "--as", OLU],
        &["audit", "verify", UNKNOWN],
    ] {
        let said = directory.say(arguments.iter().copied());
        assert_eq!((said.code, said.out.as_str()), (3, ""), "{arguments:?}: {said:?}");
        said.is_a_sentence();
    }
}

#[test]
fn what_has_moved_or_is_in_the_way_is_4() {
    let directory = Directory::new();
    let request = directory.submit();
    let decide = |round: &str, stage: &str, who: &str| {
        let arguments = ["request", "decide", &request, "--as", who, "--approve", "--reason", "Looked at it all."];
        directory.ask(arguments.into_iter().chain(["--round", round, "--stage", stage]))
    };
    let said = decide("2", "information_governance", INES);
    assert_eq!((said.code, &said.error()["code"]), (4, &"STALE".into()));
    decide("1", "information_governance", INES).done();
    let said = decide("1", "information_governance", ROSA);
    assert_eq!(said.code, 4, "{said:?}");
    directory.write("taken.zip", "mine");
    let said = directory.say(["audit", "export", "--to", "taken.zip"]);
    assert_eq!(said.code, 4, "{said:?}");
    said.is_a_sentence();
    let said = directory.say(["download", &request, "--as", ADA, "--to", "taken.zip"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert_eq!(std::fs::read(directory.path().join("taken.zip")).unwrap(), b"mine");
}

#[test]
fn what_cannot_be_reached_or_read_is_5() {
    let nowhere = Directory::none();
    let said = nowhere.say(["request", "list"]);
    assert_eq!(said.code, 5);
    said.is_a_sentence();
    assert!(said.err.contains("lockgate init"), "{}", said.err);
    let directory = Directory::new();
    for arguments in [
        &["release", "verify", "missing.zip"][..],
        &["submit", "--notice", "missing.json"],
        &["policy", "publish", "missing.toml", "--as", OLU],
        &["conformance", "--cases", "missing.jsonl"],
        &["source", "load", "--bucket", "b", "--prefix", "p", "missing"],
    ] {
        let said = directory.say(arguments.iter().copied());
        assert_eq!((said.code, said.out.as_str()), (5, ""), "{arguments:?}: {said:?}");
        said.is_a_sentence();
    }
}

#[test]
fn a_ticket_is_not_counted_when_the_file_could_not_be_written() {
    let directory = Directory::new();
    let request = directory.release();
    let into_nowhere = directory.say(["download", &request, "--as", ADA, "--to", "no/such/folder/x.zip"]);
    assert_eq!(into_nowhere.code, 5, "{into_nowhere:?}");
    let fetched = directory.ask(["download", &request, "--as", ADA]).done().json();
    assert_eq!(fetched["downloads_left"], 0);
    let key = "data/keys/signing-key.pub.pem";
    let verified = directory.ask(["release", "verify", "egress_data.zip", "--key", key]).done().json();
    assert_eq!(
        (&verified["is_sound"], &verified["is_signed"], &verified["files"]),
        (&true.into(), &true.into(), &2.into())
    );
}
