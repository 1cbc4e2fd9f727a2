//! The manifest: the list of files, versions, sizes and digests that is being decided upon.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::path::{BadPath, SafePath, show};

/// A version of one object in the source area, as the platform's version list names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceVersion {
    /// The bucket and key, joined with `/`.
    pub key: String,
    /// The version.
    pub version: String,
}

/// A file as it was declared at submission: which version of which object, and how large it is said to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The path under which it will leave.
    pub path: SafePath,
    /// The name it was submitted under, where that had to be made portable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_as: Option<String>,
    /// Where the bytes are.
    pub source: SourceVersion,
    /// Bytes, as declared.
    pub size: u64,
}

/// A file as it was staged: the bytes are frozen and measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// What was declared; its size is the size that was measured.
    #[serde(flatten)]
    pub declared: Declared,
    /// The digest of the bytes.
    pub digest: Digest,
    /// The CRC-32 (IEEE) of the bytes, as zip archives carry it.
    pub crc32: u32,
    /// The key in the staging area.
    pub staged_key: String,
    /// The version in the staging area.
    pub staged_version: String,
}

/// A list of files in path order in which no two names collide. Its type says how far it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest<File> {
    files: Vec<File>,
    #[serde(skip)]
    state: PhantomData<File>,
}

/// Says why a list of files cannot become a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    /// There is no file in it.
    #[error("there is no file to review in the submitted folder")]
    Empty,
    /// A name cannot be used.
    #[error(transparent)]
    Path(#[from] BadPath),
    /// Two names would be one file on some system.
    #[error("the names {first} and {second} would be the same file on some systems; rename one of them")]
    Collision {
        /// The first name.
        first: String,
        /// The second name.
        second: String,
    },
    /// A name is a file and a folder at once.
    #[error("the name {file} is used for a file and for a folder; rename one of them")]
    FileAndFolder {
        /// The name that is both.
        file: String,
    },
}

impl Manifest<Declared> {
    /// Sorts the files by path and refuses names that collide after NFC and case folding, or that are both file and
    /// folder.
    pub fn declare(mut files: Vec<Declared>) -> Result<Self, BadManifest> {
        if files.is_empty() {
            return Err(BadManifest::Empty);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut seen: BTreeMap<String, &SafePath> = BTreeMap::new();
        for file in &files {
            if let Some(first) = seen.insert(file.path.collision_key(), &file.path) {
                return Err(BadManifest::Collision { first: show(first.as_str()), second: show(file.path.as_str()) });
            }
        }
        for key in seen.keys() {
            if let Some(path) = folders_of(key).find_map(|folder| seen.get(folder)) {
                return Err(BadManifest::FileAndFolder { file: show(path.as_str()) });
            }
        }
        Ok(Self { files, state: PhantomData })
    }

    /// All bytes, as declared. Sizes come from strangers: their sum may be more than can be counted.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.size))
    }
}

fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

impl Manifest<Verified> {
    /// All bytes, as measured.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.declared.size))
    }

    /// Seals the declared list with what staging measured. `staged` must be the declared files in the same order;
    /// anything else is none.
    pub fn verify(declared: &Manifest<Declared>, staged: Vec<Verified>) -> Option<Self> {
        let same = declared.files.len() == staged.len()
            && declared.files.iter().zip(&staged).all(|(d, s)| {
                d.path == s.declared.path && d.source == s.declared.source && d.submitted_as == s.declared.submitted_as
            });
        same.then_some(Self { files: staged, state: PhantomData })
    }
}

impl<File> Manifest<File> {
    /// The files, in path order.
    pub fn files(&self) -> &[File] {
        &self.files
    }
}

/// A manifest that is stored as an object: what a row holds of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestReference {
    /// The key in the records area.
    pub key: String,
    /// The digest of the stored bytes: what a decision names.
    pub digest: Digest,
    /// How many files it lists.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> Declared {
        Declared {
            path: SafePath::parse(path).unwrap(),
            submitted_as: None,
            source: SourceVersion { key: format!("b/{path}"), version: "v".into() },
            size: 1,
        }
    }

    #[test]
    fn the_same_base_name_in_two_folders_is_two_files() {
        let manifest = Manifest::declare(vec![file("y/r.csv"), file("x/r.csv")]).unwrap();
        let paths: Vec<_> = manifest.files().iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["x/r.csv", "y/r.csv"]);
    }

    #[test]
    fn names_that_are_equal_without_case_are_refused_with_both_names() {
        let refusal = Manifest::declare(vec![file("A.csv"), file("a.csv")]).unwrap_err().to_string();
        assert!(refusal.contains("'A.csv'") && refusal.contains("'a.csv'"), "{refusal}");
    }

    #[test]
    fn a_name_cannot_be_file_and_folder() {
        assert!(matches!(Manifest::declare(vec![file("a"), file("a/b")]), Err(BadManifest::FileAndFolder { .. })));
        assert!(Manifest::declare(vec![file("a"), file("a-b/c")]).is_ok());
    }

    #[test]
    fn an_empty_folder_is_refused() {
        assert_eq!(Manifest::declare(vec![]).unwrap_err(), BadManifest::Empty);
    }
}
