//! The machine of our own and another party's executor of the States Language are given the same definitions and the same
//! results of tasks: they go through the same states with the same payloads, and end the same.
//!
//! What is played is in `cases/`, a file for each concept. A case in which the other executor is known to do otherwise
//! than Step Functions says under `differs` where, and why; one that does not differ any more is an error.

mod case;
mod executor;
mod machine;
mod trace;

use case::Case;
use executor::Executor;
use serde_json::{Value, json};

macro_rules! concepts {
    ($($test:ident: $file:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            compare(include_str!(concat!("cases/", $file))).await;
        }
    )*};
}

concepts! {
    a_run_of_a_request_goes_the_same_way: "egress.json";
    what_fails_is_tried_again_the_same: "retry.json";
    what_cannot_be_mended_is_caught_the_same: "catch.json";
    what_comes_too_late_is_given_up_the_same: "timeout.json";
    payloads_are_made_the_same: "payload.json";
    values_are_compared_the_same: "comparison.json";
    the_same_way_is_chosen: "choice.json";
    branches_come_together_the_same: "fan.json";
}

/// Plays every case of a file on both sides, and says of all of them how they differ.
async fn compare(cases: &str) {
    let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
    let executor = Executor::start(&cases).await;
    let mut troubles = Vec::new();
    let mut begun = Vec::new();
    for case in &cases {
        begun.push(executor.begin(case).await);
    }
    for (case, begun) in cases.iter().zip(&begun) {
        let mut ours = machine::play(case, begun);
        let mut theirs = executor.finish(case, begun).await;
        if case.unordered {
            ours.sort();
            theirs.sort();
        }
        let seen = json!({ "visits": ours.visits(), "ends": ours.end["status"] });
        if seen != json!({ "visits": case.visits, "ends": case.ends }) {
            troubles.push(format!("{}: ours went otherwise than the case says: {seen:#}", case.name));
        }
        let differs = ours != theirs;
        if let Some(known) = &case.differs {
            if !differs {
                troubles.push(format!("{}: it does not differ any more: {}", case.name, known.why));
            }
            ours.leave_out(&known.r#in);
            theirs.leave_out(&known.r#in);
        }
        if ours != theirs {
            troubles.push(format!("{}: {:#}", case.name, ours.beside(&theirs)));
        }
    }
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

/// A value under a name, or nothing.
fn at(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_default()
}
