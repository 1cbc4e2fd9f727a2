//! Bringing files in: what a folder holds becomes versions of the source.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use workflow::domain::manifest::{Declared, SourceVersion};
use workflow::domain::path::{SafePath, show};
use workflow::domain::text::BucketName;
use workflow::ports::object_store::{Area, Measured, ObjectVersion};
use workflow::ports::{Kind, PortError};

use super::error::LoadError;
use super::steady::copy_steadily;
use super::walk::{Folder, text};
use super::{SourceArea, list};
use crate::failure::blocking;

/// So many files are copied at once.
const AT_ONCE: usize = 8;

/// The bucket that holds what was submitted from this machine.
const SUBMITTED: &str = "submitted";

/// What was brought in.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The files, as a submission declares them, by name.
    pub declared: Vec<Declared>,
    /// The platform's version list of them (wire contract D2).
    pub list: Vec<u8>,
}

/// One file to bring in.
struct Wanted {
    folder: Arc<Folder>,
    /// Its name in the folder.
    name: String,
    /// Its name in the submission.
    path: String,
}

/// One file that was brought in.
pub(super) struct Brought {
    pub(super) declared: Declared,
    pub(super) measured: Measured,
    pub(super) at: Timestamp,
}

impl SourceArea {
    /// Stores all files of a folder as versions below `prefix` of a bucket. Again: further versions.
    pub async fn load_folder(&self, bucket: &BucketName, prefix: &str, folder: &Path) -> Result<Loaded, LoadError> {
        let path = folder.to_owned();
        let wanted = blocking(move || files_of(&path, "")).await?;
        let prefix = if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") };
        let brought = self.bring(bucket, &prefix, wanted).await?;
        let marker = if prefix.is_empty() { None } else { Some(self.store(bucket, &prefix, std::io::empty()).await?) };
        let list = list::write(bucket.as_str(), marker.as_ref(), &brought);
        Ok(Loaded { declared: brought.into_iter().map(|file| file.declared).collect(), list })
    }

    /// Stores the version list of a submission where its notice says that it is.
    pub async fn store_list(&self, bucket: &BucketName, key: &str, loaded: &Loaded) -> Result<(), LoadError> {
        self.store(bucket, key, std::io::Cursor::new(loaded.list.clone())).await?;
        Ok(())
    }

    /// Stores the files and folders that somebody submits from this machine. One folder stands for what is in it;
    /// of several things, each keeps its own name.
    pub async fn load_paths(&self, paths: &[PathBuf]) -> Result<Vec<Declared>, LoadError> {
        let paths = paths.to_vec();
        let wanted = blocking(move || files_of_all(&paths)).await?;
        let operation = || PortError::new(super::PORT, "name the bucket of submissions", Kind::Denied);
        let bucket = BucketName::parse(SUBMITTED).map_err(|bad| operation().because(bad))?;
        let prefix = format!("{}/", self.ground.ids.name());
        let brought = self.bring(&bucket, &prefix, wanted).await?;
        Ok(brought.into_iter().map(|file| file.declared).collect())
    }

    /// Stores all files, or none: what cannot leave is found before the first byte is copied, and what was copied when
    /// something else went wrong is taken back.
    async fn bring(&self, bucket: &BucketName, prefix: &str, wanted: Vec<Wanted>) -> Result<Vec<Brought>, LoadError> {
        let named: Vec<(SafePath, Wanted)> = wanted
            .into_iter()
            .map(|file| Ok((SafePath::parse(&file.path)?, file)))
            .collect::<Result<_, LoadError>>()?;
        let has_failed = AtomicBool::new(false);
        let copies = named.into_iter().map(async |file| {
            if has_failed.load(Ordering::Relaxed) {
                return None;
            }
            let result = self.bring_one(bucket, prefix, file).await;
            has_failed.fetch_or(result.is_err(), Ordering::Relaxed);
            Some(result)
        });
        let results: Vec<_> = stream::iter(copies).buffered(AT_ONCE).filter_map(std::future::ready).collect().await;
        let (brought, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        let brought = brought.into_iter().flatten();
        match failed.into_iter().find_map(Result::err) {
            None => Ok(brought.collect()),
            Some(error) => {
                self.take_back(brought.map(|file| version_of(file.declared.source)).collect()).await?;
                Err(error)
            }
        }
    }

    async fn bring_one(
        &self,
        bucket: &BucketName,
        prefix: &str,
        (path, wanted): (SafePath, Wanted),
    ) -> Result<Brought, LoadError> {
        let submitted_as = (path.as_str() != wanted.path).then(|| wanted.path.clone());
        let key = format!("{prefix}{}", wanted.path);
        let shown = show(&wanted.path);
        let file = Arc::new(wanted);
        let (measured, unreadable) =
            (Arc::clone(&file), |source| LoadError::Unreadable { path: (&shown).into(), source });
        let size =
            blocking(move || measured.folder.open_file(&measured.name)?.metadata()).await.map_err(unreadable)?.len();
        let copy = move |target: &mut std::fs::File| {
            copy_steadily(|| file.folder.open_file(&file.name), target)?.ok_or_else(|| std::io::Error::other(Changing))
        };
        let stored = self.store_from(bucket, &key, size, copy).await;
        let (object, measured) = stored.map_err(|error| complain(error, shown))?;
        let source = SourceVersion { key: object.key, version: object.version };
        let declared = Declared { path, submitted_as, source, size: measured.size };
        Ok(Brought { declared, measured, at: self.ground.clock.now() })
    }
}

fn version_of(source: SourceVersion) -> ObjectVersion {
    ObjectVersion { area: Area::Source, key: source.key, version: source.version }
}

/// Carries through the port that a file would not hold still.
#[derive(Debug, thiserror::Error)]
#[error("the file was changed each time it was read")]
struct Changing;

fn complain(error: PortError, name: String) -> LoadError {
    let source = error.source.as_ref().and_then(|source| source.downcast_ref::<std::io::Error>());
    if source.and_then(std::io::Error::get_ref).is_some_and(<dyn std::error::Error + Send + Sync>::is::<Changing>) {
        return LoadError::Changing { name };
    }
    LoadError::Port(error)
}

fn files_of_all(paths: &[PathBuf]) -> Result<Vec<Wanted>, LoadError> {
    if let [only] = paths
        && only.is_dir()
    {
        return files_of(only, "");
    }
    let mut wanted = Vec::new();
    for path in paths {
        // The last part of `.` or `..` has no name of its own.
        let unreadable = |source| LoadError::Unreadable { path: path.clone(), source };
        let whole = path.canonicalize().map_err(unreadable)?;
        let name = text(path.file_name().or(whole.file_name()).unwrap_or_default())?;
        if whole.is_dir() {
            wanted.extend(files_of(&whole, &format!("{name}/"))?);
        } else {
            wanted.push(file_of(&whole, name)?);
        }
    }
    Ok(wanted)
}

fn files_of(folder: &Path, prefix: &str) -> Result<Vec<Wanted>, LoadError> {
    let opened = Folder::open(folder).map_err(|source| LoadError::Unreadable { path: folder.to_owned(), source })?;
    let opened = Arc::new(opened);
    let wanted = |name: String| Wanted { folder: Arc::clone(&opened), path: format!("{prefix}{name}"), name };
    Ok(opened.names()?.into_iter().map(wanted).collect())
}

fn file_of(file: &Path, path: String) -> Result<Wanted, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: file.to_owned(), source };
    let above = file.parent().unwrap_or(Path::new("/"));
    let folder = Arc::new(Folder::open(above).map_err(unreadable)?);
    let name = text(file.file_name().unwrap_or_default())?;
    folder.open_file(&name).map_err(unreadable)?;
    Ok(Wanted { folder, name, path })
}
