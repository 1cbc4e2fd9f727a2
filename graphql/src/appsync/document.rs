//! The document that one resolver has executed: its own field with its arguments, and everything below that has no
//! resolver of its own.

use async_graphql::Variables;
use async_graphql::parser::types::{FieldDefinition, TypeKind};
use serde_json::{Map, Value};

use super::ask::{Ask, Trouble};
use super::types::{Types, named};
use crate::fault::Code;

/// A document with its variables, and where the answer stands in what it answers.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) variables: Variables,
    pub(super) place: Place,
}

/// How a document gets to the object that a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Query,
    Mutation,
    Viewer,
    Stuck,
    Request,
    Round,
}

impl Place {
    fn of(parent: &str) -> Option<Self> {
        Some(match parent {
            "Query" => Self::Query,
            "Mutation" => Self::Mutation,
            "Viewer" => Self::Viewer,
            "Stuck" => Self::Stuck,
            "Request" => Self::Request,
            "Round" => Self::Round,
            _ => return None,
        })
    }

    /// The request that the object is, or is part of.
    fn request(self, source: &Value) -> Option<&Value> {
        match self {
            Self::Request => source.get("id"),
            Self::Round => source.get("request"),
            _ => None,
        }
    }

    fn wrap(self, field: &str) -> String {
        match self {
            Self::Query | Self::Mutation => field.to_owned(),
            Self::Viewer => format!("viewer {{ {field} }}"),
            Self::Stuck => format!("stuck {{ ... on Stuck {{ {field} }} }}"),
            Self::Request => format!("request(id: $_id) {{ {field} }}"),
            Self::Round => format!("request(id: $_id) {{ rounds {{ number {field} }} }}"),
        }
    }

    /// Takes the answer out of what the document answered.
    pub(super) fn find(self, mut data: Value, ask: &Ask) -> Result<Value, Trouble> {
        let parent = match self {
            Self::Query | Self::Mutation => Some(&mut data),
            Self::Viewer => data.get_mut("viewer"),
            Self::Stuck => data.get_mut("stuck"),
            Self::Request => data.get_mut("request"),
            Self::Round => {
                let rounds = data.pointer_mut("/request/rounds").and_then(Value::as_array_mut);
                rounds
                    .and_then(|rounds| rounds.iter_mut().find(|round| round.get("number") == ask.source.get("number")))
            }
        };
        let answer = parent.and_then(|parent| parent.get_mut("answer"));
        answer.map(Value::take).ok_or_else(Trouble::gone)
    }
}

pub(super) fn write(types: &Types, ask: &Ask) -> Result<Asked, Trouble> {
    let unknown = || {
        let (parent, field) = (&ask.parent, &ask.field);
        Trouble::new(Code::InvalidDocument, format!("{parent}.{field} has no resolver here; nothing was done."))
    };
    let field = types.field(&ask.parent, &ask.field).ok_or_else(unknown)?;
    let place = Place::of(&ask.parent).ok_or_else(unknown)?;
    let mut variables = given(field, &ask.arguments);
    let mut declared = declarations(field, &variables);
    if let Some(id) = place.request(&ask.source) {
        variables.insert("_id".to_owned(), id.clone());
        declared.push("$_id: ID!".to_owned());
    }
    let own = format!("answer: {}{} {}", ask.field, passed(field, &variables), whole(types, named(&field.ty.node)));
    let kind = if place == Place::Mutation { "mutation" } else { "query" };
    let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
    let text = format!("{kind}{declared} {{ {} }}", place.wrap(&own));
    Ok(Asked { text, variables: Variables::from_json(Value::Object(variables)), place })
}

/// The arguments that were really given: what was left out comes as null, and ours has the defaults.
fn given(field: &FieldDefinition, arguments: &Map<String, Value>) -> Map<String, Value> {
    let is_known = |name: &str| field.arguments.iter().any(|argument| argument.node.name.node == name);
    let given = arguments.iter().filter(|(name, value)| !value.is_null() && is_known(name));
    given.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn declarations(field: &FieldDefinition, given: &Map<String, Value>) -> Vec<String> {
    let known = field.arguments.iter().map(|argument| &argument.node);
    let known = known.filter(|argument| given.contains_key(argument.name.node.as_str()));
    known.map(|argument| format!("${}: {}", argument.name.node, argument.ty.node)).collect()
}

fn passed(field: &FieldDefinition, given: &Map<String, Value>) -> String {
    let names = field.arguments.iter().map(|argument| argument.node.name.node.as_str());
    let passed: Vec<String> =
        names.filter(|name| given.contains_key(*name)).map(|name| format!("{name}: ${name}")).collect();
    if passed.is_empty() { String::new() } else { format!("({})", passed.join(", ")) }
}

/// Everything of a type that has no resolver of its own. No type of ours contains itself but by a field with arguments;
/// a test would not end otherwise.
fn whole(types: &Types, name: &str) -> String {
    match types.kind(name) {
        Some(TypeKind::Object(object)) => {
            let fields = object.fields.iter().map(|field| &field.node).filter(|field| field.arguments.is_empty());
            let fields: Vec<String> =
                fields.map(|field| format!("{} {}", field.name.node, whole(types, named(&field.ty.node)))).collect();
            format!("{{ __typename {} }}", fields.join(" "))
        }
        Some(TypeKind::Union(union)) => {
            let members: Vec<String> = union
                .members
                .iter()
                .map(|member| format!("... on {} {}", member.node, whole(types, member.node.as_str())))
                .collect();
            format!("{{ __typename {} }}", members.join(" "))
        }
        _ => String::new(),
    }
}
