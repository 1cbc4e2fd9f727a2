use serde_json::{Value, json};

/// The results of some cases, by id.
fn results(cases: &[Value]) -> Vec<Value> {
    let lines = cases.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let mut results = Vec::new();
    super::run(lines.as_bytes(), &mut results).unwrap();
    String::from_utf8(results).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn task(calls: &Value) -> Value {
    let state = json!({
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"n.$": "$$.State.RetryCount"},
        "TimeoutSeconds": 5, "Retry": [{"ErrorEquals": ["E"]}], "End": true
    });
    json!({
        "id": "task", "kind": "execution", "type": "STANDARD", "clock": "2024-01-01T00:00:00Z", "input": {},
        "definition": {"StartAt": "T", "States": {"T": state}}, "mocks": {"states": {"T": calls}},
        "expected": {"status": "THIS IS NOT LOOKED AT"}
    })
}

fn types(result: &Value) -> Vec<&str> {
    result["history"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[test]
fn tasks_are_answered_by_the_recorded_call_with_their_parameters() {
    let calls = json!([
        {"params": {"n": 1}, "outcome": {"return": null}},
        {"params": {"n": 0}, "outcome": {"error": "E", "cause": "first"}}
    ]);
    let results = results(&[task(&calls)]);
    assert_eq!((&results[0]["status"], &results[0]["output"]), (&json!("SUCCEEDED"), &json!(null)));
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types(&results[0]), expected);
}

#[test]
fn a_call_without_an_answer_runs_into_its_timeout() {
    let results = results(&[task(&json!([{"outcome": {"timeout": true}}]))]);
    assert_eq!((&results[0]["status"], &results[0]["error"]), (&json!("FAILED"), &json!("States.Timeout")));
}

#[test]
fn what_is_not_supported_is_left_out_and_the_rest_goes_on() {
    let other_language =
        json!({"StartAt": "M", "States": {"M": {"Type": "Pass", "QueryLanguage": "JSONata", "End": true}}});
    let cases = [
        json!("not a case"),
        json!({"id": "language", "kind": "execution", "definition": other_language}),
        json!({"id": "other", "kind": "test_state", "definition": {}}),
        json!({"id": "bad", "kind": "creation", "definition": {"StartAt": "A"}}),
        json!({"id": "good", "kind": "validate", "definition": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}),
    ];
    let expected = json!([
        {
            "id": "bad", "status": "CREATION_ERROR", "error": "InvalidDefinition",
            "cause": "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"
        },
        {"id": "good", "status": "OK", "diagnostics": []}
    ]);
    assert_eq!(Value::from(results(&cases)), expected);
}

#[test]
fn placeholders_stand_for_anything() {
    let matches = |recorded: &Value, actual: &Value| super::backend::matches(recorded, actual);
    assert!(matches(&json!({"a": "{{any:x}}"}), &json!({"a": [1]})));
    assert!(matches(&json!("id-{{any:x}}-{{any:y}}.txt"), &json!("id-1-2.txt")));
    assert!(!matches(&json!("id-{{any:x}}.txt"), &json!("id-1.csv")));
    assert!(matches(&json!({"a": 1}), &json!("{\"a\": 1.0}")));
    assert!(!matches(&json!([1]), &json!([1, 2])));
}
