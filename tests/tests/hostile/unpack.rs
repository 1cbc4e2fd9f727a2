//! Other people's unpackers, in a jail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::process::run;

/// A folder with nothing but what an unpacker put into it.
struct Jail {
    folder: tempfile::TempDir,
    inside: PathBuf,
}

impl Jail {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("a/b/c/d/inside");
        std::fs::create_dir_all(&inside).unwrap();
        Self { folder, inside }
    }

    /// Requires that nothing came to be above the folder that was unpacked into.
    #[track_caller]
    fn holds(&self, who: &str) {
        let mut folder = self.inside.as_path();
        while folder != self.folder.path() {
            let above = folder.parent().unwrap();
            let beside: Vec<_> = std::fs::read_dir(above).unwrap().map(|entry| entry.unwrap().path()).collect();
            assert_eq!(beside, [folder], "{who} wrote outside its folder");
            folder = above;
        }
    }
}

/// All files below a folder by their names relative to it. What is neither file nor folder has no place there.
fn below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let (path, kind) = entry.map(|entry| (entry.path(), entry.file_type().unwrap())).unwrap();
            assert!(kind.is_dir() || kind.is_file(), "{} is neither a file nor a folder", path.display());
            if kind.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

const EXTRACT: &str = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";

/// Unpacks an archive with everything that people have, and requires that each makes of it exactly what was promised.
#[track_caller]
pub(crate) fn everywhere(zip: &Path, promised: &BTreeMap<String, Vec<u8>>) {
    let zip = zip.to_str().unwrap();
    for who in ["unzip", "7z", "python3"] {
        let jail = Jail::new();
        let inside = jail.inside.to_str().unwrap();
        let arguments = match who {
            "unzip" => vec!["-q".to_owned(), zip.to_owned(), "-d".to_owned(), inside.to_owned()],
            "7z" => vec!["x".to_owned(), "-y".to_owned(), format!("-o{inside}"), zip.to_owned()],
            _ => vec!["-c".to_owned(), EXTRACT.to_owned(), zip.to_owned(), inside.to_owned()],
        };
        let mut command = Command::new(who);
        command.args(arguments).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        let output = command.output().unwrap_or_else(|error| panic!("{who} could not be run ({error})"));
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{who}: {said}");
        jail.holds(who);
        let mut found = below(&jail.inside);
        for document in ["manifest.json", "release-record.json", "release-record.dsse.json"] {
            assert!(found.remove(document).is_some(), "{who} found no {document}");
        }
        let found: BTreeMap<String, Vec<u8>> =
            found.into_iter().map(|(name, bytes)| (name.strip_prefix("files/").unwrap().to_owned(), bytes)).collect();
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(promised), "{who} gave other names");
        assert!(found == *promised, "{who} gave other bytes");
    }
}

/// Has an archive tested by everybody, without unpacking it.
#[track_caller]
pub(crate) fn tested(zip: &Path) {
    let zip = zip.to_str().unwrap();
    run("unzip", ["-tq", zip]);
    run("7z", ["t", "-y", zip]);
    run("python3", ["-c", "import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None", zip]);
}
