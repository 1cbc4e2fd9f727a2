//! The README says what the program does.

use crate::directory::{Directory, lockgate};

const README: &str = include_str!("../../../README.md");

#[test]
fn its_picture_is_the_one_that_the_program_draws() {
    let output = lockgate().args(["definition", "--diagram"]).output().unwrap();
    let picture = String::from_utf8(output.stdout).unwrap();
    assert!(README.contains(&format!("```mermaid\n{picture}```")), "put this into README.md:\n{picture}");
}

#[test]
fn every_command_that_it_shows_can_be_typed() {
    let directory = Directory::none();
    let commands = README.lines().filter_map(|line| line.strip_prefix("$ lockgate ")).collect::<Vec<_>>();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().filter(|word| *word != "\\").take(2).collect();
        let said = directory.say(words.iter().copied().chain(["--help"]));
        assert_eq!(said.code, 0, "{command}: {said:?}");
    }
}

#[test]
fn its_exit_codes_are_all_named_once() {
    for line in ["0 done", "1 refused", "2 wrong usage", "3 not found", "4 conflict", "5 cannot reach", "70 a mistake"]
    {
        assert_eq!(README.replace('\n', " ").matches(line).count(), 1, "{line}");
    }
}
