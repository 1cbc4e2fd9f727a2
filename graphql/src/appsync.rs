//! The face that `AppSync` shows of a schema of ours, and how one of its resolvers asks.
//!
//! `AppSync` knows no scalars of others, forwards no defaults, and calls one resolver at a time with the arguments of
//! one field and the object that the field belongs to. So it is shown a schema in its own scalars, every root field and
//! every field with arguments has a resolver, and a resolver answers whole objects: all fields that have no resolver of
//! their own, with `__typename`.

mod ask;
mod document;
mod sdl;
#[cfg(test)]
mod tests;
mod types;

use async_graphql::{EmptySubscription, ObjectType, Schema};
use serde_json::Value;

pub use ask::{Ask, Trouble};
pub use types::BadSchema;

use crate::context::Context;
use crate::schema::{run, sdl_of};
use crate::{mutation, predecessor, query};
use types::Types;

/// A schema as `AppSync` shows it.
pub struct Api<Q, M> {
    schema: Schema<Q, M, EmptySubscription>,
    types: Types,
    groups: Groups,
}

/// The groups whose members may use a field at all, where the schema itself says so.
type Groups = fn(&str) -> Option<&'static [&'static str]>;

/// Our schema as `AppSync` shows it. Who may do what, the actions say.
pub type Ours = Api<query::Query, mutation::Mutation>;

/// The predecessor's schema as `AppSync` shows it, with the groups that it named itself.
pub type Predecessors = Api<predecessor::Query, predecessor::Mutation>;

impl Ours {
    /// Builds it, once per process.
    pub fn ours() -> Result<Self, BadSchema> {
        Self::of(query::Query, mutation::Mutation, |_| None)
    }
}

impl Predecessors {
    /// Builds it, once per process.
    pub fn predecessors() -> Result<Self, BadSchema> {
        Self::of(predecessor::Query, predecessor::Mutation, predecessor::groups)
    }
}

impl<Q: ObjectType + 'static, M: ObjectType + 'static> Api<Q, M> {
    /// No limits: every document that is executed is one of ours, and `AppSync` has limits of its own.
    fn of(query: Q, mutation: M, groups: Groups) -> Result<Self, BadSchema> {
        let schema = Schema::build(query, mutation, EmptySubscription).finish();
        let types = Types::read(&sdl_of(&schema))?;
        Ok(Self { schema, types, groups })
    }

    /// The schema as `AppSync` takes it.
    pub fn sdl(&self) -> String {
        sdl::print(&self.types, self.groups)
    }

    /// The fields that need a resolver, as (type, field): every root field, and every field with arguments.
    pub fn resolvers(&self) -> Vec<(String, String)> {
        self.types.resolvers()
    }

    /// Answers what one resolver asks: a whole value, or why there is none.
    pub async fn resolve(&self, ask: &Ask, context: Context) -> Result<Value, Trouble> {
        let asked = document::write(&self.types, ask)?;
        let request = async_graphql::Request::new(asked.text).variables(asked.variables);
        let response = run(&self.schema, request, context).await;
        if let Some(error) = response.errors.into_iter().next() {
            return Err(Trouble::of(error));
        }
        let data = response.data.into_json().unwrap_or_default();
        asked.place.find(data, ask)
    }
}

impl<Q, M> std::fmt::Debug for Api<Q, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Api")
    }
}
