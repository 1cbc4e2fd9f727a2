//! Forms that bring their files along, as a browser without scripts sends them. The files become an upload; what is left
//! of the form goes on to its page, with the upload in the files' place.

mod parcel;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use workflow::actions::Caller;
use workflow::actions::create_upload::{self, Announcement};
use workflow::domain::text::ProjectId;

use crate::authentication::recognise;
use crate::call::Call;
use crate::face::Face;
use crate::problem::Problem;
use parcel::{Parcel, open};

/// Bytes that are made durable at once.
const PIECE: usize = 4 << 20;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// What is left of a form.
type Fields = Vec<(String, String)>;

/// Passes a form on to its page; one that brings files along first has them put into an upload. Sent twice, it makes two
/// uploads, of which the page takes one.
pub(crate) async fn take(face: Arc<Face>, pages: Router, request: Request) -> Response {
    if !brings_files(request.headers()) {
        return pass_on(pages, request).await;
    }
    let call = Call::of(request.extensions());
    let caller = match recognise(&face, request.headers(), call.from).await {
        Ok(visitor) => visitor.map(|visitor| visitor.caller),
        Err(error) => return Problem::from(error).into_response(),
    };
    let (parts, body) = request.into_parts();
    let mut fields = Fields::new();
    if let Some(caller) = caller {
        // Reading a form needs the headers, and what the route says about the length of a body.
        let mut call = Request::new(body);
        call.headers_mut().clone_from(&parts.headers);
        call.extensions_mut().clone_from(&parts.extensions);
        if let Err(problem) = unpack(&face, &caller, call, &mut fields).await {
            fields.push(("trouble".to_owned(), problem.into_words().1));
        }
    }
    let body = match serde_urlencoded::to_string(&fields) {
        Ok(body) => Body::from(body),
        Err(error) => return Problem::bad(format!("The form cannot be read: {error}.")).into_response(),
    };
    let mut request = Request::from_parts(parts, body);
    request.headers_mut().insert(CONTENT_TYPE, FORM);
    request.headers_mut().remove(CONTENT_LENGTH);
    pass_on(pages, request).await
}

fn brings_files(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"))
}

async fn pass_on(pages: Router, request: Request) -> Response {
    pages.oneshot(request).await.into_response()
}

/// Reads a form to its end, and puts what files came with it into an upload.
async fn unpack(face: &Face, caller: &Caller, call: Request, fields: &mut Fields) -> Result<(), Problem> {
    let Ok(_place) = Arc::clone(&face.room.uploads).try_acquire_owned() else { return Err(Problem::busy()) };
    let form = Multipart::from_request(call, &()).await;
    let form =
        form.map_err(|_| Problem::bad("The form cannot be read. Nothing was submitted. Load the page again."))?;
    let parcels = open(form, fields, face.settings.stall_at_most).await?;
    if parcels.is_empty() {
        return Ok(());
    }
    let project = fields.iter().find(|(name, _)| name == "project").map_or("", |(_, project)| project.as_str());
    let project = ProjectId::parse(project).map_err(|bad| {
        Problem::bad(format!("The project cannot be used: {bad}. Nothing was submitted. Correct it and send it again."))
    })?;
    let upload = store(face, caller, project, parcels).await?;
    fields.retain(|(name, _)| name != "upload");
    fields.push(("upload".to_owned(), upload));
    Ok(())
}

/// Makes an upload of what came, and answers its name.
async fn store(face: &Face, caller: &Caller, project: ProjectId, parcels: Vec<Parcel>) -> Result<String, Problem> {
    let files = parcels.iter().map(|parcel| (parcel.name.clone(), parcel.size)).collect();
    let announcement = Announcement { id: face.ports.ids.name(), project, files };
    let upload = create_upload::run(&face.ports, caller, announcement).await.map_err(Problem::from)?.upload;
    for mut parcel in parcels {
        let is_its = |file: &workflow::ports::uploads::Announced| {
            file.submitted_as.as_deref().unwrap_or(file.path.as_str()) == parcel.name
        };
        let Some(place) = upload.files.iter().position(is_its).and_then(|place| u32::try_from(place).ok()) else {
            return Err(Problem::bad(format!("“{}” was not taken. Nothing was submitted.", parcel.name)));
        };
        // A file without bytes arrives by saying so.
        let mut at = face.ports.uploads.append(upload.id, place, 0, Bytes::new()).await?;
        while let Some(piece) = parcel.next(PIECE).await? {
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            face.ports.uploads.append(upload.id, place, at, piece).await?;
            at += length;
        }
    }
    Ok(upload.id.to_string())
}
