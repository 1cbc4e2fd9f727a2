//! Uploads: the bytes of an announced file, from where they broke off. The upload is its owner's ticket: nobody else
//! puts bytes into it.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_RANGE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt;
use serde_json::json;
use uuid::Uuid;
use workflow::actions::finish_upload::find_own;
use workflow::domain::permission::Refusal;
use workflow::ports::{Kind, PortError};

use crate::authentication::Visitor;
use crate::face::Face;
use crate::problem::{Problem, say};

/// Bytes that are made durable at once.
const PIECE: usize = 4 << 20;
/// How much of a file is there.
const RECEIVED: HeaderName = HeaderName::from_static("upload-offset");

/// The file that a call is about.
struct Target {
    id: Uuid,
    file: u32,
    size: u64,
}

/// `PUT /uploads/{upload}/{file}`: puts bytes into a file, from its beginning or from where `Content-Range` says. What
/// is there already is passed over. The answer says how many bytes are there.
pub(crate) async fn receive(
    State(face): State<Arc<Face>>,
    visitor: Visitor,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let Ok(_place) = Arc::clone(&face.room.uploads).try_acquire_owned() else { return Err(Problem::busy()) };
    let target = find(&face, &visitor, path).await?;
    let from = begin(&headers, target.size)?;
    match pour(&face, &target, from, body).await {
        Ok(received) => Ok(tell(&target, received)),
        Err(Stopped::Gap) => Ok(refuse_gap(received(&face, &target).await?)),
        Err(Stopped::Stalled) => {
            let sentence = "The bytes stopped coming. What arrived is kept. Send the rest from where it stopped.";
            Err(Problem::Said(StatusCode::REQUEST_TIMEOUT, sentence.to_owned()))
        }
        Err(Stopped::Failed(error)) => Err(error.into()),
    }
}

/// `HEAD /uploads/{upload}/{file}`: how many bytes are there.
pub(crate) async fn measure(
    State(face): State<Arc<Face>>,
    visitor: Visitor,
    Path(path): Path<(String, String)>,
) -> Result<Response, Problem> {
    let target = find(&face, &visitor, path).await?;
    let received = received(&face, &target).await?;
    Ok((StatusCode::NO_CONTENT, [(RECEIVED, HeaderValue::from(received))]).into_response())
}

async fn find(face: &Face, visitor: &Visitor, (id, file): (String, String)) -> Result<Target, Problem> {
    let unknown = || Problem::Refused(Refusal::NoSuchUpload);
    let (Ok(id), Ok(file)) = (Uuid::try_parse(&id), file.parse::<u32>()) else { return Err(unknown()) };
    let person = visitor.caller.person(&face.ports).await?;
    let upload = find_own(&face.ports, &person, id).await?;
    let announced = upload.files.get(usize::try_from(file).unwrap_or(usize::MAX)).ok_or_else(unknown)?;
    Ok(Target { id, file, size: announced.size })
}

/// Where the bytes of a call belong.
fn begin(headers: &HeaderMap, size: u64) -> Result<u64, Problem> {
    let Some(value) = headers.get(CONTENT_RANGE) else { return Ok(0) };
    let read = value.to_str().ok().and_then(|text| {
        let (span, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (from, last) = span.split_once('-')?;
        let (from, last): (u64, u64) = (from.trim().parse().ok()?, last.trim().parse().ok()?);
        let is_right = from <= last && last < size && (total.trim() == "*" || total.trim().parse() == Ok(size));
        is_right.then_some(from)
    });
    let wrong = format!("The header Content-Range does not fit a file of {size} bytes; nothing was taken.");
    read.ok_or_else(|| Problem::bad(wrong))
}

/// Why bytes were not taken to their end.
enum Stopped {
    Gap,
    Stalled,
    Failed(PortError),
}

impl From<PortError> for Stopped {
    fn from(error: PortError) -> Self {
        if error.kind == Kind::Conflict { Self::Gap } else { Self::Failed(error) }
    }
}

/// Takes the bytes as they come, some MiB at a time. When the caller goes away, what is durable stays.
async fn pour(face: &Face, target: &Target, from: u64, body: Body) -> Result<u64, Stopped> {
    let mut stream = body.into_data_stream();
    let (mut at, mut held) = (from, BytesMut::new());
    loop {
        let next = tokio::time::timeout(face.settings.stall_at_most, stream.next()).await;
        let is_broken = !matches!(next, Ok(None | Some(Ok(_))));
        let is_over = !matches!(next, Ok(Some(Ok(_))));
        if let Ok(Some(Ok(bytes))) = next {
            held.extend_from_slice(&bytes);
        }
        if is_over || held.len() >= PIECE {
            let piece = held.split().freeze();
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            let received = face.ports.uploads.append(target.id, target.file, at, piece).await?;
            at = at.saturating_add(length);
            if is_over {
                return if is_broken { Err(Stopped::Stalled) } else { Ok(received) };
            }
        }
    }
}

async fn received(face: &Face, target: &Target) -> Result<u64, PortError> {
    face.ports.uploads.append(target.id, target.file, 0, Bytes::new()).await
}

fn tell(target: &Target, received: u64) -> Response {
    let is_whole = received == target.size;
    let status = if is_whole { StatusCode::OK } else { StatusCode::ACCEPTED };
    let body = Json(json!({ "received": received, "size": target.size, "whole": is_whole }));
    (status, [(RECEIVED, HeaderValue::from(received))], body).into_response()
}

fn refuse_gap(received: u64) -> Response {
    let sentence = format!(
        "These bytes do not continue the file, or are more than were announced. {received} bytes are there and kept. \
         Send what follows them."
    );
    let mut response = say(StatusCode::CONFLICT, sentence);
    response.headers_mut().insert(RECEIVED, HeaderValue::from(received));
    response
}
