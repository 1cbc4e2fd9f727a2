use super::*;

#[test]
fn a_heartbeat_begins_the_time_anew() {
    let states = json!({"T": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:step",
        "TimeoutSeconds": 100, "HeartbeatSeconds": 10, "End": true
    }});
    let mut machine = Machine::new(definition(&states, "T"));
    let effects = machine.apply(&started(json!({}))).unwrap();
    assert_eq!(timers(&effects), [(TimerId(0), 100), (TimerId(1), 10)]);

    let task = invocation(&effects).task;
    let effects = machine.apply(&Event::TaskHeartbeat { at: at(8), task }).unwrap();
    assert_eq!(effects[0], Effect::ClearTimer { timer: TimerId(1) });
    assert_eq!(timers(&effects), [(TimerId(2), 18)]);

    let old = Event::TimerFired { at: at(10), timer: TimerId(1) };
    assert!(!machine.awaits(&old));
    assert_eq!(machine.apply(&old), Ok(Vec::new()));
    machine.apply(&Event::TimerFired { at: at(18), timer: TimerId(2) }).unwrap();
    assert_eq!(machine.outcome(), Some(&Outcome::Failed { error: Some("States.Timeout".to_owned()), cause: None }));
}
