use super::*;

#[test]
fn calls_nest_and_may_have_spaces() {
    for text in [
        "States.UUID()",
        "States.UUID( ) ",
        "States.Format( 'a, b)' , $.x['y, z'] , 1 , true , null )",
        "States.ArrayGetItem(States.StringSplit($$.StateMachine.Name, '-'), -1)",
        "States.StringToJson('{\"a\": \"it\\'s\"}')",
    ] {
        assert!(Call::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_no_call_is_refused() {
    for text in [
        "States.",
        "States.Nope()",
        "States.UUID",
        "States.UUID(",
        "States.UUID(1)",
        "States.MathAdd(1)",
        "States.MathAdd(1, 2",
        "States.MathAdd(1,, 2)",
        "States.Format('a)",
        "States.Format(bare)",
    ] {
        assert!(Call::parse(text).is_err(), "{text}");
    }
    let deep = "States.Array(".repeat(1_000) + &")".repeat(1_000);
    assert!(Call::parse(&deep).is_err());
}

#[test]
fn only_quotes_braces_and_backslashes_are_unescaped() {
    assert_eq!(parse::unescape(r#"\'\{\}\\ \" \n"#), r#"'{}\ \" \n"#);
}
