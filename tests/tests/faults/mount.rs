//! File systems for the length of a test.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::machine::Machine;

/// A mount, taken away when it is dropped.
pub(crate) struct Mount(PathBuf);

impl Mount {
    fn new(arguments: &[&str], path: &Path) -> Self {
        let output = Command::new("mount").args(arguments).arg(path).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "{} could not be mounted ({said}): run this test as root, where mounting is allowed",
            path.display()
        );
        Self(path.to_owned())
    }

    /// A file system in memory, with room for so many MiB.
    pub(crate) fn of_memory(path: &Path, mebibytes: u32) -> Self {
        std::fs::create_dir_all(path).unwrap();
        Self::new(&["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"], path)
    }

    /// What is there, for reading only.
    pub(crate) fn for_reading(path: &Path) -> Self {
        let mount = Self::new(&["--bind", path.to_str().unwrap()], path);
        tests::process::run("mount", ["-o", "remount,bind,ro", path.to_str().unwrap()]);
        mount
    }
}

/// A folder in which nothing can be made or removed until this is dropped.
pub(crate) struct Frozen(PathBuf);

impl Frozen {
    pub(crate) fn new(path: &Path) -> Self {
        std::fs::create_dir_all(path).unwrap();
        tests::process::run("chattr", ["+i".as_ref(), path.as_os_str()]);
        Self(path.to_owned())
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg("-i").arg(&self.0).status();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// A machine whose data directory is on a disk of its own. The disk goes first.
pub(crate) struct SmallMachine {
    _mount: Mount,
    pub(crate) machine: Machine,
}

impl SmallMachine {
    pub(crate) fn new(mebibytes: u32, stores: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("house");
        let mount = Mount::of_memory(&dir, mebibytes);
        Self { _mount: mount, machine: Machine::on(folder, dir, stores) }
    }

    fn filler(&self) -> PathBuf {
        self.machine.dir().join("somebody-elses-file")
    }

    /// Somebody else fills the disk until so many bytes are left.
    pub(crate) fn fill(&self, leave: u64) {
        let mut file = File::create(self.filler()).unwrap();
        let zeros = vec![0; 64 << 10];
        while file.write_all(&zeros).is_ok() {}
        while file.write_all(&zeros[..512]).is_ok() {}
        let size = file.metadata().unwrap().len();
        file.set_len(size.saturating_sub(leave)).unwrap();
    }

    /// Room is made.
    pub(crate) fn empty(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}
