//! The schema with its limits, and how a call is executed.

use async_graphql::{EmptySubscription, ObjectType, Request, Response, SDLExportOptions, SchemaBuilder, ServerError};

use crate::context::Context;
use crate::fault::Code;
use crate::guard::Guard;
use crate::limits;
use crate::mutation::Mutation;
use crate::query::Query;

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// What a house tells about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Nothing but answers: no introspection.
    Production,
    /// Also what the schema looks like, for whoever builds on it.
    Local,
}

/// Builds the schema, once per process.
pub fn schema(profile: Profile) -> Schema {
    limited(Schema::build(Query, Mutation, EmptySubscription), profile).finish()
}

/// The schema as text, in a stable order.
pub fn sdl() -> String {
    sdl_of(&schema(Profile::Local))
}

pub(crate) fn sdl_of<Q, M>(schema: &async_graphql::Schema<Q, M, EmptySubscription>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    schema.sdl_with_options(options)
}

/// Sets the limits that every schema of ours has.
pub(crate) fn limited<Q, M>(
    builder: SchemaBuilder<Q, M, EmptySubscription>,
    profile: Profile,
) -> SchemaBuilder<Q, M, EmptySubscription> {
    let builder = builder
        .limit_depth(limits::DEPTH)
        .limit_recursive_depth(limits::RECURSIVE_DEPTH)
        .limit_complexity(limits::COMPLEXITY)
        .limit_directives(limits::DIRECTIVES)
        .extension(Guard)
        .disable_suggestions();
    match profile {
        Profile::Production => builder.disable_introspection(),
        Profile::Local => builder,
    }
}

/// Executes one call. Every error of the answer has a code of [`Code`] and the call's name.
pub async fn execute(schema: &Schema, request: Request, context: Context) -> Response {
    run(schema, request, context).await
}

pub(crate) async fn run<Q, M>(
    schema: &async_graphql::Schema<Q, M, EmptySubscription>,
    request: Request,
    context: Context,
) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    let correlation_id = context.correlation_id.clone();
    let mut response = schema.execute(request.data(context)).await;
    for error in &mut response.errors {
        name(error, &correlation_id);
    }
    response
}

/// Gives a code to an error that the library made: it is about the document, or about its size.
fn name(error: &mut ServerError, correlation_id: &str) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_some() {
        return;
    }
    let is_about_size = ["too complex", "too deep", "number of directives", "recursion depth"];
    let message = error.message.to_lowercase();
    let code = if is_about_size.iter().any(|words| message.contains(words)) {
        Code::TooComplex
    } else {
        Code::InvalidDocument
    };
    extensions.set("code", code.as_str());
    extensions.set("correlationId", correlation_id);
}
