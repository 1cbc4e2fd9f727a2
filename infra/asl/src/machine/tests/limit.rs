use super::*;

fn task(more: &Value) -> Machine {
    let mut task = json!({"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:step", "End": true});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut machine = Machine::new(definition(&json!({"T": task, "C": {"Type": "Succeed"}}), "T"));
    machine.apply(&started(json!({}))).unwrap();
    machine
}

fn answer(machine: &mut Machine, bytes: usize) {
    let output = json!("x".repeat(bytes - 2));
    machine.apply(&Event::TaskSucceeded { at: at(1), task: TaskId(0), output }).unwrap();
}

fn error(machine: &Machine) -> Option<&str> {
    match machine.outcome() {
        Some(Outcome::Failed { error, .. }) => error.as_deref(),
        _ => None,
    }
}

#[test]
fn a_result_may_have_256_kib_and_no_more() {
    let catch = |name: &str| json!({"Catch": [{"ErrorEquals": [name], "Next": "C"}]});
    let mut machine = task(&catch("States.ALL"));
    answer(&mut machine, 262_144);
    assert!(matches!(machine.outcome(), Some(Outcome::Succeeded { .. })));

    let mut machine = task(&catch("States.ALL"));
    answer(&mut machine, 262_145);
    assert_eq!(error(&machine), Some("States.DataLimitExceeded"));

    let mut machine = task(&catch("States.DataLimitExceeded"));
    answer(&mut machine, 262_145);
    assert!(matches!(machine.outcome(), Some(Outcome::Succeeded { .. })));
}

#[test]
fn a_loop_that_never_waits_ends() {
    let states = json!({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}});
    let mut machine = Machine::new(definition(&states, "A"));
    machine.apply(&started(json!({}))).unwrap();
    let cause = "The execution reached the maximum number of history events (25000).".to_owned();
    assert_eq!(
        machine.outcome(),
        Some(&Outcome::Failed { error: Some("States.Runtime".to_owned()), cause: Some(cause) })
    );
}

#[test]
fn an_aborted_execution_is_over() {
    let mut machine = task(&json!({"TimeoutSeconds": 9, "Catch": [{"ErrorEquals": ["E"], "Next": "C"}]}));
    let aborted = Event::Aborted { at: at(1), error: None, cause: Some("withdrawn".to_owned()) };
    machine.apply(&aborted).unwrap();
    let outcome = Outcome::Aborted { error: None, cause: Some("withdrawn".to_owned()) };
    assert_eq!(machine.outstanding(), [Effect::Finish(outcome)]);
    assert_eq!(machine.current_state(), None);
    assert!(!machine.awaits(&aborted));
}

#[test]
fn events_before_the_start_and_a_second_start_are_illegal() {
    let mut machine = Machine::new(definition(&json!({"A": {"Type": "Wait", "Seconds": 1, "End": true}}), "A"));
    let early = Event::TimerFired { at: at(0), timer: TimerId(0) };
    assert_eq!(machine.apply(&early), Err(IllegalEvent::NotStarted));
    machine.apply(&started(json!({}))).unwrap();
    assert_eq!(machine.current_state(), Some("A"));
    assert_eq!(machine.apply(&started(json!({}))), Err(IllegalEvent::StartedTwice));
    let never = Event::TimerFired { at: at(0), timer: TimerId(1) };
    assert_eq!(machine.apply(&never), Err(IllegalEvent::UnknownTimer(TimerId(1))));
}
