//! Every kept operation is valid, judged by another keeper's validator, and every root field has a use.

use std::collections::BTreeSet;

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};

use super::artefact::folder;
use crate::{predecessor, sdl};

fn parsed(text: &str) -> Valid<Schema> {
    Schema::parse_and_validate(text, "schema.graphql").unwrap_or_else(|bad| panic!("{}", bad.errors))
}

/// The kept documents, by file name.
pub(super) fn documents() -> Vec<(String, String)> {
    let mut documents: Vec<_> = std::fs::read_dir(folder().join("operations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    documents.sort();
    documents
}

fn document(schema: &Valid<Schema>, name: &str, text: &str) -> Valid<ExecutableDocument> {
    ExecutableDocument::parse_and_validate(schema, text, name).unwrap_or_else(|bad| panic!("{}", bad.errors))
}

#[test]
fn every_operation_is_one_of_the_schemas() {
    let schema = parsed(&sdl());
    for (name, text) in documents() {
        assert!(!document(&schema, &name, &text).operations.is_empty(), "{name} holds no operation");
    }
    parsed(&predecessor::sdl());
}

#[test]
fn every_root_field_has_a_page_or_is_said_to_be_for_programs() {
    let schema = parsed(&sdl());
    let mut fields = BTreeSet::new();
    for root in ["Query", "Mutation"] {
        fields.extend(schema.get_object(root).unwrap().fields.keys().map(|field| format!("{root}.{field}")));
    }
    let mut used = BTreeSet::new();
    for (name, text) in documents() {
        for operation in document(&schema, &name, &text).operations.iter() {
            let root = operation.object_type().to_string();
            used.extend(operation.root_fields(&document(&schema, &name, &text)).map(|f| format!("{root}.{}", f.name)));
        }
    }
    let kept = std::fs::read_to_string(folder().join("api-only.txt")).unwrap();
    let api_only: BTreeSet<_> =
        kept.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect();
    let unused: BTreeSet<_> = fields.difference(&used).cloned().collect();
    assert_eq!(unused, api_only, "what no page uses is what api-only.txt lists");
}

#[test]
fn nothing_secret_has_a_field() {
    let secret = ["token", "secret", "bucket", "staged", "stagingkey", "assembly", "sealed", "identities", "subject"];
    let schema = parsed(&sdl());
    for (name, kind) in &schema.types {
        let fields: Vec<String> = match kind {
            apollo_compiler::schema::ExtendedType::Object(object) => {
                object.fields.keys().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        };
        for field in fields.iter().filter(|_| !name.starts_with("__")) {
            let shown = field.to_lowercase();
            assert!(!secret.iter().any(|word| shown.contains(word)), "{name}.{field}");
        }
    }
}

#[test]
fn nothing_that_a_caller_hands_in_says_who_they_are() {
    let schema = parsed(&sdl());
    for (name, kind) in &schema.types {
        if let apollo_compiler::schema::ExtendedType::InputObject(input) = kind {
            for field in
                input.fields.keys().filter(|_| name.as_str() != "RequestFilter" && name.as_str() != "RequestListInput")
            {
                let is_a_person = ["email", "name", "by", "person", "user", "reviewer", "requester", "group"];
                assert!(!is_a_person.contains(&field.as_str()), "{name}.{field}");
            }
        }
    }
}

/// Actions that no mutation is called like: what machines ask, what others are made of, and what the command line alone has.
const NO_MUTATION: [&str; 11] = [
    "administer",
    "caller",
    "finish_upload",
    "give_time_back",
    "list_files",
    "look",
    "offer",
    "receive",
    "redeem",
    "report_bounce",
    "view",
];

#[test]
fn every_action_is_a_mutation_and_every_mutation_an_action() {
    let sources = folder().join("../workflow/src/actions");
    let files = std::fs::read_dir(sources).unwrap().map(|entry| entry.unwrap().path());
    let actions: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let schema = parsed(&sdl());
    let snake = |name: &str| {
        name.chars().fold(String::new(), |text, c| {
            if c.is_uppercase() { text + "_" + &c.to_lowercase().to_string() } else { text + &c.to_string() }
        })
    };
    let mutations = schema.get_object("Mutation").unwrap().fields.keys().map(|name| snake(name));
    let expected: BTreeSet<_> = mutations.chain(NO_MUTATION.map(str::to_owned)).collect();
    assert_eq!(actions, expected);
}
