//! Whatever happens, in whatever order: a replayed machine is the machine, and what is outstanding is what was asked
//! for and not answered.

use proptest::prelude::*;

use super::*;

/// Retries, catches, waits, tokens, heartbeats, and a loop.
fn busy() -> Arc<Definition> {
    let workflow = workflow();
    let text = json!({"StartAt": "Work", "TimeoutSeconds": 500, "States": workflow["States"]});
    Arc::new(Definition::from_value(&text).unwrap())
}

/// The same three times at once, and tried again as a whole.
fn crowded() -> Arc<Definition> {
    let text = json!({"StartAt": "P", "States": {"P": {
        "Type": "Parallel", "Branches": [workflow(), workflow(), {"StartAt": "M", "States": {"M": {
            "Type": "Map", "ItemsPath": "$.items", "ItemProcessor": workflow(), "End": true
        }}}],
        "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": true
    }}});
    Arc::new(Definition::from_value(&text).unwrap())
}

fn workflow() -> Value {
    let function = "arn:aws:lambda:us-east-1:1:function:step";
    let states = json!({
        "Work": {
            "Type": "Task", "Resource": function, "TimeoutSeconds": 20, "HeartbeatSeconds": 5,
            "Parameters": {"chance.$": "States.UUID()"}, "ResultPath": "$.work",
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "JitterStrategy": "FULL"}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Pause"}],
            "Next": "Ask"
        },
        "Ask": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "TimeoutSeconds": 60,
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}, "ResultPath": "$.answer",
            "Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": null, "Next": "Work"}],
            "Next": "Decide"
        },
        "Decide": {
            "Type": "Choice", "Choices": [{"Variable": "$.answer", "NumericGreaterThan": 5, "Next": "Done"}],
            "Default": "Pause"
        },
        "Pause": {"Type": "Wait", "Seconds": 3, "Next": "Work"},
        "Done": {"Type": "Succeed"}
    });
    json!({"StartAt": "Work", "States": states})
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (0_u8..8, 0_u64..7, 0_i64..9).prop_map(|(kind, id, number)| {
        let (at, task) = (at(number), TaskId(id));
        match kind {
            0 | 1 => Event::TaskSucceeded { at, task, output: json!(number) },
            2 => Event::TaskFailed { at, task, error: Some("E".to_owned()), cause: None, phase: Phase::Run },
            3 => Event::TaskSubmitted { at, task, output: json!({}) },
            4 => Event::TaskHeartbeat { at, task },
            5 | 6 => Event::TimerFired { at, timer: TimerId(id * 2 + number.unsigned_abs() % 2) },
            _ if number == 0 => Event::Aborted { at, error: None, cause: None },
            _ => started(json!({})),
        }
    });
    prop::collection::vec(event, 0..40).prop_map(|mut events| {
        events.insert(0, started(json!({"items": [{}, {}]})));
        events
    })
}

/// Follows the effects as an engine would, and keeps those that are not answered.
#[derive(Default)]
struct Ledger(Vec<Effect>);

impl Ledger {
    fn follow(&mut self, event: &Event, effects: &[Effect]) {
        self.0.retain(|open| match (open, event) {
            (Effect::Invoke(asked), Event::TaskSubmitted { task, .. }) => asked.task != *task,
            (Effect::Invoke(asked), Event::TaskSucceeded { task, .. } | Event::TaskFailed { task, .. }) => {
                asked.task != *task
            }
            // Only a timer of the task itself fires while the task is open.
            (Effect::Invoke(_), Event::TimerFired { .. }) => false,
            (Effect::SetTimer { timer, .. }, Event::TimerFired { timer: fired, .. }) => timer != fired,
            _ => true,
        });
        for effect in effects {
            match effect {
                Effect::ClearTimer { timer: cleared } => {
                    self.0.retain(|open| !matches!(open, Effect::SetTimer { timer, .. } if timer == cleared));
                }
                Effect::Finish(_) => self.0 = vec![effect.clone()],
                _ => self.0.push(effect.clone()),
            }
        }
    }

    fn shown(effects: &[Effect]) -> Vec<String> {
        let mut shown: Vec<_> = effects.iter().map(|effect| format!("{effect:?}")).collect();
        shown.sort();
        shown
    }
}

proptest! {
    #[test]
    fn what_is_outstanding_is_what_was_asked_for_and_not_answered(events in events()) {
        let mut machine = Machine::new(busy());
        let mut ledger = Ledger::default();
        for event in &events {
            let awaited = machine.awaits(event);
            let before = format!("{machine:?}");
            match machine.apply(event) {
                Ok(effects) if awaited => ledger.follow(event, &effects),
                other => {
                    prop_assert!(other.is_err() || other == Ok(Vec::new()));
                    prop_assert_eq!(before, format!("{:?}", machine));
                }
            }
            prop_assert_eq!(Ledger::shown(&machine.outstanding()), Ledger::shown(&ledger.0));
        }
    }

    #[test]
    fn replaying_any_prefix_and_then_the_rest_equals_replaying_all(
        events in events(),
        cut in 0_usize..41,
        definition in prop_oneof![Just(busy()), Just(crowded())],
    ) {
        let mut machine = Machine::new(definition.clone());
        let legal: Vec<_> = events.into_iter().filter(|event| machine.apply(event).is_ok()).collect();
        let text = serde_json::to_string(&legal).unwrap();
        let journal: Vec<Event> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&journal, &legal);

        let (prefix, rest) = journal.split_at(cut.min(journal.len()));
        let mut replayed = Machine::replay(definition, prefix).unwrap();
        for event in rest {
            replayed.apply(event).unwrap();
        }
        prop_assert_eq!(format!("{replayed:?}"), format!("{machine:?}"));
        prop_assert_eq!(replayed.outstanding(), machine.outstanding());
    }
}

#[test]
fn events_are_journalled_in_a_stable_shape() {
    let shapes = [
        (
            Event::TimerFired { at: at(0), timer: TimerId(3) },
            r#"{"event":"timer_fired","at":"2023-11-14T22:13:20Z","timer":3}"#,
        ),
        (
            Event::TaskSucceeded { at: at(0), task: TaskId(1), output: json!({"a": null}) },
            r#"{"event":"task_succeeded","at":"2023-11-14T22:13:20Z","task":1,"output":{"a":null}}"#,
        ),
        (
            Event::TaskFailed {
                at: at(0),
                task: TaskId(1),
                error: Some("E".to_owned()),
                cause: None,
                phase: Phase::Run,
            },
            r#"{"event":"task_failed","at":"2023-11-14T22:13:20Z","task":1,"error":"E"}"#,
        ),
        (Event::Aborted { at: at(0), error: None, cause: None }, r#"{"event":"aborted","at":"2023-11-14T22:13:20Z"}"#),
    ];
    for (event, text) in shapes {
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
        assert_eq!(serde_json::from_str::<Event>(text).unwrap(), event);
    }
    let text = serde_json::to_string(&started(json!({"a": 1}))).unwrap();
    assert!(text.starts_with(r#"{"event":"started","at":"#) && text.contains(&"07".repeat(32)), "{text}");
}
