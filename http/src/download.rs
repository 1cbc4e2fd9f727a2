//! Downloads: the archive of a release, to the person whose ticket it is, from where they left off.

mod range;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue,
    LOCATION, REFERRER_POLICY,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use workflow::actions::redeem;
use workflow::domain::id::RequestId;
use workflow::domain::permission::Refusal;
use workflow::domain::release::PublishedArchive;
use workflow::domain::status::Status;
use workflow::ports::object_store::{Area, ObjectVersion};

use crate::authentication::Visitor;
use crate::face::Face;
use crate::problem::{Problem, say};
use range::Range;

/// Bytes that are read at once.
const PIECE: u64 = 1 << 20;
/// After so many pieces it is asked whether the release still stands.
const ASK_EVERY: u64 = 8;
/// Where the bytes do not come through this house, the address that they come from is good for so long.
const LINK_SECONDS: u64 = 60;

/// `GET` and `HEAD /downloads/{request}/{secret}`.
pub(crate) async fn send(
    State(face): State<Arc<Face>>,
    visitor: Visitor,
    Path((id, secret)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: RequestId = id.parse().map_err(|_| Problem::Refused(Refusal::NoSuchRequest))?;
    let archive = redeem::run(&face.ports, &visitor.caller, id, &secret).await?;
    if method != Method::HEAD
        && let Some(address) = face.ports.objects.link(&object_of(&archive), &name_of(id), LINK_SECONDS).await?
    {
        return Ok(send_elsewhere(&address));
    }
    let Ok(place) = Arc::clone(&face.room.downloads).try_acquire_owned() else { return Err(Problem::busy()) };
    let tag = format!("\"{}\"", archive.digest.hex());
    let range = match range::choose(&headers, &tag, archive.size) {
        Ok(range) => range,
        Err(range::Unsatisfiable) => return Ok(refuse_range(archive.size)),
    };
    let mut response = describe(&archive, (id, &tag), range);
    if method != Method::HEAD {
        *response.body_mut() = body(face, (id, &archive), range.span(), place);
    }
    Ok(response)
}

/// Whoever has the address has the bytes while it lives, so nothing keeps it and nobody is told where it came from.
fn send_elsewhere(address: &str) -> Response {
    let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
    set(&mut response, LOCATION, address);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, REFERRER_POLICY, "no-referrer");
    response
}

fn object_of(archive: &PublishedArchive) -> ObjectVersion {
    ObjectVersion { area: Area::Release, key: archive.key.clone(), version: archive.version.clone() }
}

fn name_of(id: RequestId) -> String {
    format!("egress-{id}.zip")
}

fn refuse_range(size: u64) -> Response {
    let mut response = say(
        StatusCode::RANGE_NOT_SATISFIABLE,
        format!("The file has {size} bytes; there are none in the range that was asked for."),
    );
    set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
    response
}

fn describe(archive: &PublishedArchive, (id, tag): (RequestId, &str), range: Range) -> Response {
    let (from, length) = range.span();
    let mut response = StatusCode::OK.into_response();
    set(&mut response, CONTENT_TYPE, "application/zip");
    set(&mut response, CONTENT_LENGTH, &length.to_string());
    set(&mut response, CONTENT_DISPOSITION, &format!("attachment; filename=\"{}\"", name_of(id)));
    set(&mut response, ACCEPT_RANGES, "bytes");
    set(&mut response, ETAG, tag);
    if let Range::Part { .. } = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = (from + length).saturating_sub(1);
        set(&mut response, CONTENT_RANGE, &format!("bytes {from}-{last}/{}", archive.size));
    }
    response
}

fn set(response: &mut Response, name: axum::http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What is still to be sent.
struct Sending {
    face: Arc<Face>,
    id: RequestId,
    object: ObjectVersion,
    at: u64,
    left: u64,
    pieces: u64,
    _place: OwnedSemaphorePermit,
}

fn body(
    face: Arc<Face>,
    (id, archive): (RequestId, &PublishedArchive),
    (at, left): (u64, u64),
    place: OwnedSemaphorePermit,
) -> Body {
    let object = object_of(archive);
    let sending = Sending { face, id, object, at, left, pieces: 0, _place: place };
    Body::from_stream(stream::try_unfold(sending, |mut sending| async move {
        let piece = sending.next().await?;
        Ok::<_, Broken>(piece.map(|piece| (piece, sending)))
    }))
}

/// Why a download stopped in the midst: the connection is cut, so that nobody takes a part for the whole.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the release was revoked")]
    Revoked,
    #[error("the archive ended before its size")]
    Short,
    #[error(transparent)]
    Port(#[from] workflow::ports::PortError),
}

impl Sending {
    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        if self.left == 0 {
            return Ok(None);
        }
        if self.pieces > 0 && self.pieces.is_multiple_of(ASK_EVERY) {
            self.require_release().await?;
        }
        self.pieces += 1;
        let piece = self.face.ports.objects.read(&self.object, self.at, self.left.min(PIECE)).await?;
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if length == 0 || length > self.left {
            return Err(Broken::Short);
        }
        self.at += length;
        self.left -= length;
        Ok(Some(piece))
    }

    /// A release that was called back meanwhile goes no further.
    async fn require_release(&self) -> Result<(), Broken> {
        let request = self.face.ports.requests.find(self.id).await?;
        let stands = request.is_some_and(|request| request.status == Status::Released);
        if stands { Ok(()) } else { Err(Broken::Revoked) }
    }
}
