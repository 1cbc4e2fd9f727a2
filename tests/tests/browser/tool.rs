//! Where things lie: what `cargo xtask test` installed, and what these tests leave to be looked at.

use std::path::{Path, PathBuf};

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A file of a judge from the registry of Node.
pub(crate) fn judge(path: &str) -> PathBuf {
    let file = target().join("tools/node_modules").join(path);
    assert!(file.exists(), "{} is not there: `cargo xtask test` installs the judges", file.display());
    file
}

/// A folder for what people look at afterwards, such as screenshots.
pub(crate) fn exhibits(folder: &str) -> PathBuf {
    let folder = target().join("browser").join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The same, without what an earlier run left.
pub(crate) fn emptied(folder: &str) -> PathBuf {
    std::fs::remove_dir_all(exhibits(folder)).unwrap();
    exhibits(folder)
}
