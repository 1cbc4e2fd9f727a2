//! Whatever comes, a notice is taken whole or refused in a sentence.

use proptest::prelude::*;
use serde_json::Value;

use super::{LARGEST_NOTICE, Notice};

const REAL: &str = include_str!("../../../../testdata/platform/notice.json");

/// A value as clumsy or hostile platforms send it.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[a-zA-Z0-9_-]{0,120}",
        "(\\.\\./|/|[a-z]){0,12}",
        "arn:aws:s3:::[a-z./]{0,20}",
        "[a-z@.\r\n<>]{0,40}",
    ];
    prop_oneof![
        text.prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
        Just(Value::Bool(true)),
        Just(serde_json::json!([[], {}])),
    ]
}

/// The names of the platform's fields.
fn field() -> impl Strategy<Value = String> {
    let real: Value = serde_json::from_str(REAL).unwrap();
    prop::sample::select(real.as_object().unwrap().keys().cloned().collect::<Vec<_>>())
}

/// What must be so of a notice that was taken, whatever it was made of.
fn assert_is_tame(notice: &Notice) -> Result<(), TestCaseError> {
    for key in [&notice.folder, &notice.list_key] {
        prop_assert!(!key.starts_with('/') && !key.split('/').any(|part| part == ".." || part == "."), "{key}");
        prop_assert!(key.len() <= 1_025 && !key.chars().any(char::is_control), "{key}");
    }
    prop_assert!(notice.folder.ends_with('/'));
    for id in [notice.store.as_str(), notice.project.as_str(), notice.workspace.as_str()] {
        prop_assert!(
            !id.is_empty() && id.len() <= 100 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        );
    }
    prop_assert!(!notice.store_name.as_str().chars().any(char::is_control));
    prop_assert!(notice.submission > 0);
    Ok(())
}

proptest! {
    #[test]
    fn bytes_are_read_or_refused_in_a_sentence(body in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Err(bad) = Notice::parse(&body) {
            prop_assert!(!bad.to_string().is_empty());
        }
    }

    #[test]
    fn a_notice_with_fields_replaced_is_tame_or_refused(changes in prop::collection::vec((field(), value()), 1..4)) {
        let mut notice: Value = serde_json::from_str(REAL).unwrap();
        for (field, value) in changes {
            notice[field] = value;
        }
        match Notice::parse(notice.to_string().as_bytes()) {
            Ok(notice) => assert_is_tame(&notice)?,
            Err(bad) => prop_assert!(bad.to_string().contains("the notice"), "{bad}"),
        }
    }

    #[test]
    fn a_notice_that_is_cut_or_padded_is_read_or_refused(end in 0..REAL.len(), padding in 0..LARGEST_NOTICE * 2) {
        let Some(cut) = REAL.get(..end) else { return Ok(()) };
        prop_assert!(Notice::parse(cut.as_bytes()).is_err());
        let padded = format!("{REAL}{}", " ".repeat(padding));
        prop_assert_eq!(Notice::parse(padded.as_bytes()).is_ok(), padded.len() <= LARGEST_NOTICE);
    }
}
