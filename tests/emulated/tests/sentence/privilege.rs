//! Each function's role, as the template has it: what the function does is allowed by it, what others do is not, and
//! what is allowed and never done is in `infra/aws/stack/exceptions.toml`, with a reason.

mod forbidden;
mod rule;
mod story;

use std::collections::BTreeSet;
use std::path::Path;

use tests_emulated::cloud::Called;
use tests_emulated::{Cloud, Way};

use super::multi;
use rule::{allowing, words};

/// What the runtime does by itself.
const OF_THE_RUNTIME: [&str; 2] = ["logs:", "xray:"];
/// So much is refused to every role.
const REFUSED: usize = 10;

/// An action as a policy allows it.
type Allowance = (String, String);

#[test]
fn every_function_may_do_what_it_does_and_nothing_else() {
    multi(async {
        let cloud = Cloud::start_on(Way::Noted, 1).await;
        story::play(&cloud).await;
        let (mut refused, mut used, mut allowed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for function in cloud.functions() {
            let (statements, called) = (cloud.may(function), cloud.called(function));
            assert!(!called.is_empty(), "{function} did nothing");
            for called in called {
                let by = allowing(statements, &called);
                if by.is_empty() {
                    refused.insert(format!("{function}: {} on {}", called.action, called.resource));
                }
                used.extend(by.iter().map(|statement| (policy(statement), called.action.clone())));
            }
            for statement in statements {
                allowed
                    .extend(words(&statement["Action"]).iter().map(|action| (policy(statement), (*action).to_owned())));
            }
        }
        assert!(refused.is_empty(), "a role does not let its function: {refused:#?}");
        let is_ours = |(_, action): &&Allowance| !OF_THE_RUNTIME.iter().any(|prefix| action.starts_with(prefix));
        let idle: BTreeSet<Allowance> = allowed.difference(&used).filter(is_ours).cloned().collect();
        let excepted = excepted();
        let unexcepted: Vec<_> = idle.difference(&excepted).collect();
        assert!(unexcepted.is_empty(), "nobody uses {unexcepted:#?}");
        let needless: Vec<_> = excepted.difference(&idle).collect();
        assert!(needless.is_empty(), "these are used, or not there: {needless:#?}");
        refuse(&cloud);
    });
}

fn policy(statement: &serde_json::Value) -> String {
    statement["Policy"].as_str().unwrap().to_owned()
}

/// What may be done and no story does.
fn excepted() -> BTreeSet<Allowance> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("infra/aws/stack/exceptions.toml");
    let document: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let exceptions = document["unused"].as_array().unwrap();
    let of = |exception: &toml::Value| {
        assert!(exception["reason"].as_str().unwrap().len() > 20, "an exception has a reason: {exception}");
        let policy = exception["policy"].as_str().unwrap().to_owned();
        let actions = exception["actions"].as_array().unwrap().clone();
        actions.into_iter().map(move |action| (policy.clone(), action.as_str().unwrap().to_owned()))
    };
    exceptions.iter().flat_map(of).collect()
}

/// Everybody is refused what is nobody's, and what is another's.
fn refuse(cloud: &Cloud) {
    let mut troubles = Vec::new();
    let functions: Vec<&str> = cloud.functions().chain(["PreToken"]).collect();
    let may = |function: &str, called: &Called| !allowing(cloud.may(function), called).is_empty();
    let forbidden = forbidden::forbidden(cloud);
    for function in &functions {
        let taken = forbidden.iter().filter(|called| may(function, called));
        troubles.extend(taken.map(|called| format!("{function} may {} on {}", called.action, called.resource)));
    }
    for (called, whose) in forbidden::reserved(cloud) {
        let who: BTreeSet<&str> = functions.iter().copied().filter(|function| may(function, &called)).collect();
        if who != whose.iter().copied().collect() {
            troubles.push(format!("{} on {} may {who:?}", called.action, called.resource));
        }
    }
    assert!(forbidden.len() >= REFUSED && troubles.is_empty(), "{troubles:#?}");
}
