//! What can be done, and where it is asked for.

use std::collections::BTreeSet;

use crate::root;

/// Actions that are no mutation, and where they are reached instead.
const ELSEWHERE: [(&str, &str); 11] = [
    ("administer", "the command line"),
    ("caller", "who asks: no action by itself"),
    ("finish_upload", "the mutation submit, of what was uploaded"),
    ("give_time_back", "the command line: the clock is the machine's"),
    ("list_files", "a query"),
    ("look", "a query"),
    ("offer", "a query: what somebody may do"),
    ("receive", "the platform's notices"),
    ("redeem", "a ticket's address"),
    ("report_bounce", "the command line; in AWS SES says so itself"),
    ("view", "queries"),
];

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[test]
fn every_action_is_a_mutation_or_reached_as_the_table_says_and_every_mutation_is_an_action() {
    let schema = std::fs::read_to_string(root().join("frontend-schema/schema.graphql")).unwrap();
    let mutations = schema.split("\ntype Mutation {\n").nth(1).unwrap().split("\n}").next().unwrap();
    let fields = mutations.lines().filter_map(|line| line.trim().split(['(', ':']).next());
    let is_name = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    let mutations: BTreeSet<String> = fields.filter(is_name).map(snake).collect();
    assert!(mutations.len() > 10, "{mutations:?}");
    let files = std::fs::read_dir(root().join("workflow/src/actions")).unwrap();
    let actions: BTreeSet<String> = files
        .filter_map(|entry| entry.unwrap().file_name().to_str().unwrap().strip_suffix(".rs").map(str::to_owned))
        .collect();
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(actions, &mutations | &elsewhere);
    assert!(mutations.is_disjoint(&elsewhere));
}
