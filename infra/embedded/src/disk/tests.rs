use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Fails the stroke with this number (from 0) and all after it, as a machine that stopped would.
pub(crate) fn stops_at(stroke: usize) -> Arc<Watcher> {
    let seen = AtomicUsize::new(0);
    Arc::new(move |_, _| {
        if seen.fetch_add(1, Ordering::SeqCst) < stroke { Ok(()) } else { Err(io::Error::other("the machine stopped")) }
    })
}

#[test]
fn a_file_is_there_whole_or_not_at_all_wherever_the_machine_stops() {
    let strokes = 16;
    let mut appeared = 0;
    for stroke in 0..strokes {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a/b/file");
        let written = Disk::new(folder.path().join("drafts"), Some(stops_at(stroke)))
            .and_then(|disk| disk.write(&target, b"whole"));
        if target.exists() {
            assert_eq!(fs::read(&target).unwrap(), b"whole");
            appeared += 1;
        } else {
            assert!(written.is_err());
        }
        let disk = Disk::new(folder.path().join("drafts"), None).unwrap();
        disk.remove_drafts().unwrap();
        disk.write(&target, b"whole").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
    }
    assert!(appeared > 0 && appeared < strokes);
}

#[test]
fn a_new_file_never_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new(folder.path().join("drafts"), None).unwrap();
    let target = folder.path().join("file");
    disk.write(&target, b"first").unwrap();
    let mut draft = disk.draft().unwrap();
    draft.write_all(b"second").unwrap();
    assert!(!draft.publish_new(&target).unwrap());
    assert_eq!(fs::read(&target).unwrap(), b"first");
    assert_eq!(fs::read_dir(folder.path().join("drafts")).unwrap().count(), 0);
}

#[test]
fn a_name_whose_folder_could_not_be_made_durable_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = std::sync::atomic::AtomicBool::new(false);
    let watcher: Arc<Watcher> = Arc::new(move |stroke, _| match stroke {
        Stroke::Rename => {
            renamed.store(true, Ordering::SeqCst);
            Ok(())
        }
        Stroke::SyncFolder if renamed.load(Ordering::SeqCst) => Err(io::Error::other("input/output error")),
        _ => Ok(()),
    });
    let disk = Disk::new(folder.path().join("drafts"), Some(watcher)).unwrap();
    let target = folder.path().join("file");
    assert!(disk.draft().unwrap().publish_new(&target).is_err());
    assert!(!target.exists());
}

#[test]
fn files_and_folders_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new(folder.path().join("drafts"), None).unwrap();
    disk.write(&folder.path().join("inner/file"), b"x").unwrap();
    let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("inner"), mode("inner/file")), (0o700, 0o600));
}
