//! The files of a form. How large they are is known only once they are there, so they wait in files without a name.

use std::io::{self, SeekFrom};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::Field;
use bytes::BytesMut;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::Fields;
use crate::problem::Problem;

/// The most files of a form.
const FILES: usize = 500;
/// The most bytes of all files of a form; the script and the command line send more.
const BYTES: u64 = 2 << 30;
/// The most fields of a form that are no files.
const FIELDS: usize = 32;
/// The most bytes of a field that is no file.
const FIELD_BYTES: usize = 64 << 10;

/// A file that came with a form.
pub(super) struct Parcel {
    pub(super) name: String,
    pub(super) size: u64,
    file: File,
}

impl Parcel {
    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self, at_most: usize) -> Result<Option<Bytes>, Problem> {
        let mut piece = BytesMut::with_capacity(at_most);
        while piece.len() < at_most {
            let room = u64::try_from(at_most - piece.len()).unwrap_or(0);
            let read = (&mut self.file).take(room).read_buf(&mut piece).await;
            if read.map_err(|error| unkept(&error))? == 0 {
                break;
            }
        }
        Ok((!piece.is_empty()).then(|| piece.freeze()))
    }
}

/// Reads a form: its fields, and its files.
pub(super) async fn open(
    mut form: Multipart,
    fields: &mut Fields,
    stall_at_most: Duration,
) -> Result<Vec<Parcel>, Problem> {
    let (mut parcels, mut room) = (Vec::new(), BYTES);
    while let Some(mut field) = timely(stall_at_most, form.next_field()).await? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(ToOwned::to_owned) {
            // A field of files in which nothing was chosen comes as one file without a name.
            Some(file) if file.is_empty() => {}
            Some(file) => {
                if parcels.len() == FILES {
                    return Err(Problem::bad(format!(
                        "These are more than {FILES} files. Nothing was submitted. Pack some of them together, or submit \
                         them with the command line, which takes more."
                    )));
                }
                parcels.push(keep(file, &mut field, &mut room, stall_at_most).await?);
            }
            None if fields.len() < FIELDS => {
                fields.push((name, text(&mut field, stall_at_most).await?));
            }
            None => return Err(Problem::bad("The form has too many fields. Nothing was submitted.")),
        }
    }
    Ok(parcels)
}

async fn text(field: &mut Field<'_>, stall_at_most: Duration) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = timely(stall_at_most, field.chunk()).await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > FIELD_BYTES {
            return Err(Problem::bad("A field of the form is too long. Nothing was submitted. Shorten it."));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn keep(name: String, field: &mut Field<'_>, room: &mut u64, stall_at_most: Duration) -> Result<Parcel, Problem> {
    let mut file = File::from_std(tempfile::tempfile().map_err(|error| unkept(&error))?);
    let before = *room;
    while let Some(piece) = timely(stall_at_most, field.chunk()).await? {
        *room = room.checked_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX)).ok_or_else(too_much)?;
        file.write_all(&piece).await.map_err(|error| unkept(&error))?;
    }
    file.seek(SeekFrom::Start(0)).await.map_err(|error| unkept(&error))?;
    Ok(Parcel { name, size: before - *room, file })
}

/// What comes in time and whole.
async fn timely<T>(
    stall_at_most: Duration,
    coming: impl Future<Output = Result<T, axum::extract::multipart::MultipartError>>,
) -> Result<T, Problem> {
    let broken = || Problem::bad("The form did not arrive whole. Nothing was submitted. Send it again.");
    match tokio::time::timeout(stall_at_most, coming).await {
        Ok(Ok(came)) => Ok(came),
        Ok(Err(_)) | Err(_) => Err(broken()),
    }
}

fn too_much() -> Problem {
    Problem::bad(format!(
        "These files have more than {} GiB together, which is too much for a form. Nothing was submitted. Allow JavaScript \
         for this site, or submit with the command line.",
        BYTES >> 30
    ))
}

fn unkept(error: &io::Error) -> Problem {
    tracing::error!(%error, "files that came with a form cannot be kept");
    Problem::bad("The files cannot be kept just now. Nothing was submitted. Try again later.")
}
