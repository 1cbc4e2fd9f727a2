//! Backups of a house at work, and what comes of a house that is brought back from one.

mod damage;
mod kept;
mod yesterday;

use std::path::{Path, PathBuf};

use infra_embedded::backup::{BackupError, Keys, Order, Restored, restore};
use tests::builders::NOTICE;
use tests::scene::{Scene, Setting};
use workflow::actions;
use workflow::domain::policy::Policy;

/// A folder with a house, its keys, and room for backups.
pub(crate) struct Yard {
    folder: tempfile::TempDir,
    pub(crate) setting: Setting,
}

impl Yard {
    /// A house with the sample in review.
    pub(crate) async fn open() -> (Self, Scene) {
        let yard = Self { folder: tempfile::tempdir().unwrap(), setting: Setting::quiet(11) };
        tests::scene::prepare(&yard.house(), Policy::TWO_STAGE).await;
        let scene = Scene::open(&yard.house(), yard.setting.clone()).await;
        actions::receive::run(scene.ports(), NOTICE.as_bytes()).await.unwrap();
        scene.settle().await;
        scene.house.export_keys(&yard.path("keys")).await.unwrap();
        (yard, scene)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn house(&self) -> PathBuf {
        self.path("house")
    }

    pub(crate) fn order(&self, to: &str) -> Order {
        let (from, keys) = (self.path("backup"), Keys::From(self.path("keys")));
        Order { from, to: self.path(to), keys, beside: None }
    }

    pub(crate) async fn bring_back(&self, order: &Order) -> Result<Restored, BackupError> {
        restore(order, &self.setting.options).await
    }

    pub(crate) async fn scene(&self, name: &str) -> Scene {
        Scene::open(&self.path(name), self.setting.clone()).await
    }
}

/// The one archive below a folder.
pub(crate) fn archive(house: &Path) -> Vec<u8> {
    let key = format!("release/approved_egress/{}/egress_data.zip", place());
    std::fs::read(house.join(key)).unwrap()
}

fn place() -> String {
    let notice = workflow::domain::notice::Notice::parse(NOTICE.as_bytes()).unwrap();
    format!("{}/{}", notice.workspace, notice.id)
}
