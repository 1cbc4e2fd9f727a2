//! GraphQL over HTTP: one operation a call, our own schema and the predecessor's.

mod accept;
mod document;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Request, Response as Answer};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use graphql::{Code, Context, IdempotencyKey};
use serde_json::{Value, json};
use workflow::actions::Caller;

use crate::authentication::Guest;
use crate::call::Call;
use crate::face::Face;
use accept::Media;
pub(crate) use document::Document;

/// Which schema a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Ours,
    Predecessor,
}

/// Why a call was not executed: the status, the code and the sentence.
#[derive(Debug)]
struct Unusable {
    status: StatusCode,
    code: Code,
    sentence: String,
}

impl Unusable {
    fn new(status: StatusCode, code: Code, sentence: impl Into<String>) -> Self {
        Self { status, code, sentence: sentence.into() }
    }

    fn bad(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::InvalidDocument, sentence)
    }

    fn nobody() -> Self {
        let sentence = "You are not signed in, or your session has ended. Nothing was done. Sign in and try again.";
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, sentence)
    }

    fn to_json(&self, call: &Call) -> Value {
        let extensions = json!({ "code": self.code.as_str(), "correlationId": call.reference });
        json!({ "errors": [{ "message": self.sentence, "extensions": extensions }] })
    }
}

/// What a call was made of.
pub(crate) struct Arrived {
    method: Method,
    query: Option<String>,
    headers: HeaderMap,
    body: Body,
}

/// `POST` and `GET /graphql`.
pub(crate) async fn ours(State(face): State<Arc<Face>>, call: Call, guest: Guest, arrived: Arrived) -> Response {
    serve(&face, Which::Ours, (guest, call), arrived).await
}

/// `POST` and `GET /predecessor/graphql`.
pub(crate) async fn predecessor(State(face): State<Arc<Face>>, call: Call, guest: Guest, arrived: Arrived) -> Response {
    serve(&face, Which::Predecessor, (guest, call), arrived).await
}

async fn serve(face: &Face, which: Which, (Guest(visitor), call): (Guest, Call), arrived: Arrived) -> Response {
    let Some(media) = accept::choose(&arrived.headers) else {
        let offered = "This address answers application/graphql-response+json or application/json.";
        return show(Media::Json, &Unusable::new(StatusCode::NOT_ACCEPTABLE, Code::InvalidDocument, offered), &call);
    };
    let caller = visitor.map(|visitor| visitor.caller);
    match take(face, which, (caller, &call), arrived).await {
        Ok(answer) => finish(media, &answer),
        Err(unusable) => show(media, &unusable, &call),
    }
}

async fn take(
    face: &Face,
    which: Which,
    (caller, call): (Option<Caller>, &Call),
    arrived: Arrived,
) -> Result<Answer, Unusable> {
    let key = idempotency_key(&arrived.headers)?;
    let is_get = arrived.method == Method::GET;
    let document = if is_get {
        Document::from_query(arrived.query.as_deref().unwrap_or_default())?
    } else {
        Document::from_body(&arrived.headers, arrived.body).await?
    };
    let mut request = document.into_request()?;
    if is_get && !only_reads(&mut request) {
        let sentence = "A GET only reads; nothing was done. Send what changes something as a POST.";
        return Err(Unusable::new(StatusCode::METHOD_NOT_ALLOWED, Code::InvalidDocument, sentence));
    }
    let context = context(face, caller, call)?.with_idempotency_key(key).with_public_url(public_url(face));
    Ok(execute(face, which, request, context).await)
}

async fn execute(face: &Face, which: Which, request: Request, context: Context) -> Answer {
    match which {
        Which::Ours => graphql::execute(&face.schema, request, context).await,
        Which::Predecessor => graphql::predecessor::execute(&face.predecessor, request, context).await,
    }
}

fn context(face: &Face, caller: Option<Caller>, call: &Call) -> Result<Context, Unusable> {
    let caller = caller.ok_or_else(Unusable::nobody)?;
    Ok(Context::new(face.ports.clone(), caller, call.reference.clone()))
}

fn public_url(face: &Face) -> &str {
    face.settings.url.as_deref().unwrap_or_default()
}

/// Runs a document of a page and answers what the API would.
pub(crate) async fn run_for_page(
    face: &Face,
    (caller, call): (Option<Caller>, &Call),
    document: Document,
    name: Option<String>,
) -> Value {
    let run = async {
        let key = name.as_deref().map(IdempotencyKey::parse).transpose();
        let key = key.map_err(|bad| Unusable::bad(bad.to_string()))?;
        let context = context(face, caller, call)?.with_idempotency_key(key);
        Ok::<_, Unusable>(execute(face, Which::Ours, document.into_request()?, context).await)
    };
    match run.await {
        Ok(answer) => to_json(&answer),
        Err(unusable) => unusable.to_json(call),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Unusable> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = IdempotencyKey::parse(value.to_str().unwrap_or_default());
    key.map(Some).map_err(|bad| Unusable::bad(bad.to_string()))
}

/// Tells whether the operation that would be executed is a query. A document that cannot be read is left to the schema,
/// which says what is wrong with it and executes nothing.
fn only_reads(request: &mut Request) -> bool {
    let name = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return true };
    operation_type(document, name.as_deref()) != Some(OperationType::Mutation)
}

fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    let mut operations = document.operations.iter();
    let chosen = match name {
        Some(name) => operations.find(|(candidate, _)| candidate.is_some_and(|c| c.as_str() == name)),
        None => operations.next(),
    };
    chosen.map(|(_, operation)| operation.node.ty)
}

fn to_json(answer: &Answer) -> Value {
    let mut json = serde_json::to_value(answer).unwrap_or_else(|_| json!({ "data": null }));
    if is_about_the_document(answer)
        && let Some(object) = json.as_object_mut()
    {
        object.remove("data");
    }
    json
}

/// Tells an answer to a document that was not executed: every error in executing belongs to a field.
fn is_about_the_document(answer: &Answer) -> bool {
    !answer.errors.is_empty() && answer.errors.iter().all(|error| error.path.is_empty())
}

fn finish(media: Media, answer: &Answer) -> Response {
    let refused = media == Media::GraphqlResponse && is_about_the_document(answer);
    let status = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    (status, [(CONTENT_TYPE, media.content_type())], to_json(answer).to_string()).into_response()
}

fn show(media: Media, unusable: &Unusable, call: &Call) -> Response {
    let body = unusable.to_json(call).to_string();
    let mut response = (unusable.status, [(CONTENT_TYPE, media.content_type())], body).into_response();
    if unusable.status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, axum::http::HeaderValue::from_static("POST"));
    }
    response
}

impl<S: Sync> axum::extract::FromRequest<S> for Arrived {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: axum::extract::Request, _: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().map(ToOwned::to_owned);
        Ok(Self { method: parts.method, query, headers: parts.headers, body })
    }
}
