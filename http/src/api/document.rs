//! What a caller sent, as a document with its variables.

use async_graphql::{Request, Variables};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use graphql::{Code, limits};
use serde_json::{Map, Value};

use super::Unusable;

/// One document and what it is to be run with.
#[derive(Debug, PartialEq)]
pub(crate) struct Document {
    /// The document.
    pub(crate) query: String,
    /// Which of its operations.
    pub(crate) operation_name: Option<String>,
    /// An object, or null.
    pub(crate) variables: Value,
}

impl Document {
    /// Reads the body of a `POST`: one JSON object in UTF-8.
    pub(super) async fn from_body(headers: &HeaderMap, body: Body) -> Result<Self, Unusable> {
        require_json(headers)?;
        let Ok(bytes) = axum::body::to_bytes(body, limits::BODY_BYTES).await else {
            let sentence = format!("A call has at most {} bytes; nothing was done.", limits::BODY_BYTES);
            return Err(Unusable::new(StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge, sentence));
        };
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Self::from_fields(fields),
            Ok(Value::Array(_)) => Err(Unusable::bad("Send one operation per call; a list of them is not taken.")),
            Ok(_) => Err(Unusable::bad("The body has to be a JSON object with the field query.")),
            Err(_) => Err(Unusable::bad("The body cannot be read as JSON; nothing was done.")),
        }
    }

    /// Reads the query of a `GET`.
    pub(super) fn from_query(query: &str) -> Result<Self, Unusable> {
        let mut fields = Map::new();
        if query.len() > limits::BODY_BYTES {
            let sentence = format!("A call has at most {} bytes; nothing was done.", limits::BODY_BYTES);
            return Err(Unusable::new(StatusCode::URI_TOO_LONG, Code::TooLarge, sentence));
        }
        let pairs: Vec<(String, String)> = pairs(query)?;
        for (name, text) in pairs {
            let value = match name.as_str() {
                "variables" | "extensions" if !text.is_empty() => parse(&name, &text)?,
                "variables" | "extensions" => Value::Null,
                _ => Value::String(text),
            };
            fields.insert(name, value);
        }
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Value>) -> Result<Self, Unusable> {
        let Some(Value::String(query)) = fields.remove("query") else {
            return Err(Unusable::bad("The field query has to be there and to be a text; nothing was done."));
        };
        let operation_name = match fields.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(Unusable::bad("The field operationName has to be a text; nothing was done.")),
        };
        for name in ["variables", "extensions"] {
            if !matches!(fields.get(name), None | Some(Value::Null | Value::Object(_))) {
                return Err(Unusable::bad(format!("The field {name} has to be an object; nothing was done.")));
            }
        }
        let variables = fields.remove("variables").unwrap_or_default();
        Ok(Self { query, operation_name, variables })
    }

    /// The document as the schema takes it, unless it is longer than a document may be.
    pub(super) fn into_request(self) -> Result<Request, Unusable> {
        if limits::count_tokens(&self.query) > limits::TOKENS {
            let sentence = format!("A document has at most {} tokens; nothing was done.", limits::TOKENS);
            return Err(Unusable::new(StatusCode::BAD_REQUEST, Code::TooComplex, sentence));
        }
        let request = Request::new(self.query).variables(Variables::from_json(self.variables));
        Ok(match self.operation_name {
            Some(name) => request.operation_name(name),
            None => request,
        })
    }
}

/// Forms of other sites can send neither this type nor ask whether they may.
fn require_json(headers: &HeaderMap) -> Result<(), Unusable> {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = said.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let charset = parts.find_map(|part| part.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("charset")));
    let is_utf8 = charset.is_none_or(|(_, name)| name.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    if is_json && is_utf8 {
        return Ok(());
    }
    let sentence = "The body has to be of the type application/json in UTF-8; nothing was done.";
    Err(Unusable::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidDocument, sentence))
}

fn pairs(query: &str) -> Result<Vec<(String, String)>, Unusable> {
    let uri = format!("/?{query}").parse::<axum::http::Uri>();
    let pairs = uri.ok().and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    let unreadable = || Unusable::bad("The address cannot be read; nothing was done.");
    pairs.map(|axum::extract::Query(pairs)| pairs).ok_or_else(unreadable)
}

fn parse(name: &str, text: &str) -> Result<Value, Unusable> {
    let unreadable = |_| Unusable::bad(format!("The field {name} cannot be read as JSON; nothing was done."));
    serde_json::from_str(text).map_err(unreadable)
}
