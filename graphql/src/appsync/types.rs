//! The types of a schema, read from its text.

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition};

/// Says that the text of a schema cannot be read: a bug, which a test would have found.
#[derive(Debug, thiserror::Error)]
#[error("the schema cannot be read: {0}")]
pub struct BadSchema(#[from] async_graphql::parser::Error);

/// The root types.
pub(super) const ROOTS: [&str; 2] = ["Query", "Mutation"];

/// The types of a schema, in the order of its text.
pub(super) struct Types {
    pub(super) in_order: Vec<TypeDefinition>,
    places: BTreeMap<String, usize>,
}

impl Types {
    pub(super) fn read(sdl: &str) -> Result<Self, BadSchema> {
        let definitions = parse_schema(sdl)?.definitions.into_iter();
        let in_order: Vec<TypeDefinition> = definitions
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(definition) => Some(definition.node),
                TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
            })
            .collect();
        let places = in_order.iter().enumerate().map(|(place, ty)| (ty.name.node.to_string(), place)).collect();
        Ok(Self { in_order, places })
    }

    /// What a type consists of; none if it is one of GraphQL's own.
    pub(super) fn kind(&self, name: &str) -> Option<&TypeKind> {
        self.places.get(name).and_then(|place| self.in_order.get(*place)).map(|definition| &definition.kind)
    }

    pub(super) fn field(&self, parent: &str, field: &str) -> Option<&FieldDefinition> {
        match self.kind(parent)? {
            TypeKind::Object(object) => object.fields.iter().map(|f| &f.node).find(|f| f.name.node == field),
            _ => None,
        }
    }

    pub(super) fn resolvers(&self) -> Vec<(String, String)> {
        let mut resolvers = Vec::new();
        for definition in &self.in_order {
            let TypeKind::Object(object) = &definition.kind else { continue };
            let name = definition.name.node.as_str();
            let asked = object.fields.iter().filter(|f| ROOTS.contains(&name) || !f.node.arguments.is_empty());
            resolvers.extend(asked.map(|field| (name.to_owned(), field.node.name.node.to_string())));
        }
        resolvers
    }
}

/// The name of what a type is made of, without lists.
pub(super) fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}
