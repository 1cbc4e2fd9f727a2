//! Stops: the house is copied as it stands at each effect of a port, before and after it, and each copy is opened and
//! played to its end. A copy is what a process that is killed at that instant leaves behind.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tests::scene::{Scene, Setting, Story, copy};
use tests::watch::{Watch, around};
use workflow::domain::status::StatusWord;
use workflow::ports::PortResult;

use super::{STORIES, ends, is_long, template};

/// Of so many instants, one is tried where not all of them are.
const ONE_OF: usize = 7;

/// Copies the house at each effect.
struct Camera {
    house: PathBuf,
    album: PathBuf,
    shots: AtomicUsize,
    taken: Mutex<Vec<(PathBuf, String)>>,
    offset: usize,
}

impl Camera {
    fn shoot(&self, when: &str, call: &str) {
        let number = self.shots.fetch_add(1, Ordering::Relaxed);
        if !is_long() && number % ONE_OF != self.offset {
            return;
        }
        let target = self.album.join(format!("{number:04}"));
        photograph(&self.house, &target);
        self.taken.lock().unwrap().push((target, format!("{when} {call} (effect {number})")));
    }
}

impl Watch for Camera {
    fn before(&self, call: &'static str) -> PortResult<()> {
        self.shoot("before", call);
        Ok(())
    }

    fn after(&self, call: &'static str) -> PortResult<()> {
        self.shoot("after", call);
        Ok(())
    }
}

/// Copies a house that is open: its database as it was committed, its files as they are.
fn photograph(house: &Path, target: &Path) {
    std::fs::create_dir_all(target).unwrap();
    let from = rusqlite::Connection::open(house.join("lockgate.db")).unwrap();
    from.backup("main", target.join("lockgate.db"), None::<fn(rusqlite::backup::Progress)>).unwrap();
    for name in ["blobs", "source", "release", "outbox", "keys", "drafts"] {
        if house.join(name).exists() {
            copy(&house.join(name), &target.join(name));
        }
    }
    std::fs::copy(house.join("lockgate.toml"), target.join("lockgate.toml")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_stops_at_any_effect_goes_on_to_the_same_ending() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("template");
    template(&dir).await;
    for (index, (story, ending)) in STORIES.into_iter().enumerate() {
        let photographs = shoot(&dir, folder.path(), (index, story)).await;
        assert!(!photographs.is_empty());
        for (photograph, what) in photographs {
            ends(&photograph, Setting::quiet(3), (story, ending), &format!("{story:?} stopped {what}"), || ()).await;
            std::fs::remove_dir_all(photograph).unwrap();
        }
    }
}

/// Plays a story once and copies the house on the way.
async fn shoot(template: &Path, folder: &Path, (index, story): (usize, Story)) -> Vec<(PathBuf, String)> {
    let house = folder.join(format!("house-{index}"));
    copy(template, &house);
    let camera = Arc::new(Camera {
        house: house.clone(),
        album: folder.join(format!("album-{index}")),
        shots: AtomicUsize::new(0),
        taken: Mutex::default(),
        offset: index * 2,
    });
    let watch: Arc<dyn Watch> = camera.clone();
    let mut setting = Setting::quiet(2);
    setting.options.around_ports = Some(Arc::new(move |ports| around(ports, &watch)));
    let scene = Scene::open(&house, setting).await;
    let request = scene.play(story).await;
    assert_ne!(request.status.word(), StatusWord::Failed);
    scene.house.close().await;
    let taken = std::mem::take(&mut *camera.taken.lock().unwrap());
    println!("{story:?}: {} effects, {} of them tried", camera.shots.load(Ordering::Relaxed), taken.len());
    taken
}
