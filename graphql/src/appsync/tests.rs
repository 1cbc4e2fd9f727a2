//! What `AppSync` is shown, and what its resolvers have executed, judged by another keeper's validator.

use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::json;

use super::{Api, Ask, Ours, Predecessors, document};
use crate::{predecessor, sdl};

fn parsed(text: &str) -> Valid<Schema> {
    Schema::parse_and_validate(text, "schema.graphql").unwrap_or_else(|bad| panic!("{}", bad.errors))
}

/// What `AppSync` adds to every schema by itself.
const THEIRS: &str = "scalar AWSDateTime directive @aws_auth(cognito_groups: [String!]!) on FIELD_DEFINITION ";

#[test]
fn their_schemas_stand_on_their_scalars_and_have_no_defaults() {
    for text in [Ours::ours().unwrap().sdl(), Predecessors::predecessors().unwrap().sdl()] {
        let schema = parsed(&format!("{THEIRS}{text}"));
        let is_custom = |kind: &&ExtendedType| matches!(kind, ExtendedType::Scalar(scalar) if !scalar.name.starts_with("AWS") && !kind.is_built_in());
        assert_eq!(schema.types.values().filter(is_custom).count(), 0);
        for kind in schema.types.values() {
            let ExtendedType::Object(object) = kind else { continue };
            if object.name.starts_with("__") {
                continue;
            }
            let arguments = object.fields.values().flat_map(|field| &field.arguments);
            assert!(arguments.filter(|argument| argument.default_value.is_some()).count() == 0, "{}", object.name);
        }
        assert!(!text.contains("directive @"));
    }
}

#[test]
fn every_root_field_of_the_predecessors_schema_names_its_groups() {
    let api = Predecessors::predecessors().unwrap();
    let schema = parsed(&format!("{THEIRS}{}", api.sdl()));
    for (parent, field) in api.resolvers() {
        let field = &schema.get_object(&parent).unwrap().fields[field.as_str()];
        assert!(field.directives.get("aws_auth").is_some(), "{parent}.{}", field.name);
    }
}

fn every_resolver_asks_something_valid<Q, M>(api: &Api<Q, M>, text: &str)
where
    Q: async_graphql::ObjectType + 'static,
    M: async_graphql::ObjectType + 'static,
{
    let schema = parsed(text);
    for (parent, field) in api.resolvers() {
        let definition = &schema.get_object(&parent).unwrap().fields[field.as_str()];
        let arguments = definition.arguments.iter().map(|argument| (argument.name.to_string(), json!("given")));
        let source = json!({ "id": "r", "request": "r", "number": 1 });
        for arguments in [arguments.collect(), serde_json::Map::new()] {
            if arguments.is_empty() && definition.arguments.iter().any(|argument| argument.is_required()) {
                continue;
            }
            let ask = Ask { parent: parent.clone(), field: field.clone(), arguments, source: source.clone() };
            let written = document::write(&api.types, &ask).unwrap_or_else(|trouble| panic!("{trouble}"));
            let judged = ExecutableDocument::parse_and_validate(&schema, &written.text, "asked");
            judged.unwrap_or_else(|bad| panic!("{parent}.{field}: {}", bad.errors));
        }
    }
}

#[test]
fn every_resolver_gets_to_its_field_by_a_document_that_is_valid() {
    every_resolver_asks_something_valid(&Ours::ours().unwrap(), &sdl());
    every_resolver_asks_something_valid(&Predecessors::predecessors().unwrap(), &predecessor::sdl());
}

#[test]
fn a_field_that_has_no_resolver_is_refused() {
    let api = Ours::ours().unwrap();
    for (parent, field) in [("Request", "titel"), ("Person", "email"), ("Nothing", "at"), ("Query", "__schema")] {
        let ask = Ask { parent: parent.to_owned(), field: field.to_owned(), ..Ask::default() };
        let trouble = document::write(&api.types, &ask).unwrap_err();
        assert_eq!(trouble.code, "INVALID_DOCUMENT");
    }
}
