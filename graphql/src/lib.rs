//! Who calls: the GraphQL schema, its resolvers, and the predecessor's schema beside it.
//!
//! Resolvers are thin views over the domain. They call actions and ask permission functions, and decide nothing. Every
//! row is looked at with the eyes of the caller; what they may not see is neither shown nor counted.
//!
//! ```text
//! let schema = graphql::schema(Profile::Production);                   // once
//! let context = Context::new(ports, caller, correlation_id);           // per call
//! let response = graphql::execute(&schema, request, context).await;    // one request, never a batch
//! ```

pub mod appsync;
mod context;
mod fault;
mod guard;
pub mod limits;
mod list;
mod mutation;
mod page;
mod person;
mod policy;
pub mod predecessor;
mod query;
mod refused;
mod request;
mod scalar;
mod schema;
mod sentence;
#[cfg(test)]
mod tests;

pub use async_graphql::{ObjectType, Request, Response, Variables};
pub use context::{BadIdempotencyKey, Context, IdempotencyKey};
pub use fault::Code;
pub use mutation::download_path;
pub use schema::{Profile, Schema, execute, schema, sdl};

/// What the call came with.
fn call<'a>(ctx: &async_graphql::Context<'a>) -> async_graphql::Result<&'a Context> {
    ctx.data::<Context>()
}
