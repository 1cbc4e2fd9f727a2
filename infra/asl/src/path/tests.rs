use serde_json::json;

use super::*;

fn find(path: &str, document: &Value) -> Option<Value> {
    Path::parse(path).unwrap_or_else(|error| panic!("{path}: {error}")).select(document)
}

#[test]
fn definite_paths_find_one_value_or_nothing() {
    let document = json!({"a": {"b-c": [1, {"d e": null}]}, "länge": 2});
    for (path, expected) in [
        ("$", Some(document.clone())),
        ("$.a.b-c[0]", Some(json!(1))),
        ("$['a'][\"b-c\"][1]['d e']", Some(json!(null))),
        ("$.a.b-c[-2]", Some(json!(1))),
        ("$.länge", Some(json!(2))),
        ("$.a.b-c.length()", Some(json!(2))),
        ("$.a.b-c[2]", None),
        ("$.a.b-c[-3]", None),
        ("$.a.b-c.d", None),
        ("$.missing", None),
        ("$.a[0]", None),
    ] {
        assert_eq!(find(path, &document), expected, "{path}");
    }
}

#[test]
fn indefinite_paths_find_a_list_which_may_be_empty() {
    let document = json!({"items": [{"n": 1, "t": "a"}, {"n": 2}, {"n": 3, "t": "b"}], "n": 0});
    for (path, expected) in [
        ("$.items[*].t", json!(["a", "b"])),
        ("$.items[0,2].n", json!([1, 3])),
        ("$.items[1:].n", json!([2, 3])),
        ("$.items[:1].n", json!([1])),
        ("$.items[-2:-1].n", json!([2])),
        ("$.items[2:1]", json!([])),
        ("$.items[0]['n','t']", json!([1, "a"])),
        ("$..t", json!(["a", "b"])),
        ("$..[0].n", json!([1])),
        ("$.items[?(@.n > 1 && @.t)].n", json!([3])),
        ("$.items[?(@.t == 'a' || !(@.n < 3))].n", json!([1, 3])),
        ("$.items[?(@.t in ['b', 'c'])].n", json!([3])),
        ("$.items[?(@.n >= 2.0)].n", json!([2, 3])),
        ("$.items[?(@.t != 'a')].n", json!([2, 3])),
        ("$.nowhere[*]", json!([])),
        ("$.nowhere.deeper[1:5].n", json!([])),
    ] {
        assert_eq!(find(path, &document), Some(expected), "{path}");
    }
}

#[test]
fn a_backslash_escapes_the_quote_and_itself_only() {
    let document = json!({"it's": 1, "a\\\"b": 2});
    assert_eq!(find("$['it\\'s']", &document), Some(json!(1)));
    assert_eq!(find("$['a\\\"b']", &document), Some(json!(2)));
}

#[test]
fn what_is_no_path_is_refused() {
    for text in [
        "",
        "a",
        "$.",
        "$..",
        "$[",
        "$[]",
        "$['a",
        "$['a'",
        "$.a b",
        "$.a]",
        "$[1",
        "$[x]",
        "$.a[?(@.b)",
        "$.a[?(1)]",
        "$.a[?(@.b = 1)]",
        "$[99999999999999999999]",
        "$.*.",
    ] {
        assert!(Path::parse(text).is_err(), "{text}");
    }
    assert!(Path::parse(&format!("$[?({}@.a)]", "!".repeat(100_000))).is_err());
}

#[test]
fn a_result_is_put_where_a_reference_path_points() {
    let put = |path: &str, mut document: Value| {
        Path::parse(path).unwrap().put(&mut document, json!("x")).map(|()| document).ok()
    };
    assert_eq!(put("$", json!({"a": 1})), Some(json!("x")));
    assert_eq!(put("$.a.b", json!({})), Some(json!({"a": {"b": "x"}})));
    assert_eq!(put("$.a[1]", json!({"a": [1, 2]})), Some(json!({"a": [1, "x"]})));
    assert_eq!(put("$.a[2]", json!({"a": [1, 2]})), None);
    assert_eq!(put("$.a.b", json!({"a": [1]})), None);
}

#[test]
fn reference_paths_are_definite_and_about_the_input() {
    let is_reference = |path: &str| Path::parse(path).unwrap().is_reference();
    assert!(is_reference("$.a['b'][0]"));
    assert!(!is_reference("$$.a"));
    assert!(!is_reference("$.a[*]"));
    assert!(!is_reference("$.a.length()"));
}
