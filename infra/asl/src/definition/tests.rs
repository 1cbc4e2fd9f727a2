use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The flaws of a definition with this one state, as `pointer: message`; the pointer begins at the state.
fn flaws(state: &Value) -> Vec<String> {
    let definition = json!({"StartAt": "S", "States": {"S": state}});
    let flaws = Definition::from_value(&definition).map(|_| ()).map_err(|flaws| flaws.0).err().unwrap_or_default();
    let shorten = |flaw: &Flaw| format!("{}: {}", flaw.pointer.trim_start_matches("/States/S"), flaw.message);
    flaws.iter().map(shorten).collect()
}

#[test]
fn each_flaw_is_told_with_its_place() {
    let function = "arn:aws:lambda:us-east-1:1:function:step";
    for (state, expected) in [
        (json!({"Type": "Pass"}), "a state must have either \"Next\" or \"End\": true"),
        (json!({"Type": "Pass", "Next": "S", "End": true}), "a state must have either \"Next\" or \"End\": true"),
        (json!({"Type": "Pass", "Next": "T"}), "/Next: Missing 'Next' target: T"),
        (json!({"Type": "Pass", "End": true, "Colour": 1}), "/Colour: Field 'Colour' is not supported"),
        (json!({"Type": "Pass", "End": true, "InputPath": "x"}), "/InputPath: Value is not a valid JSONPath"),
        (json!({"Type": "Pass", "End": true, "ResultPath": "$.a[*]"}), "/ResultPath: Value is not a Reference Path"),
        (json!({"Type": "Pass", "End": true, "ResultPath": "$$.a"}), "/ResultPath: Value is not a Reference Path"),
        (json!({"Type": "Pass", "End": true, "Comment": 1}), "/Comment: Expected value of type String"),
        (
            json!({"Type": "Pass", "End": true, "Parameters": {"a": [{"b.$": "States.Nope()"}]}}),
            "/Parameters: The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call",
        ),
        (json!({"Type": "Task", "End": true}), "These fields are required: [Resource]"),
        (
            json!({"Type": "Task", "Resource": "x", "End": true}),
            "/Resource: The resource provided x is not recognized.",
        ),
        (
            json!({"Type": "Task", "Resource": function, "HeartbeatSeconds": 9, "TimeoutSeconds": 9, "End": true}),
            "/HeartbeatSeconds: the heartbeat must be shorter than TimeoutSeconds",
        ),
        (
            json!({"Type": "Task", "Resource": function, "TimeoutSeconds": 0, "End": true}),
            "/TimeoutSeconds: The value must be from 1 to 99999999",
        ),
        (
            json!({"Type": "Task", "Resource": function, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}], "End": true}),
            "/Retry/0/ErrorEquals: States.ALL must appear alone, and in the last rule of the list",
        ),
        (
            json!({"Type": "Task", "Resource": function, "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}], "End": true}),
            "/Retry/0/BackoffRate: The value must be at least 1.0",
        ),
        (
            json!({"Type": "Task", "Resource": function, "Catch": [{"ErrorEquals": []}], "End": true}),
            "/Catch/0/ErrorEquals: Expected a list of at least one error name",
        ),
        (json!({"Type": "Wait", "End": true}), "A Wait state must contain exactly one of"),
        (
            json!({"Type": "Wait", "Timestamp": "2016-12-05 21:29:29Z", "End": true}),
            "/Timestamp: String does not match RFC3339 timestamp",
        ),
        (json!({"Type": "Choice", "Choices": []}), "/Choices: Expected a list of at least one rule"),
        (
            json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "IsString": true, "Next": "S"}]}),
            "/Choices/0: A rule must contain exactly one comparison",
        ),
        (
            json!({"Type": "Choice", "Choices": [{"Not": {"Variable": "$.a", "IsNull": true, "Next": "S"}, "Next": "S"}]}),
            "/Choices/0/Not/Next: Field 'Next' is not supported",
        ),
        (
            json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": "1", "Next": "S"}]}),
            "/Choices/0/NumericEquals: Expected value of type Number",
        ),
        (
            json!({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}),
            "/ErrorPath: Error and ErrorPath must not both be present",
        ),
        (json!({"Type": "Loop"}), "/Type: there is no state type 'Loop'"),
        (json!({"Type": "Map", "End": true}), "These fields are required: [ItemProcessor]"),
        (json!({"Type": "Parallel", "Branches": [], "End": true}), "/Branches: Expected a list of at least one branch"),
        (
            json!({"Type": "Parallel", "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "S"}}}], "End": true}),
            "/Branches/0/States/I/Next: Missing 'Next' target: S",
        ),
        (json!(1), "Expected value of type Object"),
    ] {
        let found = flaws(&state);
        let told = |flaw: &String| flaw.to_lowercase().contains(&expected.to_lowercase());
        assert!(found.iter().any(told), "{state}\nexpected {expected}\nfound {found:?}");
    }
}

#[test]
fn what_the_machine_does_not_have_is_refused_and_never_ignored() {
    let inner =
        |mode: &str| json!({"ProcessorConfig": {"Mode": mode}, "StartAt": "I", "States": {"I": {"Type": "Succeed"}}});
    let function = "arn:aws:lambda:us-east-1:1:function:step";
    for (state, pointer) in [
        (json!({"Type": "Map", "ItemReader": {}, "ItemProcessor": inner("INLINE"), "End": true}), "/ItemReader"),
        (
            json!({"Type": "Map", "ItemProcessor": inner("DISTRIBUTED"), "End": true}),
            "/ItemProcessor/ProcessorConfig/Mode",
        ),
        (json!({"Type": "Pass", "QueryLanguage": "JSONata", "End": true}), "/QueryLanguage"),
        (json!({"Type": "Pass", "Output": "{% 1 %}", "End": true}), "/Output"),
        (json!({"Type": "Task", "Resource": function, "Credentials": {}, "End": true}), "/Credentials"),
        (json!({"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}), "/Resource"),
        (json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.sync", "End": true}), "/Resource"),
    ] {
        let definition = json!({"StartAt": "S", "States": {"S": state}});
        let flaws = Definition::from_value(&definition).unwrap_err();
        let refused = |flaw: &Flaw| flaw.kind == FlawKind::Unsupported && flaw.pointer == format!("/States/S{pointer}");
        assert!(flaws.iter().any(refused), "{state} {flaws}");
    }
}

#[test]
fn a_state_that_nothing_leads_to_is_refused() {
    let states = json!({"A": {"Type": "Succeed"}, "B/~": {"Type": "Pass", "Next": "A"}});
    let flaws = Definition::from_value(&json!({"StartAt": "A", "States": states})).unwrap_err();
    assert_eq!(flaws.to_string(), "State \"B/~\" is not reachable. at /States/B~1~0");
}

#[test]
fn a_missing_start_and_missing_states_are_told() {
    let flaws = Definition::parse("{}").unwrap_err();
    assert_eq!(flaws.to_string(), "These fields are required: [States, StartAt] at /");
    assert!(Definition::parse("no").unwrap_err().to_string().starts_with("the definition is not JSON"));
}

#[test]
fn a_view_tells_what_drift_tests_and_diagrams_need() {
    let definition = Definition::from_value(&json!({"Comment": "c", "StartAt": "T", "States": {
        "T": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "wait", "Payload": {"t.$": "$$.Task.Token"}},
            "TimeoutSecondsPath": "$.wait_for", "Retry": [{"ErrorEquals": ["Busy"]}],
            "Catch": [{"ErrorEquals": ["States.Timeout", "Gone"], "Next": "C"}], "Next": "C"
        },
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.v", "StringEquals": "x", "Next": "T"}], "Default": "E"},
        "E": {"Type": "Fail"}
    }}))
    .unwrap();
    assert_eq!((definition.start(), definition.comment()), ("T", Some("c")));
    let state = |name: &str| definition.states().find(|state| state.name() == name).unwrap();
    let task = state("T");
    assert_eq!(
        (task.kind(), task.function(), task.timeout_path()),
        (StateKind::Task, Some("wait"), Some("$.wait_for"))
    );
    assert!(task.resource().unwrap().has_token() && task.has_timeout() && !task.is_end());
    assert_eq!(task.retries().collect::<Vec<_>>(), [["Busy"]]);
    assert_eq!(task.catches().flatten().collect::<Vec<_>>(), ["States.Timeout", "Gone"]);
    let arrows = |name: &str| state(name).transitions().into_iter().map(|arrow| arrow.target).collect::<Vec<_>>();
    assert_eq!((arrows("T"), arrows("C"), arrows("E")), (vec!["C", "C"], vec!["T", "E"], vec![]));
    assert_eq!(state("C").default(), Some("E"));
    assert!(state("E").is_end());
}

/// JSON that resembles a definition, so that the parser is led deep into it.
fn resembling() -> impl Strategy<Value = Value> {
    let words = [
        "Pass",
        "Task",
        "Choice",
        "Wait",
        "Fail",
        "A",
        "$",
        "$.a",
        "$$.b",
        "States.Format('{}', $)",
        "States.ALL",
        "",
        "arn:aws:states:::lambda:invoke",
        "2024-01-01T00:00:00Z",
        "JSONPath",
    ];
    let keys = [
        "StartAt",
        "States",
        "Type",
        "A",
        "Next",
        "End",
        "Choices",
        "Default",
        "Variable",
        "And",
        "Not",
        "IsNull",
        "StringEquals",
        "NumericEqualsPath",
        "Retry",
        "Catch",
        "ErrorEquals",
        "Seconds",
        "SecondsPath",
        "Timestamp",
        "Resource",
        "Parameters",
        "x.$",
        "ResultPath",
        "InputPath",
        "TimeoutSeconds",
        "MaxAttempts",
        "BackoffRate",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 8, move |inner| {
        let object = prop::collection::btree_map(prop::sample::select(keys.to_vec()), inner.clone(), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_the_parser_panic(value in resembling()) {
        let _ = Definition::from_value(&value);
        let wrapped = json!({"StartAt": "A", "States": {"A": value}});
        let _ = Definition::for_services(&wrapped, Services::All);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*") {
        let _ = Definition::parse(&text);
        let _ = crate::template::Expression::parse(&text);
        let _ = crate::template::Expression::parse(&format!("$[?({text})]"));
        let _ = crate::template::Expression::parse(&format!("States.Format({text})"));
        let _ = crate::instant::parse(&text);
    }
}
