//! Freezing: each file is copied by the key and version that the manifest names, never by a listing.

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

use super::super::StepError;
use crate::domain::manifest::{Declared, Manifest, Verified};
use crate::domain::path::show;
use crate::domain::request::{Request, StagingProgress};
use crate::ports::object_store::{Area, ObjectVersion, Place};
use crate::ports::{Kind, PortError, Ports};

/// At most so many files are frozen in one call of the step.
const FILES: usize = 5_000;
/// After so many bytes a call of the step ends.
const BYTES: u64 = 8 << 30;
/// So many copies are under way at once.
const AT_ONCE: usize = 16;
/// So many names are spelt out in a sentence.
const NAMES: usize = 20;

/// What became of one file.
enum Frozen {
    Staged(Box<Verified>),
    Gone(String),
    Differs { name: String, said: u64, has: u64 },
}

/// Freezes the next files, or says why the round has to go back: every file of the call that is gone or is not as
/// large as was said is named.
pub(super) async fn some(
    ports: &Ports,
    request: &Request,
    declared: &Manifest<Declared>,
    progress: &StagingProgress,
) -> Result<Result<Vec<Verified>, String>, StepError> {
    let begin = usize::try_from(progress.files).unwrap_or(usize::MAX);
    let rest = declared.files().get(begin..).unwrap_or_default();
    let next = rest.get(..fitting(rest)).unwrap_or_default();
    // Begun one by one, but made before: a closure that lives across an await would bind the step to one thread.
    let copies: Vec<BoxFuture<'_, _>> = next.iter().map(|file| freeze(ports, request, file).boxed()).collect();
    let results: Vec<Result<Frozen, PortError>> = stream::iter(copies).buffered(AT_ONCE).collect().await;
    let mut staged = Vec::with_capacity(next.len());
    let mut problems = Vec::new();
    for result in results {
        match result? {
            Frozen::Staged(file) => staged.push(*file),
            Frozen::Gone(name) => problems.push(format!("{name} is gone")),
            Frozen::Differs { name, said, has } => problems.push(format!("{name} has {has} bytes instead of {said}")),
        }
    }
    Ok(if problems.is_empty() { Ok(staged) } else { Err(complain(&problems)) })
}

fn fitting(files: &[Declared]) -> usize {
    let mut bytes = 0_u64;
    let fits = files.iter().take(FILES).take_while(|file| {
        let fits = bytes < BYTES;
        bytes = bytes.saturating_add(file.size);
        fits
    });
    fits.count()
}

async fn freeze(ports: &Ports, request: &Request, file: &Declared) -> Result<Frozen, PortError> {
    let round = request.round().number;
    let source =
        ObjectVersion { area: Area::Source, key: file.source.key.clone(), version: file.source.version.clone() };
    let key = request.staging_key(round, file.path.as_str());
    let place = Place { area: Area::Staging, owner: Some((request.id, round)), key };
    let (copy, measured) = match ports.objects.freeze(&source, &place).await {
        Ok(frozen) => frozen,
        Err(error) if error.kind == Kind::Missing => return Ok(Frozen::Gone(show(file.path.as_str()))),
        Err(error) => return Err(error),
    };
    if measured.size != file.size {
        let name = show(file.path.as_str());
        return Ok(Frozen::Differs { name, said: file.size, has: measured.size });
    }
    Ok(Frozen::Staged(Box::new(Verified {
        declared: file.clone(),
        digest: measured.digest,
        crc32: measured.crc32,
        staged_key: copy.key,
        staged_version: copy.version,
    })))
}

fn complain(problems: &[String]) -> String {
    let named = problems.iter().take(NAMES).cloned().collect::<Vec<_>>().join("; ");
    let more = problems.len().saturating_sub(NAMES);
    let rest = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!(
        "The files cannot be staged as they were submitted: {named}{rest}. Nothing will be reviewed. Submit the folder again, so that its versions are noted anew."
    )
}
