//! The documents, judged by the API itself.

use std::collections::BTreeSet;

use async_graphql::Request;

use crate::document::ALL;
use crate::word::{
    Content, Moved, OpenRequests, Opinion, ReplayOutcome, RequestPattern, Silence, StatusWord, StepKind, StepPlace,
};

const SCHEMA: &str = include_str!("../../../frontend-schema/schema.graphql");

/// Without a context every field fails when it is run: what is looked for is a document that is refused before that.
#[tokio::test]
async fn every_document_is_valid_and_within_the_limits_of_the_api() {
    let schema = graphql::schema(graphql::Profile::Production);
    for (name, text) in ALL {
        assert!(
            text.len() < graphql::limits::BODY_BYTES && graphql::limits::count_tokens(text) < graphql::limits::TOKENS
        );
        let response = schema.execute(Request::new(*text).operation_name(*name)).await;
        for error in &response.errors {
            let is_variable = error.message.contains("Variable") || error.message.contains("required");
            assert!(is_variable || !error.path.is_empty(), "{name}: {}", error.message);
        }
    }
}

#[test]
fn every_document_that_is_kept_is_used() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend-schema/operations");
    let kept: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let used: BTreeSet<String> = ALL.iter().map(|(_, text)| (*text).to_owned()).collect();
    assert_eq!(kept, used);
}

#[test]
fn the_closed_lists_are_those_of_the_schema() {
    let of_schema = |name: &str| -> BTreeSet<String> {
        let body = SCHEMA.split_once(&format!("enum {name} {{")).unwrap().1.split_once('}').unwrap().0;
        let is_word = |line: &&str| line.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !line.is_empty();
        body.lines().map(str::trim).filter(is_word).map(ToOwned::to_owned).collect()
    };
    macro_rules! same {
        ($($list:ident)*) => {$(
            let ours: BTreeSet<String> = $list::ALL.iter().map($list::word).collect();
            assert_eq!(ours, of_schema(stringify!($list)));
        )*};
    }
    same!(Content Moved OpenRequests Opinion ReplayOutcome RequestPattern Silence StatusWord StepKind StepPlace);
}
