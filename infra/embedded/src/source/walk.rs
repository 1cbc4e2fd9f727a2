//! Walking a researcher's folder: nothing outside it is ever opened, whatever links it holds.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use workflow::domain::path::show;

use super::error::LoadError;

/// A folder that is open.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    dir: Dir,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), dir: Dir::open_ambient_dir(path, ambient_authority())? })
    }

    /// The names of all files below, with `/` between their parts, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>, LoadError> {
        let mut names = Vec::new();
        let mut open = vec![String::new()];
        while let Some(folder) = open.pop() {
            self.look_into(&folder, &mut names, &mut open)?;
        }
        names.sort_unstable();
        Ok(names)
    }

    fn look_into(&self, folder: &str, names: &mut Vec<String>, open: &mut Vec<String>) -> Result<(), LoadError> {
        let unreadable = |source| LoadError::Unreadable { path: self.path.join(folder), source };
        let dir = if folder.is_empty() { self.dir.try_clone() } else { self.dir.open_dir(folder) };
        for entry in dir.and_then(|dir| dir.entries()).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = below(folder, &text(&entry.file_name())?);
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                open.push(name);
            } else if kind.is_file() {
                names.push(name);
            } else {
                return Err(LoadError::NotAFile { name: show(&name) });
            }
        }
        Ok(())
    }

    /// Opens a file below for reading. A link that leads out of the folder does not open, and neither does what is no
    /// file; a pipe does not block.
    pub(crate) fn open_file(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let no_block = rustix::fs::OFlags::NONBLOCK.bits();
        options.read(true).custom_flags(i32::try_from(no_block).unwrap_or(0));
        let file = self.dir.open_with(name, &options)?.into_std();
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
        }
        Ok(file)
    }
}

/// A name as text, or the sentence that shows it escaped.
pub(crate) fn text(name: &OsStr) -> Result<String, LoadError> {
    let shown = || name.as_encoded_bytes().escape_ascii().to_string();
    name.to_str().map(str::to_owned).ok_or_else(|| LoadError::NotUtf8 { shown: shown() })
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
