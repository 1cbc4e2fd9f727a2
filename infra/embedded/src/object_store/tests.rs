use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

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

fn owner(number: u128) -> Owner {
    Some((RequestId::new(Uuid::from_u128(number)), 1))
}

fn place(area: Area, key: &str) -> Place {
    Place { area, owner: owner(1), key: key.to_owned() }
}

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

/// Lets so many strokes be done, and fails all others: what a machine that stops leaves on its disk.
fn stops_after(strokes: usize) -> (Arc<Watcher>, Arc<AtomicBool>) {
    let (seen, stopped) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let told = Arc::clone(&stopped);
    let watcher: Arc<Watcher> = Arc::new(move |_, _| {
        if seen.fetch_add(1, Ordering::SeqCst) < strokes {
            return Ok(());
        }
        told.store(true, Ordering::SeqCst);
        Err(io::Error::other("the machine stopped"))
    });
    (watcher, stopped)
}

/// Does `work` on a store whose machine stops after 0, 1, 2 … strokes, until it no longer stops before the end. After
/// each stop `work` is done again on what is left, and has to come to its end.
async fn stop_everywhere(
    prepare: impl AsyncFn(&ObjectStore),
    work: impl AsyncFn(&ObjectStore) -> PortResult<()>,
    check: impl AsyncFn(&World, &ObjectStore),
) {
    for strokes in 0..200 {
        let world = World::new();
        prepare(&world.open().await).await;
        let (watcher, stopped) = stops_after(strokes);
        if let Ok(store) = world.try_open(Some(watcher)) {
            let _ = work(&store).await;
        }
        let store = world.open().await;
        work(&store).await.unwrap();
        check(&world, &store).await;
        assert_eq!(world.files("drafts"), []);
        if !stopped.load(Ordering::SeqCst) {
            assert!(strokes > 2, "nothing was stopped");
            return;
        }
    }
    panic!("the work never came to its end");
}

async fn whole(store: &ObjectStore, object: &ObjectVersion) -> Vec<u8> {
    store.read(object, 0, u64::MAX).await.unwrap().to_vec()
}

#[tokio::test]
async fn a_frozen_file_is_there_whole_or_not_at_all_wherever_the_machine_stops() {
    let source = "b/ws/a.csv";
    stop_everywhere(
        async |store| drop(store.source().store(&bucket(), "ws/a.csv", &b"n,12\n"[..]).await.unwrap()),
        async |store| {
            let version = store.latest(Area::Source, source).await?.unwrap();
            store.freeze(&version, &place(Area::Staging, "ws/r1/a.csv")).await.map(drop)
        },
        async |world, store| {
            let frozen = store.latest(Area::Staging, "ws/r1/a.csv").await.unwrap().unwrap();
            assert_eq!(whole(store, &frozen).await, b"n,12\n");
            assert_eq!(world.files("blobs").len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn a_deletion_is_finished_and_proven_wherever_the_machine_stops() {
    let key = "ws/r1/a.csv";
    stop_everywhere(
        async |store| drop(store.put(&place(Area::Staging, key), Bytes::from_static(b"x")).await.unwrap()),
        async |store| match store.latest(Area::Staging, key).await? {
            Some(object) => store.delete(&object).await,
            None => Ok(()),
        },
        async |world, store| {
            assert_eq!(world.files("blobs"), []);
            assert!(!world.path(&format!("blobs/{}", Uuid::from_u128(1))).exists(), "the folders went with the file");
            let count = |c: &rusqlite::Connection| {
                let sql = "SELECT count(*) FROM objects WHERE state = 'deleted' AND size = 1";
                Ok(c.query_row(sql, [], |row| row.get::<_, i64>(0))?)
            };
            assert_eq!(store.ground.database.read(count).await.unwrap(), 1);
        },
    )
    .await;
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
async fn a_release_appears_whole_or_not_at_all_wherever_the_machine_stops() {
    for parts in [&[&b"one part"[..]][..], &[&b"first,"[..], &b"second"[..]][..]] {
        stop_everywhere(
            async |_| {},
            async |store| assemble(store, parts).await.map(drop),
            async |world, store| {
                let released = [("release/approved/ws/egress_data.zip".to_owned(), parts.concat())];
                assert_eq!(world.files("release"), released);
                let object = store.latest(Area::Release, "approved/ws/egress_data.zip").await.unwrap().unwrap();
                assert_eq!(whole(store, &object).await, parts.concat());
                let kept = world.open().await;
                let lost = kept.assemblies().await.unwrap();
                // Completing again answers from what is there; an assembly that was begun for nothing is dropped by name.
                for (assembly, _) in lost {
                    kept.abort(&assembly).await.unwrap();
                }
                assert_eq!(world.files("assemblies"), []);
            },
        )
        .await;
    }
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
    let other = Place { owner: owner(2), ..place(Area::Staging, "c") };
    let three = store.put(&other, Bytes::from_static(b"same")).await.unwrap();
    assert_eq!(world.files("blobs").len(), 2, "requests share nothing");
    store.delete(&one).await.unwrap();
    assert_eq!(whole(&store, &two).await, b"same");
    store.delete(&two).await.unwrap();
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
                store.delete(&object).await.unwrap();
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
async fn bytes_whose_sync_failed_are_written_again_from_the_source() {
    let world = World::new();
    let failing = AtomicBool::new(true);
    let watcher: Arc<Watcher> = Arc::new(move |stroke, path| {
        let is_blob = path.starts_with(path.ancestors().nth(4).unwrap_or(path)) && path.iter().any(|p| p == "blobs");
        if stroke == Stroke::SyncFile && is_blob && failing.swap(false, Ordering::SeqCst) {
            return Err(io::Error::other("input/output error"));
        }
        Ok(())
    });
    let store = world.try_open(Some(watcher)).unwrap();
    let version = store.source().store(&bucket(), "a", &b"bytes"[..]).await.unwrap();
    let target = place(Area::Staging, "a");
    assert_eq!(store.freeze(&version, &target).await.unwrap_err().kind, Kind::Transient);
    assert_eq!((world.files("blobs"), world.files("drafts")), (vec![], vec![]));
    let (frozen, _) = store.freeze(&version, &target).await.unwrap();
    assert_eq!(whole(&store, &frozen).await, b"bytes");
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
