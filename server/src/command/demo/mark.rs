//! The mark of a demo: a directory that has it holds nothing real, and everybody knows its passwords.

use std::fs::DirEntry;
use std::io::{self, Write as _};
use std::path::Path;

use infra_embedded::House;
use infra_embedded::house::config;

use crate::failure::Failure;

const MARK: &str = "DEMO.txt";
/// How files begin that are being written.
const DRAFT: &str = ".draft";

const TEXT: &str = "\
This directory was made by `lockgate demo`. Its people are invented and their passwords are known to everybody, so nothing
real belongs here. `lockgate demo --fresh` empties it; when you have seen enough, delete it.
";

/// Tells whether a demo made this directory.
pub(crate) fn is_set(dir: &Path) -> bool {
    dir.join(MARK).is_file()
}

/// Makes the data directory of a demo. Again: what is not there yet, and nothing else. A directory that holds something
/// and that no demo made is left as it is.
pub(super) fn prepare(dir: &Path) -> Result<(), Failure> {
    if !is_set(dir) {
        begin(dir)?;
    }
    // The configuration follows the mark: a demo that is killed here finds its own directory again.
    if !dir.join("lockgate.toml").exists() {
        write(dir, "lockgate.toml", config::TEMPLATE)?;
    }
    Ok(House::init(dir)?)
}

/// Deletes what an earlier demo left, save the mark. Again: nothing.
pub(super) fn clear(dir: &Path) -> Result<(), Failure> {
    if !is_set(dir) {
        return begin(dir);
    }
    // The house itself says that it is in use.
    prepare(dir)?;
    let cleared = entries(dir).and_then(|entries| entries.iter().try_for_each(delete));
    cleared.map_err(|error| {
        Failure::unreachable(format!(
            "{} cannot be emptied: {error}. Part of it may be gone; delete it by hand.",
            dir.display()
        ))
    })
}

fn begin(dir: &Path) -> Result<(), Failure> {
    let cannot = |error| Failure::unreachable(format!("{} cannot be made: {error}.", dir.display()));
    std::fs::create_dir_all(dir).map_err(cannot)?;
    let is_draft = |entry: &DirEntry| entry.file_name().to_string_lossy().starts_with(DRAFT);
    if !entries(dir).map_err(cannot)?.iter().all(is_draft) {
        return Err(Failure::conflict(format!(
            "{} holds something that no demo made. Nothing was changed. Name another directory with --dir.",
            dir.display()
        )));
    }
    write(dir, MARK, TEXT)
}

/// Writes a file that is there whole or not at all.
fn write(dir: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let written = tempfile::Builder::new().prefix(DRAFT).tempfile_in(dir).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file.persist(dir.join(name))?)
    });
    written
        .map(drop)
        .map_err(|error| Failure::unreachable(format!("{} cannot be written: {error}.", dir.join(name).display())))
}

fn entries(dir: &Path) -> io::Result<Vec<DirEntry>> {
    std::fs::read_dir(dir)?.collect()
}

fn delete(entry: &DirEntry) -> io::Result<()> {
    if entry.file_name() == MARK {
        return Ok(());
    }
    if entry.file_type()?.is_dir() { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_emptied_halfway_is_still_a_demo() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("demo");
        prepare(&dir).unwrap();
        clear(&dir).unwrap();
        assert_eq!(entries(&dir).unwrap().len(), 1);
        assert!(is_set(&dir));
        prepare(&dir).unwrap();
    }

    #[test]
    fn a_house_that_no_demo_made_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        House::init(folder.path()).unwrap();
        let before = entries(folder.path()).unwrap().len();
        assert!(prepare(folder.path()).is_err() && clear(folder.path()).is_err());
        assert_eq!(entries(folder.path()).unwrap().len(), before);
    }
}
