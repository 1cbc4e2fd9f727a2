//! Buckets that are folders of the machine: `sources.toml` says which.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;
use workflow::domain::text::BucketName;
use workflow::ports::object_store::{Area, ObjectVersion};

use super::steady::{SourceFile, Stamp};
use super::walk::Folder;

/// Why `sources.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadSources {
    /// It cannot be read.
    #[error("{} cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is not what it should be.
    #[error("{} is not usable: {problem}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sources {
    #[serde(default)]
    bucket: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    folder: PathBuf,
    versions: Option<PathBuf>,
}

/// The buckets that are mapped to folders. Each may have a version list, or a folder of them: then a file counts only
/// as the version that a list gives it. Without, a file's version is told from its inode, size and time.
#[derive(Debug, Clone, Default)]
pub struct Mapped {
    buckets: Arc<HashMap<String, Arc<Bucket>>>,
}

#[derive(Debug)]
struct Bucket {
    folder: PathBuf,
    lists: Option<Lists>,
}

impl Mapped {
    /// Reads `sources.toml`; without the file nothing is mapped. Folders are meant from where the file is.
    pub fn read(path: &Path) -> Result<Self, BadSources> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(BadSources::Unreadable(path.to_owned(), error)),
        };
        let unusable = |problem: String| BadSources::Unusable { path: path.to_owned(), problem };
        let sources: Sources = toml::from_str(&text).map_err(|error| unusable(error.message().to_owned()))?;
        let base = path.parent().unwrap_or(Path::new("."));
        let mut buckets = HashMap::new();
        for entry in sources.bucket {
            BucketName::parse(entry.name.clone()).map_err(|bad| unusable(bad.to_string()))?;
            let lists = entry.versions.map(|versions| Lists::new(base.join(versions)));
            let bucket = Bucket { folder: base.join(entry.folder), lists };
            if buckets.insert(entry.name.clone(), Arc::new(bucket)).is_some() {
                return Err(unusable(format!("the bucket {} is mapped twice", entry.name)));
            }
        }
        Ok(Self { buckets: Arc::new(buckets) })
    }

    pub(super) fn has(&self, bucket: &str) -> bool {
        self.buckets.contains_key(bucket)
    }

    /// The object that a whole key means, if its bucket is mapped.
    pub(super) fn find(&self, key: &str) -> Option<MappedObject> {
        let (name, below) = key.split_once('/')?;
        let bucket = Arc::clone(self.buckets.get(name)?);
        Some(MappedObject { bucket, whole: key.to_owned(), key: below.to_owned() })
    }
}

/// An object of a mapped bucket.
pub(super) struct MappedObject {
    bucket: Arc<Bucket>,
    whole: String,
    key: String,
}

impl MappedObject {
    pub(super) fn latest(&self) -> io::Result<Option<ObjectVersion>> {
        let Some(stamp) = self.stamp()? else { return Ok(None) };
        let version = match &self.bucket.lists {
            Some(lists) => lists.index()?.latest.get(&self.key).cloned(),
            None => Some(stamp.as_version()),
        };
        Ok(version.map(|version| ObjectVersion { area: Area::Source, key: self.whole.clone(), version }))
    }

    /// The file, if it is that version.
    pub(super) fn open(&self, version: &str) -> io::Result<Option<SourceFile>> {
        let Some(file) = absent_is_none(Folder::open(&self.bucket.folder)?.open_file(&self.key))? else {
            return Ok(None);
        };
        let metadata = file.metadata()?;
        let is_version = match &self.bucket.lists {
            Some(lists) => {
                let index = lists.index()?;
                index.sizes.get(&(self.key.clone(), version.to_owned())) == Some(&metadata.len())
            }
            None => Stamp::of(&metadata).as_version() == version,
        };
        if is_version { SourceFile::foreign(file).map(Some) } else { Ok(None) }
    }

    fn stamp(&self) -> io::Result<Option<Stamp>> {
        let file = absent_is_none(Folder::open(&self.bucket.folder)?.open_file(&self.key))?;
        file.map(|file| Ok(Stamp::of(&file.metadata()?))).transpose()
    }
}

fn absent_is_none<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// Version lists on disk, read again when one of them has changed.
#[derive(Debug)]
struct Lists {
    path: PathBuf,
    read: Mutex<Option<(Vec<Mark>, Arc<Index>)>>,
}

/// Tells whether a list was changed since it was read.
type Mark = (PathBuf, SystemTime, u64);

#[derive(Debug, Default)]
struct Index {
    sizes: HashMap<(String, String), u64>,
    latest: HashMap<String, String>,
}

#[derive(Deserialize)]
struct List {
    objects: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    key: String,
    size: u64,
    version_id: Option<String>,
}

impl Lists {
    fn new(path: PathBuf) -> Self {
        Self { path, read: Mutex::new(None) }
    }

    fn index(&self) -> io::Result<Arc<Index>> {
        let marks = self.marks()?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, index)) = read.as_ref()
            && *known == marks
        {
            return Ok(Arc::clone(index));
        }
        let mut index = Index::default();
        for (path, ..) in &marks {
            index.add(path)?;
        }
        let index = Arc::new(index);
        *read = Some((marks, Arc::clone(&index)));
        Ok(index)
    }

    /// All lists, the oldest first: a newer one has the last word on what is latest.
    fn marks(&self) -> io::Result<Vec<Mark>> {
        let paths = if self.path.is_dir() {
            std::fs::read_dir(&self.path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?
        } else {
            vec![self.path.clone()]
        };
        let lists = paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let mut marks = lists
            .map(|path| {
                let metadata = std::fs::metadata(&path)?;
                Ok((path, metadata.modified()?, metadata.len()))
            })
            .collect::<io::Result<Vec<Mark>>>()?;
        marks.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        Ok(marks)
    }
}

impl Index {
    fn add(&mut self, path: &Path) -> io::Result<()> {
        let unusable = |problem: serde_json::Error| {
            let sentence = format!("the version list {} cannot be read ({problem})", path.display());
            io::Error::new(io::ErrorKind::InvalidData, sentence)
        };
        let list: List = serde_json::from_slice(&std::fs::read(path)?).map_err(unusable)?;
        for listed in list.objects {
            let Some(version) = listed.version_id else { continue };
            self.latest.insert(listed.key.clone(), version.clone());
            self.sizes.insert((listed.key, version), listed.size);
        }
        Ok(())
    }
}
