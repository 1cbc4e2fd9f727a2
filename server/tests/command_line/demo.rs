//! The demo: the house that it shows, and the whole story, in each of its ends, over and over.

mod house;

use std::path::PathBuf;

use serde_json::Value;

use crate::directory::{Directory, Said, lockgate};

fn play(directory: &Directory, flags: &[&str]) -> Said {
    lockgate().current_dir(directory.path()).arg("demo").args(flags).output().unwrap().into()
}

fn ending(directory: &Directory, flags: &[&str]) -> Value {
    let flags: Vec<&str> = flags.iter().copied().chain(["--json"]).collect();
    play(directory, &flags).done().json()
}

#[test]
fn two_people_approve_and_the_archive_is_what_they_approved() {
    let directory = Directory::none();
    let said = play(&directory, &["--auto"]).done();
    for line in ["received", "staged", "waits", "approved", "stage passed", "released", "told", "signature: passed"] {
        assert!(said.out.contains(line), "{line} is not in {}", said.out);
    }
    let archive = said.out.lines().find_map(|line| line.strip_prefix("released  ")).unwrap();
    assert!(directory.path().join(archive).is_file(), "{archive}");
    let verify = said.out.lines().find_map(|line| line.strip_prefix("verify    ")).unwrap();
    let again = std::process::Command::new("sh").arg("-c").arg(verify).current_dir(directory.path()).output().unwrap();
    assert!(Said::from(again).done().out.contains("files: passed"));
}

#[test]
fn what_is_rejected_is_deleted_with_proof() {
    let directory = Directory::none();
    let ending = ending(&directory, &["--reject"]);
    assert_eq!((&ending["status"], &ending["files_left"]), (&"rejected".into(), &0.into()));
    let proof: Value =
        serde_json::from_slice(&std::fs::read(ending["deletion_proof"].as_str().unwrap()).unwrap()).unwrap();
    assert_eq!(proof["deleted"].as_array().unwrap().len(), 27);
    assert!(!directory.path().join("lockgate-demo/release").exists_with_files());
}

#[test]
fn what_is_returned_comes_again_and_is_released() {
    let directory = Directory::none();
    let ending = ending(&directory, &["--return"]);
    assert_eq!(
        (&ending["status"], &ending["rounds"], &ending["is_sound"]),
        (&"released".into(), &2.into(), &true.into())
    );
    let said = play(&directory, &["--return"]).done();
    let order = ["returned", "resubmitted", "approved", "released"];
    let found: Vec<usize> = order.iter().map(|word| said.out.find(&format!("  {word}")).unwrap()).collect();
    assert!(found.is_sorted(), "{found:?} in {}", said.out);
}

#[test]
fn every_end_can_be_played_again_in_the_same_directory() {
    let directory = Directory::none();
    let mut requests = Vec::new();
    for flag in ["--auto", "--reject", "--auto", "--return", "--reject"] {
        requests.push(ending(&directory, &[flag])["request"].clone());
    }
    let count = requests.len();
    requests.sort_by_key(ToString::to_string);
    requests.dedup();
    assert_eq!(requests.len(), count);
}

#[test]
fn nothing_but_a_data_directory_is_deleted_to_begin_anew() {
    let directory = Directory::none();
    let mine = directory.write("lockgate-demo/thesis.tex", "years of work");
    let said = play(&directory, &["--fresh", "--auto"]);
    assert_eq!(said.code, 4, "{said:?}");
    said.is_a_sentence();
    assert!(mine.is_file());
}

#[test]
fn a_house_that_no_demo_made_gets_no_demo() {
    let directory = Directory::new();
    let before = directory.ask(["person", "list"]).done().json();
    for flags in [&["demo"][..], &["demo", "--auto"], &["demo", "--fresh"]] {
        let said = directory.say(flags.iter().copied());
        assert_eq!(said.code, 4, "{said:?}");
        said.is_a_sentence();
    }
    assert_eq!(directory.ask(["person", "list"]).done().json(), before);
}

trait Files {
    fn exists_with_files(&self) -> bool;
}

impl Files for PathBuf {
    fn exists_with_files(&self) -> bool {
        self.is_dir() && std::fs::read_dir(self).unwrap().next().is_some()
    }
}
