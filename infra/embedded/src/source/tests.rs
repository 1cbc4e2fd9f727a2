use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use workflow::domain::version_list;
use workflow::ports::ObjectStore as _;
use workflow::ports::object_store::Place;

use super::*;
use crate::database::Mode;
use crate::object_store::ObjectStore;
use crate::{Database, Disk};

struct World {
    folder: tempfile::TempDir,
    store: ObjectStore,
}

impl World {
    fn with(mapped: impl FnOnce(&Path) -> Mapped) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ground = Ground {
            root: folder.path().join("data"),
            disk: Disk::new(folder.path().join("data/drafts"), None).unwrap(),
            database: Database::open(&folder.path().join("data/lockgate.db"), Mode::ReadWrite).unwrap(),
            clock: Arc::new(crate::Clock),
            ids: Arc::new(crate::Ids),
            keep_free: 0,
        };
        let source = SourceArea::new(ground.clone(), mapped(folder.path()));
        Self { store: ObjectStore::new(ground, source), folder }
    }

    fn new() -> Self {
        Self::with(|_| Mapped::default())
    }

    /// A researcher's folder with these files.
    fn files(&self, files: &[(&str, &[u8])]) -> PathBuf {
        let folder = self.folder.path().join("files");
        write(&folder, files);
        folder
    }

    async fn freeze(&self, object: &ObjectVersion) -> PortResult<Vec<u8>> {
        let place = Place { area: Area::Staging, owner: None, key: format!("frozen/{}", self.store_count().await) };
        let (frozen, measured) = self.store.freeze(object, &place).await?;
        let bytes = self.store.read(&frozen, 0, u64::MAX).await?.to_vec();
        assert_eq!(measured, crate::object_store::measure_bytes(&bytes));
        Ok(bytes)
    }

    async fn store_count(&self) -> i64 {
        let count = |c: &rusqlite::Connection| Ok(c.query_row("SELECT count(*) FROM objects", [], |row| row.get(0))?);
        self.store.source().ground.database.read(count).await.unwrap()
    }
}

fn write(folder: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).unwrap()
}

fn object(key: &str, version: &str) -> ObjectVersion {
    ObjectVersion { area: Area::Source, key: key.to_owned(), version: version.to_owned() }
}

#[tokio::test]
async fn a_folder_becomes_versions_and_the_list_that_a_notice_points_to() {
    let world = World::new();
    let folder = world.files(&[("b.txt", b"bb"), ("x/r.csv", b"1"), ("y/r.csv", b"")]);
    let source = world.store.source();
    let (files, lists) = (bucket("files"), bucket("lists"));
    assert!(!source.knows(&files).await.unwrap());
    let loaded = source.load_folder(&files, "ws", &folder).await.unwrap();
    source.store_list(&lists, "st/name-ver1.json", &loaded).await.unwrap();
    assert!(source.knows(&files).await.unwrap() && source.knows(&lists).await.unwrap());

    let list = world.store.latest(Area::Source, "lists/st/name-ver1.json").await.unwrap().unwrap();
    let list = world.store.read(&list, 0, u64::MAX).await.unwrap();
    let manifest = version_list::read(&list, "files", "ws/").unwrap();
    assert_eq!(manifest.files(), loaded.declared);
    assert_eq!(
        manifest.files().iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["b.txt", "x/r.csv", "y/r.csv"]
    );

    std::fs::write(folder.join("b.txt"), b"later").unwrap();
    source.load_folder(&files, "ws", &folder).await.unwrap();
    let first = &loaded.declared[0].source;
    assert_eq!(world.freeze(&object(&first.key, &first.version)).await.unwrap(), b"bb");
    let entry: serde_json::Value = serde_json::from_slice(&list).unwrap();
    assert_eq!((&entry["objects"][0]["Key"], &entry["objects"][0]["Size"]), (&"ws/".into(), &0.into()));
}

#[tokio::test]
async fn what_is_submitted_from_this_machine_keeps_its_names() {
    let world = World::new();
    let folder = world.files(&[("one/a.csv", b"1"), ("two/a.csv", b"2"), ("c.txt", b"3")]);
    let source = world.store.source();
    let paths = |declared: Vec<workflow::domain::manifest::Declared>| {
        declared.iter().map(|file| file.path.as_str().to_owned()).collect::<Vec<_>>()
    };
    let alone = source.load_paths(&[folder.join("one")]).await.unwrap();
    assert_eq!(paths(alone), ["a.csv"]);
    let several = [folder.join("one"), folder.join("two"), folder.join("c.txt")];
    assert_eq!(paths(source.load_paths(&several).await.unwrap()), ["one/a.csv", "two/a.csv", "c.txt"]);
    let missing = source.load_paths(&[folder.join("nothing")]).await.unwrap_err().to_string();
    assert!(missing.contains("nothing") && missing.contains("nothing was submitted"), "{missing}");
}

#[tokio::test]
async fn nothing_outside_the_folder_is_brought_in() {
    let world = World::new();
    let secret = world.folder.path().join("secret.txt");
    std::fs::write(&secret, b"secret").unwrap();
    for (name, target) in [("link.txt", secret.as_path()), ("folder", world.folder.path())] {
        let folder = world.files(&[("a.csv", b"1")]);
        symlink(target, folder.join(name)).unwrap();
        let refusal = world.store.source().load_paths(std::slice::from_ref(&folder)).await.unwrap_err().to_string();
        assert!(refusal.contains(name), "{refusal}");
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    let folder = walk::Folder::open(&world.files(&[])).unwrap();
    symlink(&secret, world.folder.path().join("files/late.txt")).unwrap();
    assert!(folder.open_file("late.txt").is_err(), "a link that comes later does not lead out either");
    assert!(folder.open_file("../secret.txt").is_err());
}

#[tokio::test]
async fn a_pipe_is_refused_and_blocks_nobody() {
    let world = World::new();
    let folder = world.files(&[("a.csv", b"1")]);
    let pipe = folder.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let refusal = world.store.source().load_paths(std::slice::from_ref(&folder)).await.unwrap_err();
    assert!(matches!(refusal, LoadError::NotAFile { .. }), "{refusal}");
    assert!(walk::Folder::open(&folder).unwrap().open_file("pipe").is_err());
}

#[tokio::test]
async fn a_name_that_is_not_utf_8_is_refused_and_shown_escaped() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let folder = world.files(&[("a.csv", b"1")]);
    std::fs::write(folder.join(std::ffi::OsStr::from_bytes(b"caf\xE9.csv")), b"1").unwrap();
    let refusal = world.store.source().load_paths(&[folder]).await.unwrap_err().to_string();
    assert!(refusal.contains(r"caf\xe9.csv") && refusal.contains("nothing was submitted"), "{refusal}");
}

#[test]
fn a_file_that_changes_is_read_again_and_given_up_in_the_end() {
    use std::cell::Cell;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let opened = Cell::new(0);
    let mut target = tempfile::tempfile().unwrap();
    // Every attempt opens the file twice: to read it, and to see whether it is still that file.
    let copy_while = |changes: u32, target: &mut File| {
        opened.set(0);
        std::fs::write(&path, "version 0").unwrap();
        let open = || {
            let count = opened.replace(opened.get() + 1);
            if count % 2 == 1 && count / 2 < changes {
                std::fs::write(&path, format!("version {count}, longer")).unwrap();
            }
            File::open(&path)
        };
        steady::copy_steadily(open, target).unwrap()
    };
    assert_eq!(copy_while(0, &mut target), Some(crate::object_store::measure_bytes(b"version 0")));
    assert_eq!(copy_while(2, &mut target), Some(crate::object_store::measure_bytes(b"version 3, longer")));
    assert_eq!(copy_while(3, &mut target), None);
}

fn mapped(folder: &Path, versions: &str) -> Mapped {
    write(folder, &[("shared/ws/a.csv", b"n,12\n")]);
    write(
        folder,
        &[(
            "lists/one.json",
            br#"{"objects":[{"Key":"ws/","Size":0,"VersionId":"v0"},{"Key":"ws/a.csv","Size":5,"VersionId":"v1"}]}"#,
        )],
    );
    let text = format!("[[bucket]]\nname = \"shared\"\nfolder = \"shared\"\n{versions}");
    std::fs::write(folder.join("sources.toml"), text).unwrap();
    Mapped::read(&folder.join("sources.toml")).unwrap()
}

#[tokio::test]
async fn a_mapped_bucket_has_the_versions_that_its_list_names() {
    let world = World::with(|folder| mapped(folder, "versions = \"lists\""));
    let file = object("shared/ws/a.csv", "v1");
    assert_eq!(world.store.latest(Area::Source, "shared/ws/a.csv").await.unwrap(), Some(file.clone()));
    assert_eq!(world.store.size(&file).await.unwrap(), 5);
    assert_eq!(world.freeze(&file).await.unwrap(), b"n,12\n");
    assert_eq!(world.freeze(&object("shared/ws/a.csv", "v2")).await.unwrap_err().kind, Kind::Missing);
    std::fs::write(world.folder.path().join("shared/ws/a.csv"), b"another version").unwrap();
    assert_eq!(world.freeze(&file).await.unwrap_err().kind, Kind::Missing);
    assert_eq!(world.store.latest(Area::Source, "shared/ws/nothing").await.unwrap(), None);
    let refusal = world.store.source().store(&bucket("shared"), "x", &b"x"[..]).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Denied);
}

#[tokio::test]
async fn a_mapped_bucket_without_a_list_tells_versions_from_the_files() {
    let world = World::with(|folder| mapped(folder, ""));
    let file = world.store.latest(Area::Source, "shared/ws/a.csv").await.unwrap().unwrap();
    let path = world.folder.path().join("shared/ws/a.csv");
    assert_eq!(world.freeze(&file).await.unwrap(), b"n,12\n");
    std::fs::write(&path, b"changed").unwrap();
    assert_eq!(world.freeze(&file).await.unwrap_err().kind, Kind::Missing);
    symlink(world.folder.path().join("data/lockgate.db"), path.with_file_name("db")).unwrap();
    assert!(world.store.latest(Area::Source, "shared/ws/db").await.is_err(), "a link does not lead out");
}

#[tokio::test]
async fn frozen_bytes_do_not_follow_a_file_that_is_written_in_place() {
    let world = World::with(|folder| mapped(folder, "versions = \"lists\""));
    let place = Place { area: Area::Staging, owner: None, key: "frozen".to_owned() };
    let (frozen, _) = world.store.freeze(&object("shared/ws/a.csv", "v1"), &place).await.unwrap();
    let path = world.folder.path().join("shared/ws/a.csv");
    std::io::Write::write_all(&mut std::fs::OpenOptions::new().write(true).open(path).unwrap(), b"XXXXX").unwrap();
    assert_eq!(world.store.read(&frozen, 0, 10).await.unwrap(), b"n,12\n"[..]);
}

#[test]
fn a_map_that_is_wrong_is_refused_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sources.toml");
    for (text, said) in [
        ("[[bucket]]\nname = \"a b\"\nfolder = \"x\"", "bucket name"),
        ("[[bucket]]\nname = \"a\"", "folder"),
        ("[[bucket]]\nname = \"a\"\nfolder = \"x\"\npath = \"y\"", "path"),
        ("[[bucket]]\nname = \"a\"\nfolder = \"x\"\n[[bucket]]\nname = \"a\"\nfolder = \"y\"", "twice"),
    ] {
        std::fs::write(&path, text).unwrap();
        let refusal = Mapped::read(&path).unwrap_err().to_string();
        assert!(refusal.contains("sources.toml") && refusal.contains(said), "{refusal}");
    }
}
