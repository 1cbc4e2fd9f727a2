//! What a machine that stops leaves behind.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;

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
            Some(object) => store.delete(std::slice::from_ref(&object)).await,
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
