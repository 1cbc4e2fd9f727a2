use serde_json::json;

use super::*;
use crate::evaluation::Chance;
use crate::{Definition, Seed};

/// Evaluates the fields of a rule, with `$.v` and `$.w` in the input.
fn holds(rule: &Value, input: &Value) -> Option<bool> {
    let mut flaws = Vec::new();
    let fields = crate::definition::Fields::open(rule, String::new(), &mut flaws).unwrap();
    let condition = read(fields).unwrap_or_else(|| panic!("{rule}: {flaws:?}"));
    let seed = Seed::new([0; 32]);
    condition.holds(input, &Surroundings::new(|| json!({}), Vec::new(), Chance::new(&seed, 0))).ok()
}

#[test]
fn comparisons_are_of_one_type() {
    for (operator, against, value, expected) in [
        ("StringEquals", json!("a"), json!("a"), true),
        ("StringEquals", json!("1"), json!(1), false),
        ("StringLessThan", json!("b"), json!("a"), true),
        ("StringGreaterThanEquals", json!("b"), json!("a"), false),
        ("NumericEquals", json!(1), json!(1.0), true),
        ("NumericEquals", json!(1), json!("1"), false),
        ("NumericLessThanEquals", json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), true),
        ("NumericGreaterThan", json!(1.5), json!(2), true),
        ("BooleanEquals", json!(false), json!(false), true),
        ("BooleanEquals", json!(false), json!(null), false),
        ("TimestampEquals", json!("2024-01-01T00:00:00Z"), json!("2024-01-01T01:00:00+01:00"), true),
        ("TimestampLessThan", json!("2024-01-01T00:00:00Z"), json!("2023-12-31T23:59:59.999Z"), true),
        ("TimestampLessThan", json!("2024-01-01T00:00:00Z"), json!("2023-12-31"), false),
    ] {
        let literal = json!({"Variable": "$.v", operator: against});
        assert_eq!(holds(&literal, &json!({"v": value})), Some(expected), "{literal} {value}");
        let path = json!({"Variable": "$.v", format!("{operator}Path"): "$.w"});
        assert_eq!(holds(&path, &json!({"v": value, "w": against})), Some(expected), "{path} {value}");
        assert_eq!(holds(&path, &json!({"v": value})), None, "{path} without a value");
    }
}

#[test]
fn qualities_may_be_asked_for_or_against() {
    for (operator, value, expected) in [
        ("IsNull", json!(null), true),
        ("IsString", json!("a"), true),
        ("IsNumeric", json!(1.5), true),
        ("IsBoolean", json!(false), true),
        ("IsTimestamp", json!("2024-01-01T00:00:00.5Z"), true),
        ("IsTimestamp", json!("2024-01-01t00:00:00z"), false),
        ("IsTimestamp", json!("2024-01-01T00:00:00"), false),
        ("IsTimestamp", json!("2024-13-01T00:00:00Z"), false),
        ("IsPresent", json!(null), true),
    ] {
        for asked in [true, false] {
            let rule = json!({"Variable": "$.v", operator: asked});
            assert_eq!(holds(&rule, &json!({"v": value})), Some(expected == asked), "{rule} {value}");
        }
    }
    assert_eq!(holds(&json!({"Variable": "$.v", "IsPresent": false}), &json!({})), Some(true));
    assert_eq!(holds(&json!({"Variable": "$.v", "IsNull": true}), &json!({})), None);
}

#[test]
fn a_star_matches_any_run_of_characters() {
    for (pattern, text, expected) in [
        ("*.log", "a.log", true),
        ("*.log", ".log", true),
        ("foo*.log", "foo.txt", false),
        ("a*b*c", "aXbXbYc", true),
        ("a*b*c", "aXc", false),
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
        (r"\*x", "*x", true),
        (r"\*x", "ax", false),
        (r"\\*", r"\anything", true),
    ] {
        let rule = json!({"Variable": "$.v", "StringMatches": pattern});
        assert_eq!(holds(&rule, &json!({"v": text})), Some(expected), "{pattern} {text}");
    }
    let rule = json!({"Variable": "$.v", "StringMatches": "*a".repeat(500)});
    assert_eq!(holds(&rule, &json!({"v": "a".repeat(400)})), Some(false));
}

#[test]
fn conditions_are_written_for_people() {
    let rule = json!({"And": [
        {"Variable": "$.verdict", "StringEquals": "release"},
        {"Or": [{"Variable": "$.laps", "NumericLessThan": 3}, {"Not": {"Variable": "$.late", "IsPresent": true}}]}
    ], "Next": "A"});
    let choice = json!({"Type": "Choice", "Choices": [rule], "Default": "A"});
    let states = json!({"C": choice, "A": {"Type": "Succeed"}});
    let definition = Definition::from_value(&json!({"StartAt": "C", "States": states})).unwrap();
    let choices = definition.states().find(|state| state.name() == "C").unwrap().choices();
    assert_eq!(choices[0].condition, r#"$.verdict = "release" and ($.laps < 3 or not ($.late is present))"#);
    assert_eq!(choices[0].literals, [&json!("release"), &json!(3)]);
    assert_eq!(choices[0].target, "A");
}
