//! List files: what one round of a request holds, page by page.

use bytes::Bytes;

use crate::archive::{ManifestDocument, ManifestFile};
use crate::domain::content::{Content, HEAD_BYTES};
use crate::domain::digest::Digest;
use crate::domain::id::RoundNumber;
use crate::domain::manifest::{Declared, Manifest, ManifestReference, Verified};
use crate::domain::permission::MayView;
use crate::domain::release::RecordReference;
use crate::domain::request::{Request, Submission};
use crate::ports::object_store::{Area, ObjectVersion};
use crate::ports::{PortError, Ports};
use crate::records;

/// A file as people see it. Where its bytes are is nobody's business but [`content`]'s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its place in the manifest, from 0.
    pub index: usize,
    /// The path under which it will leave.
    pub path: String,
    /// The name that it was submitted under, where that had to be made portable.
    pub submitted_as: Option<String>,
    /// Bytes: as measured once it is frozen, as declared before.
    pub size: u64,
    /// The digest of its bytes, once it is frozen.
    pub digest: Option<Digest>,
    /// Where its bytes are, for as long as they are kept.
    staged: Option<ObjectVersion>,
}

/// A page of files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The files, in path order.
    pub files: Vec<Listed>,
    /// How many there are in all.
    pub total: usize,
}

/// Answers `first` files of a round from the place `from`: what is decided upon once everything is frozen, what was
/// declared before that. A round that is not known, or of which nothing is on record yet, has none.
pub async fn run(
    ports: &Ports,
    _may: &MayView,
    (request, round): (&Request, RoundNumber),
    (from, first): (usize, usize),
) -> Result<Page, PortError> {
    let Some(round) = request.rounds.iter().find(|candidate| candidate.number == round) else {
        return Ok(Page::default());
    };
    if let Some(frozen) = &round.frozen {
        let manifest = records::share::<Manifest<Verified>>(ports, frozen).await?;
        return Ok(page(manifest.files(), (from, first), staged));
    }
    if let Some(manifest) = &round.manifest {
        let document = records::share::<ManifestDocument>(ports, &reference(manifest)).await?;
        return Ok(page(&document.files, (from, first), frozen));
    }
    let submitted = match &round.submission {
        Submission::Files(declared) => Some(declared),
        Submission::Notice(_) => None,
    };
    let Some(declared) = round.declared.as_ref().or(submitted) else { return Ok(Page::default()) };
    let manifest = records::share::<Manifest<Declared>>(ports, &reference(declared)).await?;
    Ok(page(manifest.files(), (from, first), declared_only))
}

/// What a file holds, by its first bytes; none if they are not kept, or cannot be read now.
pub async fn content(ports: &Ports, _may: &MayView, file: &Listed) -> Option<Content> {
    let staged = file.staged.as_ref()?;
    let length = file.size.min(HEAD_BYTES);
    let head = if length == 0 { Bytes::new() } else { ports.objects.read(staged, 0, length).await.ok()? };
    Some(Content::of(&head, file.size))
}

fn reference(manifest: &ManifestReference) -> RecordReference {
    RecordReference { key: manifest.key.clone(), digest: manifest.digest }
}

fn page<F>(files: &[F], (from, first): (usize, usize), list: impl Fn((usize, &F)) -> Listed) -> Page {
    Page { files: files.iter().enumerate().skip(from).take(first).map(list).collect(), total: files.len() }
}

fn frozen((index, file): (usize, &ManifestFile)) -> Listed {
    let (path, submitted_as) = (file.path.clone(), file.submitted_as.clone());
    Listed { index, path, submitted_as, size: file.size, digest: Some(file.digest), staged: None }
}

fn staged((index, file): (usize, &Verified)) -> Listed {
    let (key, version) = (file.staged_key.clone(), file.staged_version.clone());
    Listed {
        digest: Some(file.digest),
        staged: Some(ObjectVersion { area: Area::Staging, key, version }),
        ..declared_only((index, &file.declared))
    }
}

fn declared_only((index, file): (usize, &Declared)) -> Listed {
    Listed {
        index,
        path: file.path.to_string(),
        submitted_as: file.submitted_as.clone(),
        size: file.size,
        digest: None,
        staged: None,
    }
}
