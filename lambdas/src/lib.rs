//! The functions of the AWS house: one binary, which is each of them by the name of its handler.
//!
//! Nothing here decides anything: a function reads its event, calls a step, a chore, an action or a face of the house,
//! and answers in the words of the service that called.

mod administer;
mod chore;
mod events;
pub mod face;
mod failure;
mod part;
mod pre_token;
mod receive;
mod settings;
mod step;

pub use failure::Failure;
pub use part::{CHORES, Handler, NoPart, OTHERS, STEPS, part};
pub use settings::Settings;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

/// Is the function whose handler the environment names, until the service ends it.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    tracing_subscriber::fmt().json().with_max_level(tracing::Level::INFO).with_current_span(false).init();
    let variable = |name: &str| std::env::var(name).ok();
    let name = variable("_HANDLER").unwrap_or_default();
    let handler = part(&name, variable).await.inspect_err(|error| tracing::error!(%error, name, "it cannot start"))?;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let answer = handler(event.payload);
        async move { answer.await.inspect_err(|failure| tracing::error!(%failure)).map_err(Diagnostic::from) }
    }))
    .await
}
