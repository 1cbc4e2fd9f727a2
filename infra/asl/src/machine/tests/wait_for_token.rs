use super::*;

fn waiting() -> (Machine, Invocation) {
    let states = json!({"Wait": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "wait", "Payload": {"token.$": "$$.Task.Token"}},
        "TimeoutSecondsPath": "$.wait_for",
        "Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": null, "Next": "Late"}],
        "End": true
    }, "Late": {"Type": "Pass", "End": true}});
    let mut machine = Machine::new(definition(&states, "Wait"));
    let effects = machine.apply(&started(json!({"wait_for": 60}))).unwrap();
    let invocation = invocation(&effects);
    (machine, invocation)
}

#[test]
fn the_token_in_the_payload_completes_the_task() {
    let (mut machine, invocation) = waiting();
    assert_eq!(invocation.function(), Some("wait"));
    let token = invocation.payload()["token"].as_str().unwrap().to_owned();
    assert_eq!(machine.task_of(&token), Some(invocation.task));

    let answer = Event::TaskSucceeded { at: at(1), task: invocation.task, output: json!("woken") };
    let effects = machine.apply(&answer).unwrap();
    assert!(effects.contains(&Effect::Finish(Outcome::Succeeded { output: json!("woken") })));
    assert_eq!(machine.task_of(&token), None);
}

#[test]
fn an_answer_after_the_timeout_is_spent() {
    let (mut machine, invocation) = waiting();
    machine.apply(&Event::TimerFired { at: at(60), timer: TimerId(0) }).unwrap();
    assert_eq!(machine.outcome(), Some(&Outcome::Succeeded { output: json!({"wait_for": 60}) }));

    let late = Event::TaskSucceeded { at: at(61), task: invocation.task, output: json!("woken") };
    assert!(!machine.awaits(&late));
    assert_eq!(machine.apply(&late), Ok(Vec::new()));
    let never = Event::TaskSucceeded { at: at(61), task: TaskId(9), output: json!(1) };
    assert_eq!(machine.apply(&never), Err(IllegalEvent::UnknownTask(TaskId(9))));
}

#[test]
fn a_submitted_task_is_not_invoked_again_after_a_restart() {
    let (mut machine, invocation) = waiting();
    assert!(machine.outstanding().contains(&Effect::Invoke(Box::new(invocation.clone()))));
    machine.apply(&Event::TaskSubmitted { at: at(1), task: invocation.task, output: json!({}) }).unwrap();
    assert_eq!(machine.outstanding(), [Effect::SetTimer { timer: TimerId(0), at: at(60) }]);
}
