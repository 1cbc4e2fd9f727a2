//! `AppSync`, played: a document is judged by the schema that it is shown, and each root field becomes a call of a
//! resolver, as the resolvers' script makes it.

use apollo_compiler::ast::Value as Given;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Map, Value, json};

use super::Cloud;
use super::account::SignedIn;

/// What `AppSync` adds to every schema by itself.
const THEIRS: &str = "scalar AWSDateTime directive @aws_auth(cognito_groups: [String!]!) on FIELD_DEFINITION ";

/// A face of the house that `AppSync` shows.
pub struct Face {
    function: &'static str,
    schema: Valid<Schema>,
}

impl Face {
    /// The predecessor's.
    pub fn predecessor() -> Self {
        Self::of("Predecessor", include_str!("../../../../frontend-schema/predecessor.appsync.graphql"))
    }

    /// Ours.
    pub fn ours() -> Self {
        Self::of("GraphqlAppsync", include_str!("../../../../frontend-schema/schema.appsync.graphql"))
    }

    fn of(function: &'static str, schema: &str) -> Self {
        let schema = Schema::parse_and_validate(format!("{THEIRS}{schema}"), "schema.graphql");
        Self { function, schema: schema.unwrap_or_else(|bad| panic!("{}", bad.errors)) }
    }
}

impl Cloud {
    /// Executes a document of one operation as somebody: what a client gets back.
    pub async fn execute(&self, face: &Face, who: &SignedIn, document: &str, variables: &Value) -> Value {
        let document = ExecutableDocument::parse_and_validate(&face.schema, document, "asked");
        let document = document.unwrap_or_else(|bad| panic!("{}", bad.errors));
        let operation = document.operations.iter().next().expect("an operation");
        let (mut data, mut errors) = (Map::new(), Vec::new());
        for field in operation.root_fields(&document) {
            let event = event(operation.object_type(), field, who, variables);
            let answer = self.call(face.function, &event).await;
            let value = match answer.get("trouble") {
                Some(trouble) => {
                    errors.push(json!({ "message": trouble["sentence"], "errorType": trouble["code"] }));
                    Value::Null
                }
                None => select(&answer["data"], &field.selection_set),
            };
            data.insert(field.response_key().to_string(), value);
        }
        if errors.is_empty() { json!({ "data": data }) } else { json!({ "data": data, "errors": errors }) }
    }
}

/// What the resolvers' script hands over.
fn event(parent: &str, field: &Field, who: &SignedIn, variables: &Value) -> Value {
    let arguments: Map<String, Value> =
        field.arguments.iter().map(|argument| (argument.name.to_string(), given(&argument.value, variables))).collect();
    json!({
        "parent": parent, "field": field.name.as_str(), "arguments": arguments, "source": null,
        "identity": { "sub": who.identity.subject, "issuer": who.identity.issuer, "sourceIp": ["192.0.2.7"] },
        "headers": { "authorization": who.token },
    })
}

fn given(value: &Given, variables: &Value) -> Value {
    match value {
        Given::Null => Value::Null,
        Given::Variable(name) => variables[name.as_str()].clone(),
        Given::String(text) => json!(text),
        Given::Enum(name) => json!(name.as_str()),
        Given::Boolean(truth) => json!(truth),
        Given::Int(number) => serde_json::from_str(number.as_str()).expect("a number"),
        Given::Float(number) => serde_json::from_str(number.as_str()).expect("a number"),
        Given::List(items) => items.iter().map(|item| given(item, variables)).collect(),
        Given::Object(fields) => {
            fields.iter().map(|(name, value)| (name.to_string(), given(value, variables))).collect::<Map<_, _>>().into()
        }
    }
}

/// Of a whole object, what is asked for.
fn select(value: &Value, selections: &SelectionSet) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| select(item, selections)).collect(),
        Value::Object(_) if !selections.selections.is_empty() => {
            let mut selected = Map::new();
            for field in asked(value, selections) {
                let found = select(&value[field.name.as_str()], &field.selection_set);
                selected.insert(field.response_key().to_string(), found);
            }
            selected.into()
        }
        value => value.clone(),
    }
}

/// The fields that are asked of an object of its kind.
fn asked<'a>(value: &Value, selections: &'a SelectionSet) -> Vec<&'a Field> {
    let is_of = |kind: &str| value["__typename"] == kind;
    let fields = selections.selections.iter().flat_map(|selection| match selection {
        Selection::Field(field) => vec![&**field],
        Selection::InlineFragment(part) if part.type_condition.as_ref().is_none_or(|kind| is_of(kind)) => {
            asked(value, &part.selection_set)
        }
        _ => Vec::new(),
    });
    fields.collect()
}
