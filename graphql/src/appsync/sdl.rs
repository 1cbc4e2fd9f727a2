//! Writing a schema in the words that `AppSync` takes.

use std::fmt::Write as _;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    BaseType, EnumType, FieldDefinition, InputObjectType, InputValueDefinition, ObjectType, Type, TypeDefinition,
    TypeKind, UnionType,
};

use super::Groups;
use super::types::{ROOTS, Types};

pub(super) fn print(types: &Types, groups: Groups) -> String {
    let definitions = types.in_order.iter().filter_map(|definition| definition_of(definition, groups));
    let mut text: Vec<String> = definitions.collect();
    text.push("schema {\n\tquery: Query\n\tmutation: Mutation\n}\n".to_owned());
    text.join("\n")
}

/// A definition; none for scalars, which cannot be defined there, nor for what has another shape than our schemas have.
fn definition_of(definition: &TypeDefinition, groups: Groups) -> Option<String> {
    let name = definition.name.node.as_str();
    let groups = if ROOTS.contains(&name) { groups } else { |_: &str| None };
    let body = match &definition.kind {
        TypeKind::Object(object) => format!("type {name} {{\n{}}}\n", fields(object, groups)),
        TypeKind::InputObject(input) => format!("input {name} {{\n{}}}\n", inputs(input)),
        TypeKind::Enum(words) => format!("enum {name} {{\n{}}}\n", values(words)),
        TypeKind::Union(union) => format!("union {name} = {}\n", members(union)),
        TypeKind::Scalar | TypeKind::Interface(_) => return None,
    };
    Some(description(definition.description.as_ref(), "") + &body)
}

fn description(text: Option<&Positioned<String>>, indent: &str) -> String {
    let Some(text) = text else { return String::new() };
    let lines: Vec<String> = text.node.trim().lines().map(|line| format!("{indent}{}\n", line.trim())).collect();
    format!("{indent}\"\"\"\n{}{indent}\"\"\"\n", lines.concat())
}

fn fields(object: &ObjectType, groups: Groups) -> String {
    object.fields.iter().map(|field| line(&field.node, groups)).collect()
}

fn line(field: &FieldDefinition, groups: Groups) -> String {
    let mut line = description(field.description.as_ref(), "\t");
    let arguments: Vec<String> = field.arguments.iter().map(|argument| input(&argument.node)).collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    let scope = groups(field.name.node.as_str()).map(scope).unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(line, "\t{}{arguments}: {}{scope}", field.name.node, show(&field.ty.node));
    line
}

fn scope(groups: &[&str]) -> String {
    let groups: Vec<String> = groups.iter().map(|group| format!("\"{group}\"")).collect();
    format!(" @aws_auth(cognito_groups: [{}])", groups.join(", "))
}

fn inputs(object: &InputObjectType) -> String {
    let line =
        |field: &InputValueDefinition| format!("{}\t{}\n", description(field.description.as_ref(), "\t"), input(field));
    object.fields.iter().map(|field| line(&field.node)).collect()
}

/// An argument or a field of an input. What has a default may be left out: ours is what counts then, since theirs would
/// not be forwarded.
fn input(value: &InputValueDefinition) -> String {
    let ty = show(&value.ty.node);
    let ty = if value.default_value.is_some() { ty.trim_end_matches('!') } else { ty.as_str() };
    format!("{}: {ty}", value.name.node)
}

fn values(words: &EnumType) -> String {
    let line = |word: &async_graphql::parser::types::EnumValueDefinition| {
        format!("{}\t{}\n", description(word.description.as_ref(), "\t"), word.value.node)
    };
    words.values.iter().map(|word| line(&word.node)).collect()
}

fn members(union: &UnionType) -> String {
    union.members.iter().map(|member| member.node.to_string()).collect::<Vec<_>>().join(" | ")
}

/// A type in their scalars. A `Float` keeps whole numbers up to 2^53 exactly, as `Long` does.
fn show(ty: &Type) -> String {
    let shown = match &ty.base {
        BaseType::Named(name) if name == "DateTime" => "AWSDateTime".to_owned(),
        BaseType::Named(name) if name == "Long" => "Float".to_owned(),
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => format!("[{}]", show(inner)),
    };
    if ty.nullable { shown } else { shown + "!" }
}
