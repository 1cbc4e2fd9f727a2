//! The definition against the steps, the error names and the verdicts.

use std::collections::BTreeSet;

use serde_json::Value;
use workflow::domain::slip::Progress;
use workflow::domain::verdict::Verdict;
use workflow::steps::{self, StepError};

use crate::root;

fn definition() -> Value {
    serde_json::from_str(steps::DEFINITION).unwrap()
}

fn states() -> Vec<(String, Value)> {
    let states = definition()["States"].as_object().unwrap().clone();
    states.into_iter().collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[test]
fn our_engine_accepts_the_definition_whole() {
    if let Err(flaws) = infra_asl::Definition::parse(steps::DEFINITION) {
        panic!("{flaws}");
    }
}

#[test]
fn each_task_calls_the_step_of_its_own_name_and_each_step_has_a_file() {
    let mut called = BTreeSet::new();
    for (name, state) in states().into_iter().filter(|(_, state)| state["Type"] == "Task") {
        assert_eq!(state["Parameters"]["FunctionName"], format!("${{{name}FunctionArn}}"));
        called.insert(name);
    }
    assert_eq!(called, set(steps::ALL));
    let files: BTreeSet<String> = std::fs::read_dir(root().join("workflow/src/steps"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .collect();
    assert_eq!(files, steps::ALL.iter().map(|name| snake(name)).collect());
}

#[test]
fn every_error_name_of_ours_that_is_caught_or_retried_exists() {
    let known = set(StepError::NAMES);
    for (state, value) in states() {
        for list in ["Retry", "Catch"] {
            for rule in value[list].as_array().into_iter().flatten() {
                for name in rule["ErrorEquals"].as_array().unwrap().iter().filter_map(Value::as_str) {
                    assert!(!name.starts_with("Lockgate.") || known.contains(name), "{state} names {name}");
                }
            }
        }
    }
}

fn branches(choice: &str, variable: &str) -> BTreeSet<String> {
    let state = &definition()["States"][choice];
    let choices = state["Choices"].as_array().unwrap();
    choices
        .iter()
        .map(|branch| {
            assert_eq!(branch["Variable"], variable);
            branch["StringEquals"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn the_verdict_has_a_branch_for_each_word_and_no_other() {
    assert_eq!(branches("Verdict", "$.verdict"), set(Verdict::ALL.map(Verdict::as_str)));
    for verdict in Verdict::ALL {
        assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
    }
}

#[test]
fn both_loops_have_a_branch_for_each_word_of_progress() {
    let words = [Progress::More, Progress::Done].map(|word| serde_json::to_value(word).unwrap());
    let words = set(words.iter().filter_map(Value::as_str));
    assert_eq!(branches("StageProgress", "$.progress"), words);
    assert_eq!(branches("ReleaseProgress", "$.progress"), words);
}

#[test]
fn nothing_waits_without_a_timeout_and_nothing_that_fails_is_lost() {
    for (name, state) in states() {
        match state["Type"].as_str().unwrap() {
            "Task" => {
                assert!(
                    state.get("TimeoutSeconds").or(state.get("TimeoutSecondsPath")).is_some(),
                    "{name} has no timeout"
                );
                let catches = state["Catch"].as_array().unwrap();
                assert_eq!(catches.last().unwrap()["ErrorEquals"], serde_json::json!(["States.ALL"]), "{name}");
                let retries = state["Retry"].to_string();
                assert!(!retries.contains("States.ALL"), "{name} retries what it should record");
                let waits = state["Resource"].as_str().unwrap().ends_with(".waitForTaskToken");
                assert!(!(waits && retries.contains("States.Timeout")), "{name} hides its timeout");
            }
            "Choice" => assert_eq!(state["Default"], "RecordFailure", "{name}"),
            _ => {}
        }
    }
}
