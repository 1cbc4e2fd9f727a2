//! Backups that are not what they were, and folders that hold something else.

use infra_embedded::House;
use infra_embedded::backup::{BackupError, Keys};

use crate::Yard;

/// All files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[tokio::test]
async fn every_file_that_was_changed_or_lost_is_found_and_nothing_comes_of_it() {
    let (yard, scene) = Yard::open().await;
    scene.house.back_up(&yard.path("backup"), true).await.unwrap();
    let files = files(&yard.path("backup"));
    assert!(files.len() > 10, "{files:?}");
    for file in &files {
        let whole = std::fs::read(file).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        match changed.get_mut(middle) {
            Some(byte) => *byte ^= 1,
            None => changed.push(1),
        }
        for damaged in [Some(&changed), None] {
            match damaged {
                Some(bytes) => std::fs::write(file, bytes).unwrap(),
                None => std::fs::remove_file(file).unwrap(),
            }
            let refused = yard.bring_back(&yard.order("restored")).await.err();
            assert!(refused.is_some(), "{} is another, and was taken", file.display());
            assert!(!yard.path("restored").exists(), "{refused:?} left something");
        }
        std::fs::write(file, &whole).unwrap();
    }
    yard.bring_back(&yard.order("restored")).await.unwrap();
}

#[tokio::test]
async fn other_keys_are_refused_and_new_ones_have_to_be_asked_for() {
    let (yard, scene) = Yard::open().await;
    scene.house.back_up(&yard.path("backup"), false).await.unwrap();
    drop(scene);
    House::init(&yard.path("another")).unwrap();
    let mut order = yard.order("restored");
    order.keys = Keys::From(yard.path("another/keys"));
    assert!(matches!(yard.bring_back(&order).await, Err(BackupError::OtherKeys(_))));
    order.keys = Keys::From(yard.path("nowhere"));
    assert!(matches!(yard.bring_back(&order).await, Err(BackupError::OtherKeys(_))));
    order.keys = Keys::New;
    assert!(!yard.bring_back(&order).await.unwrap().is_signature_checked);
    let scene = yard.scene("restored").await;
    scene.settle().await;
    scene.hold().await;
}

#[tokio::test]
async fn nothing_is_written_over() {
    let (yard, scene) = Yard::open().await;
    scene.house.back_up(&yard.path("backup"), false).await.unwrap();
    let again = scene.house.back_up(&yard.path("backup"), false).await;
    assert!(matches!(again, Err(BackupError::Taken(_))), "{again:?}");
    assert!(matches!(scene.house.export_keys(&yard.path("keys")).await, Err(BackupError::Taken(_))));
    drop(scene);
    let mut order = yard.order("house");
    assert!(matches!(yard.bring_back(&order).await, Err(BackupError::Taken(_))));
    order.from = yard.path("keys");
    order.to = yard.path("restored");
    assert!(matches!(yard.bring_back(&order).await, Err(BackupError::Foreign { .. })));
    yard.scene("house").await.settle().await;
}
