//! Comparing what rows say with what is on the disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use workflow::ports::PortResult;
use workflow::ports::object_store::Measured;

use super::{ObjectStore, PORT, file_of, measure, row};
use crate::backup::files_below;
use crate::failure::{OfPort, blocking};

/// A file that is younger may be on its way to its row.
const GRACE: Duration = Duration::from_hours(1);

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Files that rows name.
    pub files: u64,
    /// What is wrong with them.
    pub problems: Vec<String>,
    /// Files that no row names, by their paths in the data directory.
    pub unnamed: Vec<String>,
}

impl ObjectStore {
    /// Compares all rows with all files; with `bytes`, every digest too. What comes and goes meanwhile is no problem.
    pub async fn survey(&self, bytes: bool) -> PortResult<Survey> {
        let rows = self.read_rows("list all versions", row::here).await?;
        let root = self.root().to_owned();
        let named: HashMap<PathBuf, Measured> =
            rows.into_iter().map(|row| (file_of(&root, &row), row.measured)).collect();
        let (suspects, mut survey) =
            blocking(move || compare(&root, &named, bytes)).await.of_port(PORT, || "look at the files".to_owned())?;
        let still = self.read_rows("list all versions again", row::here).await?;
        let root = self.root().to_owned();
        let still: Vec<PathBuf> = still.iter().map(|row| file_of(&root, row)).collect();
        let lasting = suspects.into_iter().filter(|(path, _)| still.contains(path));
        survey.problems = lasting.map(|(_, problem)| problem).collect();
        Ok(survey)
    }

    /// Removes a file that a survey found without a row, if it still has none; tells whether it did. Archives of the
    /// release area are never removed: they may have been released before a backup was brought back.
    pub async fn remove_unnamed_file(&self, path: &str) -> PortResult<bool> {
        let (file, disk) = (self.root().join(path), self.ground.disk.clone());
        let Some(version) = path.strip_prefix("source/").and_then(|path| path.rsplit('/').next()) else {
            return Ok(false);
        };
        let version = version.to_owned();
        if self.read_rows("look for a row", move |c| row::is_here(c, &version)).await? {
            return Ok(false);
        }
        blocking(move || disk.remove(&file)).await.of_port(PORT, || "remove a file without a row".to_owned())?;
        Ok(true)
    }
}

type Suspects = Vec<(PathBuf, String)>;

fn compare(root: &Path, named: &HashMap<PathBuf, Measured>, bytes: bool) -> std::io::Result<(Suspects, Survey)> {
    let mut survey = Survey { files: named.len() as u64, ..Survey::default() };
    let mut suspects = Suspects::new();
    for (path, measured) in named {
        let shown = path.strip_prefix(root).unwrap_or(path).display();
        match look_at(path, measured, bytes) {
            Ok(None) => {}
            Ok(Some(problem)) => suspects.push((path.clone(), format!("{shown} {problem}"))),
            Err(error) => suspects.push((path.clone(), format!("{shown} cannot be read ({error})"))),
        }
    }
    for area in ["blobs", "source", "release"] {
        for path in files_below(&root.join(area))? {
            let path = format!("{area}/{path}");
            let whole = root.join(&path);
            if !named.contains_key(&whole) && is_old(&whole) {
                survey.unnamed.push(path);
            }
        }
    }
    Ok((suspects, survey))
}

fn look_at(path: &Path, expected: &Measured, bytes: bool) -> std::io::Result<Option<&'static str>> {
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some("is not there")),
        opened => opened?,
    };
    if file.metadata()?.len() != expected.size {
        return Ok(Some("has another size than was recorded"));
    }
    let is_changed = bytes && measure::file(&file)? != *expected;
    Ok(is_changed.then_some("holds other bytes than were recorded"))
}

/// A file that is gone meanwhile is nobody's concern.
fn is_old(path: &Path) -> bool {
    let modified = path.symlink_metadata().and_then(|file| file.modified());
    modified.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > GRACE))
}
