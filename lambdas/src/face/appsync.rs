//! What a resolver of `AppSync` asks. The bearer token is proven here; the identity that the event brings along is only
//! compared with it, since whoever may call the function could write one.

use graphql::appsync::{Api, Ask, Trouble};
use graphql::{Code, Context, IdempotencyKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use workflow::actions::Caller;
use workflow::ports::Ports;

use super::entry::{Doorkeeper, Entered};
use super::token::Claims;
use crate::failure::Failure;

/// What the script of a resolver hands over.
#[derive(Deserialize)]
struct Call {
    parent: String,
    field: String,
    #[serde(default)]
    arguments: Option<Map<String, Value>>,
    #[serde(default)]
    source: Value,
    #[serde(default)]
    identity: Value,
    #[serde(default)]
    headers: Map<String, Value>,
}

impl Call {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
    }

    /// The token, with the scheme or, as the predecessor's front end sends it, without.
    fn token(&self) -> &str {
        let value = self.header("authorization").unwrap_or_default();
        value.strip_prefix("Bearer ").unwrap_or(value).trim()
    }

    /// Whether the identity that the event names is the token's.
    fn is_of(&self, claims: &Claims) -> bool {
        let said = |name: &str| self.identity.get(name).and_then(Value::as_str);
        said("sub") == Some(&claims.subject) && said("issuer").is_none_or(|issuer| issuer == claims.issuer)
    }

    fn origin(&self) -> Option<String> {
        self.identity.pointer("/sourceIp/0").and_then(Value::as_str).map(str::to_owned)
    }
}

/// Answers one resolver: `data`, or `trouble` with its code.
pub async fn resolve<Q, M>(
    api: &Api<Q, M>,
    (doorkeeper, url): (&Doorkeeper, &str),
    event: Value,
) -> Result<Value, Failure>
where
    Q: graphql::ObjectType + 'static,
    M: graphql::ObjectType + 'static,
{
    let call: Call = serde_json::from_value(event).map_err(|error| Failure::illegible("the call", &error))?;
    let answer = match admit(doorkeeper, &call).await? {
        Some(entered) => match context(&doorkeeper.ports, &call, entered) {
            Ok(context) => api.resolve(&ask(call), context.with_public_url(url)).await,
            Err(trouble) => Err(trouble),
        },
        None => Err(nobody()),
    };
    Ok(match answer {
        Ok(data) => json!({ "data": data }),
        Err(Trouble { sentence, code }) => json!({ "trouble": { "sentence": sentence, "code": code } }),
    })
}

async fn admit(doorkeeper: &Doorkeeper, call: &Call) -> Result<Option<Entered>, Failure> {
    let Some((entered, claims)) = doorkeeper.admit(call.token()).await? else { return Ok(None) };
    if !call.is_of(&claims) {
        tracing::warn!("an event names another identity than its token");
        return Ok(None);
    }
    Ok(Some(entered))
}

fn context(ports: &Ports, call: &Call, entered: Entered) -> Result<Context, Trouble> {
    let bad = |error: graphql::BadIdempotencyKey| trouble(Code::InvalidDocument, &error.to_string());
    let key = call.header("idempotency-key").map(IdempotencyKey::parse).transpose().map_err(bad)?;
    let caller =
        Caller { who: entered.person.who, claimed: Some(entered.claimed), system_user: None, origin: call.origin() };
    Ok(Context::new(ports.clone(), caller, ports.ids.name().to_string()).with_idempotency_key(key))
}

fn ask(call: Call) -> Ask {
    let arguments = call.arguments.unwrap_or_default();
    Ask { parent: call.parent, field: call.field, arguments, source: call.source }
}

fn nobody() -> Trouble {
    trouble(Code::Unauthenticated, "You are not signed in, or your session has ended. Sign in and try again.")
}

fn trouble(code: Code, sentence: &str) -> Trouble {
    Trouble { sentence: sentence.to_owned(), code: code.as_str().to_owned() }
}
