//! A house that sends its mails to a sink.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use tempfile::TempDir;
use tests::builders::NOTICE;
use tests::scene::{Scene, Setting, Story, prepare};
use tests::sink::{Arrived, Sink};
use workflow::domain::policy::Policy;
use workflow::domain::request::Request;
use workflow::ports::outbox::{Drawer, Posting};

/// A house on a stage, and where its mails arrive.
pub(crate) struct House {
    pub(crate) scene: Scene,
    pub(crate) sink: Sink,
    _folder: TempDir,
}

impl House {
    /// A house whose mail server takes everything.
    pub(crate) async fn open() -> Self {
        Self::with(Sink::open().await, &[]).await
    }

    /// A house with this mail server, and more settings than those that lead to it.
    pub(crate) async fn with(sink: Sink, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("house");
        prepare(&dir, Policy::TWO_STAGE).await;
        std::fs::write(folder.path().join("ca.pem"), &sink.certificate).unwrap();
        let mut setting = Setting::quiet(7);
        setting.options.environment.extend(sink.settings());
        let ca = folder.path().join("ca.pem").display().to_string();
        setting.options.environment.push(("LOCKGATE_MAIL_SMTP_CA".to_owned(), ca));
        let given = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        setting.options.environment.extend(given);
        Self { scene: Scene::open(&dir, setting).await, sink, _folder: folder }
    }

    /// The platform gives notice, and all that can be done without people is done.
    pub(crate) async fn receive(&self) {
        workflow::actions::receive::run(self.scene.ports(), NOTICE.as_bytes()).await.unwrap();
        self.scene.settle().await;
    }

    /// Plays to the release.
    pub(crate) async fn release(&self) -> Request {
        self.scene.play(Story::RELEASE).await
    }

    /// Lets some minutes pass, again and again, until nothing is due or an hour and a half is over.
    pub(crate) async fn recover(&self) {
        for _ in 0..18 {
            if self.drawer(Drawer::Due).await.is_empty() {
                return;
            }
            self.scene.pass(SignedDuration::from_mins(5)).await;
        }
    }

    pub(crate) async fn drawer(&self, drawer: Drawer) -> Vec<Posting> {
        self.scene.ports().outbox.list(drawer, 1_000).await.unwrap()
    }

    /// How often each mail arrived, by its name and address.
    pub(crate) fn counts(&self) -> BTreeMap<(String, String), usize> {
        counts(&self.sink.arrived())
    }

    /// The addresses that a mail of this subject went to.
    pub(crate) fn told(&self, subject: &str) -> Vec<String> {
        let mut told: Vec<_> =
            self.sink.arrived().into_iter().filter(|mail| mail.subject().starts_with(subject)).map(|m| m.to).collect();
        told.sort();
        told
    }
}

pub(crate) fn counts(arrived: &[Arrived]) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for mail in arrived {
        *counts.entry((mail.name().to_owned(), mail.to.clone())).or_default() += 1;
    }
    counts
}
