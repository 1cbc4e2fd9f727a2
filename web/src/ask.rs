//! Runs a typed document, and says what to do when there is no answer.

use graphql_client::GraphQLQuery;
use serde_json::Value;

use crate::Visit;
use crate::fault::Fault;
use crate::transport::Operation;

/// Runs a document that changes nothing, or that may be run again.
pub(crate) async fn ask<Q: GraphQLQuery>(visit: &Visit, variables: Q::Variables) -> Result<Q::ResponseData, Fault> {
    ask_once::<Q>(visit, variables, None).await
}

/// Runs a document under the name of a call, so that a form that is sent twice is taken once.
pub(crate) async fn ask_once<Q: GraphQLQuery>(
    visit: &Visit,
    variables: Q::Variables,
    call: Option<String>,
) -> Result<Q::ResponseData, Fault> {
    let body = Q::build_query(variables);
    let variables = serde_json::to_value(body.variables).map_err(|error| Fault::broken(&error))?;
    let operation = Operation { name: body.operation_name, document: body.query, variables, call };
    let mut answer = visit.transport.execute(operation).await;
    if let Some(error) = answer.get("errors").and_then(Value::as_array).and_then(|errors| errors.first()) {
        return Err(Fault::answered(error));
    }
    let data = answer.get_mut("data").map(Value::take).unwrap_or_default();
    serde_json::from_value(data).map_err(|error| Fault::broken(&error))
}
