mod stopped;

use std::io;

use uuid::Uuid;
use workflow::domain::text::BucketName;
use workflow::ports::ObjectStore as _;

use super::*;
use crate::database::Mode;
use crate::disk::{Stroke, Watcher};
use crate::source::Mapped;

/// A directory that outlives the houses on it.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn try_open(&self, watcher: Option<Arc<Watcher>>) -> io::Result<ObjectStore> {
        let ground = Ground {
            root: self.folder.path().to_owned(),
            disk: Disk::new(self.path("drafts"), watcher)?,
            database: Database::open(&self.path("lockgate.db"), Mode::ReadWrite).map_err(io::Error::other)?,
            clock: Arc::new(crate::Clock),
            ids: Arc::new(crate::Ids),
            keep_free: 0,
        };
        Ok(ObjectStore::new(ground.clone(), SourceArea::new(ground, Mapped::default())))
    }

    async fn open(&self) -> ObjectStore {
        let store = self.try_open(None).unwrap();
        store.recover().await.unwrap();
        store
    }

    /// All files below a folder, with what is in them.
    fn files(&self, below: &str) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut open = vec![self.path(below)];
        while let Some(folder) = open.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    open.push(entry);
                } else {
                    let name = entry.strip_prefix(self.folder.path()).unwrap().display().to_string();
                    files.push((name, std::fs::read(&entry).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}

fn owner(number: u128) -> (RequestId, RoundNumber) {
    (RequestId::new(Uuid::from_u128(number)), 1)
}

fn place(area: Area, key: &str) -> Place {
    Place { area, owner: Some(owner(1)), key: key.to_owned() }
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

async fn whole(store: &ObjectStore, object: &ObjectVersion) -> Vec<u8> {
    store.read(object, 0, u64::MAX).await.unwrap().to_vec()
}

async fn assemble(store: &ObjectStore, parts: &[&'static [u8]]) -> PortResult<ObjectVersion> {
    let target = place(Area::Release, "approved/ws/egress_data.zip");
    let expected = measure_bytes(&parts.concat());
    let begun = store.assemblies().await?.into_iter().map(|(id, _)| id).next();
    let assembly = match begun {
        Some(assembly) => assembly,
        None => store.begin(&target).await?,
    };
    for (number, part) in (1..).zip(parts) {
        store.put_part(&assembly, number, Bytes::from_static(part)).await?;
    }
    store.complete(&assembly, &target, &expected).await
}

#[tokio::test]
async fn nothing_is_ever_published_over_something_else() {
    let world = World::new();
    let store = world.open().await;
    std::fs::create_dir_all(world.path("release/approved/ws")).unwrap();
    let file = world.path("release/approved/ws/egress_data.zip");
    std::fs::write(&file, b"somebody else's").unwrap();
    let refusal = assemble(&store, &[b"ours"]).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Conflict, "{}", refusal.in_full());
    assert_eq!(std::fs::read(&file).unwrap(), b"somebody else's");
    assert_eq!(store.latest(Area::Release, "approved/ws/egress_data.zip").await.unwrap(), None);
}

#[tokio::test]
async fn a_damaged_part_is_not_published() {
    let world = World::new();
    let store = world.open().await;
    let target = place(Area::Release, "a.zip");
    let assembly = store.begin(&target).await.unwrap();
    store.put_part(&assembly, 1, Bytes::from_static(b"first")).await.unwrap();
    store.put_part(&assembly, 2, Bytes::from_static(b"second")).await.unwrap();
    let part = world.files("assemblies").swap_remove(0).0;
    std::fs::write(world.path(&part), b"fxrst").unwrap();
    let refusal = store.complete(&assembly, &target, &measure_bytes(b"firstsecond")).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Corrupt);
    assert_eq!(world.files("release"), []);
    assert_eq!(store.parts(&assembly).await.unwrap().len(), 2, "the assembly is still there");
}

#[tokio::test]
async fn two_keys_with_the_same_bytes_share_one_file_until_both_are_gone() {
    let world = World::new();
    let store = world.open().await;
    let one = store.put(&place(Area::Staging, "a"), Bytes::from_static(b"same")).await.unwrap();
    let two = store.put(&place(Area::Staging, "b"), Bytes::from_static(b"same")).await.unwrap();
    let other = Place { owner: Some(owner(2)), ..place(Area::Staging, "c") };
    let three = store.put(&other, Bytes::from_static(b"same")).await.unwrap();
    assert_eq!(world.files("blobs").len(), 2, "requests share nothing");
    store.delete(std::slice::from_ref(&one)).await.unwrap();
    assert_eq!(whole(&store, &two).await, b"same");
    store.delete(std::slice::from_ref(&two)).await.unwrap();
    assert_eq!(world.files("blobs").len(), 1);
    assert_eq!(whole(&store, &three).await, b"same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn puts_and_deletions_at_once_never_leave_a_version_without_its_bytes() {
    let world = World::new();
    let store = world.open().await;
    let work = (0..40_u8).map(|number| {
        let store = store.clone();
        async move {
            let key = format!("k{number}");
            let object = store.put(&place(Area::Staging, &key), Bytes::from_static(b"same")).await.unwrap();
            if number % 3 != 0 {
                store.delete(std::slice::from_ref(&object)).await.unwrap();
            }
        }
    });
    futures_util::future::join_all(work.map(tokio::spawn)).await;
    let left = store.belongings(Area::Staging, RequestId::new(Uuid::from_u128(1))).await.unwrap();
    assert_eq!(left.len(), 14);
    for object in left {
        assert_eq!(whole(&store, &object).await, b"same");
    }
}

#[tokio::test]
async fn bytes_without_a_row_are_removed_and_all_others_stay() {
    let world = World::new();
    let store = world.open().await;
    let kept = store.put(&place(Area::Staging, "a"), Bytes::from_static(b"kept")).await.unwrap();
    let request = owner(1).0;
    let lost = [(request, "1", "0a"), (request, "2", "0b"), (owner(2).0, "1", "0c")];
    for (request, round, name) in lost {
        let folder = world.path(&format!("blobs/{request}/{round}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), b"lost").unwrap();
    }
    let mut owners = store.owners().await.unwrap();
    owners.sort();
    assert_eq!(owners, [owner(1).0, owner(2).0]);
    assert_eq!(store.remove_unnamed(request).await.unwrap(), 2);
    assert_eq!(store.remove_unnamed(request).await.unwrap(), 0);
    assert_eq!(whole(&store, &kept).await, b"kept");
    assert_eq!(world.files("blobs").len(), 2, "another request's are left to itself");
}

#[tokio::test]
async fn staging_stops_before_the_disk_is_full() {
    let world = World::new();
    let store = world.open().await;
    let version = store.source().store(&bucket(), "a", &b"bytes"[..]).await.unwrap();
    let full = Ground { keep_free: u64::MAX, ..(*store.ground).clone() };
    let full = ObjectStore::new(full, store.source().clone());
    let refusal = full.freeze(&version, &place(Area::Staging, "a")).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Transient);
    assert!(refusal.in_full().contains("make room"), "{}", refusal.in_full());
    full.put(&place(Area::Records, "r"), Bytes::from_static(b"what was decided still fits")).await.unwrap();
}

#[tokio::test]
async fn no_key_leaves_the_directory() {
    let world = World::new();
    let store = world.open().await;
    for key in ["../x", "a/../../x", "/etc/passwd", "", "a//b", "a\0b"] {
        for area in [Area::Release, Area::Staging] {
            let refusal = store.put(&place(area, key), Bytes::from_static(b"x")).await.unwrap_err();
            assert_eq!(refusal.kind, Kind::Denied, "{key:?}");
        }
    }
    store.abort("../../lockgate.db").await.unwrap();
    assert!(world.path("lockgate.db").exists());
}
