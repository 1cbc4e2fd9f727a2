//! The platform's version list: one JSON file per submission that names the exact version of every file.

use serde::Deserialize;

use super::manifest::{BadManifest, Declared, Manifest, SourceVersion};
use super::path::{BadPath, SafePath, show};

#[derive(Deserialize)]
struct List {
    objects: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key: String,
    size: u64,
    version_id: Option<String>,
}

/// Says why a version list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVersionList {
    /// It is not the JSON that the platform writes. What it holds is not repeated: it is a stranger's.
    #[error(
        "the platform's version list cannot be read (line {line}, column {column} is not what the platform writes)"
    )]
    Unreadable {
        /// Where, from 1; 0 if it is empty.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It lists an object that is not below the folder that was submitted.
    #[error("the version list names {0}, which is not in the folder that was submitted")]
    Outside(String),
    /// It does not say which version of an object is meant.
    #[error("the version list names no version for {0}")]
    NoVersion(String),
    /// Its names cannot become a manifest.
    #[error(transparent)]
    Manifest(#[from] BadManifest),
}

impl From<BadPath> for BadVersionList {
    fn from(bad: BadPath) -> Self {
        Self::Manifest(bad.into())
    }
}

/// Reads a version list (wire contract D2) for the folder `prefix` of `bucket`.
///
/// The prefix is compared as a folder: `ws-1` does not hold `ws-10/x`. Folder markers (keys that end in `/`) are
/// skipped.
pub fn read(json: &[u8], bucket: &str, prefix: &str) -> Result<Manifest<Declared>, BadVersionList> {
    let list: List =
        serde_json::from_slice(json).map_err(|e| BadVersionList::Unreadable { line: e.line(), column: e.column() })?;
    let folder = if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") };
    let files = list
        .objects
        .into_iter()
        .filter(|entry| !entry.key.ends_with('/'))
        .map(|entry| declare(entry, bucket, &folder))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Manifest::declare(files)?)
}

fn declare(entry: Entry, bucket: &str, folder: &str) -> Result<Declared, BadVersionList> {
    let name = entry.key.strip_prefix(folder).ok_or_else(|| BadVersionList::Outside(show(&entry.key)))?;
    let path = SafePath::parse(name)?;
    let submitted_as = (path.as_str() != name).then(|| name.to_owned());
    let version = entry.version_id.filter(|v| !v.is_empty()).ok_or_else(|| BadVersionList::NoVersion(show(name)))?;
    let source = SourceVersion { key: format!("{bucket}/{}", entry.key), version };
    Ok(Declared { path, submitted_as, source, size: entry.size })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(keys: &[&str]) -> Vec<u8> {
        let objects: Vec<_> =
            keys.iter().map(|k| serde_json::json!({"Key": k, "Size": 3, "VersionId": "v1", "ETag": "\"e\""})).collect();
        serde_json::to_vec(&serde_json::json!({ "objects": objects })).unwrap()
    }

    #[test]
    fn a_neighbour_with_a_longer_name_is_not_in_the_folder() {
        assert!(matches!(read(&list(&["ws-10/a.csv"]), "b", "ws-1"), Err(BadVersionList::Outside(_))));
        assert!(read(&list(&["ws-1/a.csv"]), "b", "ws-1").is_ok());
    }

    #[test]
    fn only_the_folder_marker_is_an_empty_submission() {
        assert_eq!(read(&list(&["ws/"]), "b", "ws/"), Err(BadVersionList::Manifest(BadManifest::Empty)));
    }

    #[test]
    fn whole_paths_are_kept() {
        let manifest = read(&list(&["ws/", "ws/y/r.csv", "ws/x/r.csv"]), "b", "ws/").unwrap();
        assert_eq!(manifest.files().len(), 2);
        assert_eq!(manifest.files()[0].source.key, "b/ws/x/r.csv");
    }

    #[test]
    fn what_is_not_a_list_is_a_sentence() {
        assert!(read(b"<xml/>", "b", "ws/").unwrap_err().to_string().starts_with("the platform's version list cannot"));
        assert!(read(br#"{"objects":[{"Key":"ws/a","Size":1}]}"#, "b", "ws/").unwrap_err().to_string().contains("'a'"));
    }
}
