use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

const SCHEMA: &str = include_str!("../../../../docs/release-record.schema.json");

fn record() -> ReleaseRecord {
    let digest = Digest::of(b"");
    ReleaseRecord {
        schema_version: SCHEMA_VERSION,
        request_id: "r-1".into(),
        round: 1,
        project: "p-1".into(),
        workspace: "w-1".into(),
        requester_email: "requester@example.org".into(),
        policy: RecordedPolicy { name: "single".into(), version: 1, digest },
        manifest: RecordedManifest { digest, files: 0, bytes: 0 },
        decisions: vec![RecordedDecision {
            stage: "research_it".into(),
            person_name: "R. Viewer".into(),
            person_email: "reviewer@example.org".into(),
            decision: "approve".into(),
            reason: "aggregates only".into(),
            decided_at: "2026-11-20T10:00:00Z".into(),
        }],
        released_by: "lockgate 0.1.0".into(),
        prepared_at: "2026-11-20T10:05:00Z".into(),
    }
}

/// Compares the members of a value with those of its schema, all the way down.
fn assert_described(value: &Value, schema: &Value, at: &str) {
    match value {
        Value::Object(members) => {
            let found: BTreeSet<&str> = members.keys().map(String::as_str).collect();
            let required = schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            let described = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!((&found, &found), (&required, &described), "{at}");
            assert_eq!(schema["additionalProperties"], false, "{at}");
            for (name, member) in members {
                assert_described(member, &schema["properties"][name], &format!("{at}/{name}"));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| assert_described(item, &schema["items"], at)),
        Value::Number(_) => assert!(schema["type"] == "integer" || schema["const"] == *value, "{at}"),
        _ => assert!(schema["type"] == "string" || schema["$ref"].is_string(), "{at}"),
    }
}

#[test]
fn the_published_schema_describes_the_record_and_nothing_else() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_described(&serde_json::to_value(record()).unwrap(), &schema, "");
}

#[test]
fn a_record_reads_back_and_unknown_members_are_refused() {
    let json = record().to_json().unwrap();
    assert_eq!(serde_json::from_slice::<ReleaseRecord>(&json).unwrap(), record());
    let more = String::from_utf8(json).unwrap().replacen('{', r#"{"and":1,"#, 1);
    assert!(serde_json::from_str::<ReleaseRecord>(&more).is_err());
}
