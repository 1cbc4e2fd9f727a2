//! Moving files between a house and a backup.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use workflow::ports::object_store::Measured;

use crate::object_store::copy;

/// Makes the folder of a file, for its owner alone.
pub(super) fn make_room(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Copies a file and measures it on the way.
pub(super) fn copy_file(from: &Path, to: &Path) -> io::Result<Measured> {
    use std::os::unix::fs::OpenOptionsExt as _;
    make_room(to)?;
    let mut target = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    copy(File::open(from)?, &mut target)
}

/// Gives a file a second name where the file system can; false where it cannot.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<bool> {
    make_room(to)?;
    match fs::hard_link(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
        Err(_) => Ok(false),
    }
}

/// All files below a folder, by their paths from there; none if there is no such folder.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<String>> {
    let (mut found, mut open) = (Vec::new(), vec![String::new()]);
    while let Some(prefix) = open.pop() {
        let entries = match fs::read_dir(folder.join(&prefix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push(name + "/");
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}
