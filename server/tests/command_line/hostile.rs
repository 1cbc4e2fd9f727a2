//! Hostile and clumsy input: a sentence each time, and nothing changed.

use crate::directory::{ADA, Directory, OLU};

#[test]
fn a_notice_that_cannot_be_read_is_kept_and_said() {
    let directory = Directory::new();
    for (name, bytes) in [
        ("empty.json", Vec::new()),
        ("noise.json", vec![0xff, 0x00, 0xfe, 0x80]),
        ("list.json", b"[1,2,3]".to_vec()),
        ("null.json", b"null".to_vec()),
        ("huge.json", vec![b' '; 300_000]),
        ("deep.json", "[".repeat(100_000).into_bytes()),
    ] {
        directory.write(name, bytes);
        let said = directory.say(["submit", "--notice", name]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{name}: {said:?}");
        assert!(said.err.contains("quarantine") && said.err.contains("replay"), "{}", said.err);
    }
    let kept = directory.ask(["quarantine", "list"]).done().json();
    assert_eq!(kept.as_array().unwrap().len(), 6, "{kept}");
    let item = kept[0]["id"].as_str().unwrap();
    assert_eq!(directory.say(["quarantine", "replay", item, "--as", OLU]).code, 1);
    let as_ada = directory.ask(["quarantine", "replay", item, "--as", ADA]);
    assert_eq!((as_ada.code, &as_ada.error()["code"]), (1, &"NOT_AN_OPERATOR".into()));
}

#[test]
fn a_folder_with_something_that_is_no_file_is_refused_whole() {
    let directory = Directory::new();
    directory.write("outputs/fine.csv", "1");
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("outputs/link.csv")).unwrap();
    let ask =
        ["--workspace", "w", "--project", "TREProject1Prod", "--title", "t", "--why", "because", "--requester", ADA];
    let said = directory.say(["submit"].into_iter().chain(ask).chain(["outputs"]));
    assert_eq!(said.code, 1, "{said:?}");
    said.is_a_sentence();
    assert!(said.err.contains("link.csv"), "{}", said.err);
    assert_eq!(directory.ask(["request", "list"]).done().json()["requests"], serde_json::json!([]));
}

#[test]
fn a_submission_without_files_or_rights_is_refused() {
    let directory = Directory::new();
    std::fs::create_dir(directory.path().join("empty")).unwrap();
    directory.write("outputs/fine.csv", "1");
    let submit = |project: &str, requester: &str, path: &str| {
        let ask =
            ["--workspace", "w", "--project", project, "--title", "t", "--why", "because", "--requester", requester];
        directory.say(["submit"].into_iter().chain(ask).chain([path]))
    };
    for said in [
        submit("TREProject1Prod", ADA, "empty"),
        submit("OtherProject", ADA, "outputs"),
        submit("TREProject1Prod", OLU, "outputs"),
    ] {
        assert_eq!(said.code, 1, "{said:?}");
        said.is_a_sentence();
    }
}

#[test]
fn an_archive_that_is_none_is_said_to_be_none() {
    let directory = Directory::new();
    directory.write("noise.zip", vec![7; 5_000]);
    let said = directory.say(["release", "verify", "noise.zip"]);
    assert_eq!(said.code, 1);
    said.is_a_sentence();
    let said = directory.ask(["release", "verify", "noise.zip"]);
    assert_eq!((&said.json()["is_sound"], &said.error()["code"]), (&false.into(), &"NOT_SOUND".into()));
    let said = directory.say(["release", "verify", "noise.zip", "--key", "/dev/zero"]);
    assert_eq!(said.code, 5);
    said.is_a_sentence();
}

#[test]
fn an_altered_archive_is_refused_with_the_file_that_is_not_as_approved() {
    let directory = Directory::new();
    let request = directory.release();
    directory.ask(["download", &request, "--as", ADA]).done();
    let path = directory.path().join("egress_data.zip");
    let mut bytes = std::fs::read(&path).unwrap();
    // The first content byte of the first file, behind its local header and name.
    let name = u16::from_le_bytes([bytes[26], bytes[27]]);
    let extra = u16::from_le_bytes([bytes[28], bytes[29]]);
    let at = 30 + usize::from(name) + usize::from(extra);
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let said = directory.say(["release", "verify", "egress_data.zip"]);
    assert_eq!(said.code, 1, "{said:?}");
    said.is_a_sentence();
}

#[test]
fn a_directory_that_is_damaged_or_foreign_is_left_alone() {
    let directory = Directory::new();
    directory.write("data/lockgate.toml", "[house]\nname = 7\n");
    let said = directory.say(["request", "list"]);
    assert_eq!(said.code, 5, "{said:?}");
    said.is_a_sentence();
    assert!(said.err.contains("lockgate.toml"), "{}", said.err);
    directory.write("data/lockgate.toml", "");
    for name in ["lockgate.db-wal", "lockgate.db-shm"] {
        let _ = std::fs::remove_file(directory.data().join(name));
    }
    directory.write("data/lockgate.db", vec![0x55; 8_192]);
    for arguments in [["request", "list"], ["person", "list"]] {
        let said = directory.say(arguments);
        assert_eq!(said.code, 5, "{said:?}");
        said.is_a_sentence();
    }
    let file = Directory::none();
    file.write("data", "a file");
    assert_eq!(file.say(["init"]).code, 5);
    let foreign = Directory::none();
    foreign.write("data/holiday.jpg", "a picture");
    let said = foreign.say(["init"]);
    assert_eq!(said.code, 4, "{said:?}");
    said.is_a_sentence();
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_in_words() {
    let directory = Directory::new();
    let shipped = directory.say(["policy", "show", "two-stage"]).done().out;
    for (name, text) in [
        ("noise.toml", "\u{1}".to_owned()),
        ("nobody.toml", shipped.replace("quorum = 1", "quorum = 0")),
        ("typo.toml", shipped.replace("quorum", "qorum")),
    ] {
        directory.write(name, text);
        let said = directory.say(["policy", "publish", name, "--as", OLU]);
        assert_eq!(said.code, 1, "{name}: {said:?}");
        assert!(said.err.contains("Nothing was changed"), "{}", said.err);
    }
    directory.write("good.toml", &shipped);
    let said = directory.say(["policy", "publish", "good.toml", "--as", ADA]);
    assert_eq!(said.code, 1, "{said:?}");
}

#[test]
fn a_reader_that_goes_away_ends_a_command_quietly() {
    let directory = Directory::new();
    let mut command = directory.command();
    command.arg("definition").stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &[][..]));
}

#[test]
fn a_checkpoint_that_was_altered_is_named() {
    let directory = Directory::new();
    directory.submit();
    let whole = directory.ask(["audit", "verify"]).done().json();
    assert!(whole["checkpoints"].as_u64().unwrap() > 0, "{whole}");
    let kept = std::fs::read_dir(directory.data().join("blobs/house")).unwrap();
    let is_checkpoint = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap().contains("\"number\":1,");
    let path = kept.map(|entry| entry.unwrap().path()).find(is_checkpoint).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"sequence\":", "\"sequence\":1", 1)).unwrap();
    let said = directory.ask(["audit", "verify"]);
    assert_eq!((said.code, &said.error()["code"]), (1, &"BROKEN_TRAIL".into()), "{said:?}");
    assert!(said.err.contains("checkpoint 1"), "{}", said.err);
}
