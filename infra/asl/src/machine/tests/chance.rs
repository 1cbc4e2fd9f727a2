use super::*;

fn parameters_of(seed: u8) -> (Machine, Invocation) {
    let states = json!({"T": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "f", "Payload": {
            "one.$": "States.UUID()", "two.$": "States.UUID()", "number.$": "States.MathRandom(0, 1000000)",
            "token.$": "$$.Task.Token"
        }},
        "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 100, "JitterStrategy": "FULL"}],
        "End": true
    }});
    let Event::Started(mut started) = started(json!({})) else { unreachable!() };
    started.seed = Seed::new([seed; 32]);
    let mut machine = Machine::new(definition(&states, "T"));
    let effects = machine.apply(&Event::Started(started)).unwrap();
    let invocation = invocation(&effects);
    (machine, invocation)
}

#[test]
fn what_looks_random_is_the_same_when_a_task_is_asked_for_again() {
    let (machine, asked) = parameters_of(1);
    assert_eq!(machine.outstanding(), [Effect::Invoke(Box::new(asked.clone()))]);
    assert_eq!(parameters_of(1).1, asked);
    let payload = asked.payload();
    assert_ne!(payload["one"], payload["two"]);
    assert!(payload["one"].as_str().unwrap().parse::<uuid_shape::Uuid>().is_ok());
}

#[test]
fn another_seed_gives_another_token_and_other_chances() {
    let (one, other) = (parameters_of(1).1.payload(), parameters_of(2).1.payload());
    for key in ["one", "number", "token"] {
        assert_ne!(one[key], other[key], "{key}");
    }
}

#[test]
fn a_retry_has_a_token_of_its_own_after_a_part_of_the_delay() {
    let (mut machine, first) = parameters_of(1);
    let failed =
        Event::TaskFailed { at: at(0), task: first.task, error: Some("E".to_owned()), cause: None, phase: Phase::Run };
    let effects = machine.apply(&failed).unwrap();
    let (timer, delay) = timers(&effects)[0];
    assert!((0..100).contains(&delay), "{delay}");
    let effects = machine.apply(&Event::TimerFired { at: at(delay), timer }).unwrap();
    let second = invocation(&effects);
    assert_eq!(second.retry_count, 1);
    assert_ne!(first.token, second.token);
    assert_eq!(machine.task_of(first.token.unwrap().reveal()), None);
    assert_eq!(machine.task_of(second.token.unwrap().reveal()), Some(second.task));
}

#[test]
fn neither_seed_nor_token_is_shown_by_debug() {
    let (machine, asked) = parameters_of(1);
    let token = asked.token.clone().unwrap();
    assert!(!format!("{machine:?} {token:?}").contains(token.reveal()));
    assert!(!format!("{machine:?}").contains(&hex::encode([1; 32])));
}

mod uuid_shape {
    /// Parses what has the shape of a version 4 UUID.
    pub(super) struct Uuid;

    impl std::str::FromStr for Uuid {
        type Err = ();

        fn from_str(text: &str) -> Result<Self, ()> {
            let parts: Vec<_> = text.split('-').map(str::len).collect();
            let versions = text.as_bytes()[14] == b'4' && b"89ab".contains(&text.as_bytes()[19]);
            if parts == [8, 4, 4, 4, 12] && versions { Ok(Self) } else { Err(()) }
        }
    }
}
