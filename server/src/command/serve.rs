//! `serve`: run the house until it is stopped.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::control::Listener;
use crate::face;
use crate::failure::Failure;
use crate::log;
use crate::open::Open;
use crate::output::Output;

/// It needs no more than the directory.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Serve {}

/// Returns once somebody wants the server to stop.
type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why a server ends.
enum End {
    /// Somebody asked for it.
    Asked,
    /// The disk or the database failed.
    Broken,
    /// The socket failed.
    Socket(io::Error),
}

impl Serve {
    pub(super) async fn run(&self, dir: &Path, output: &Output) -> Result<(), Failure> {
        log::begin();
        let host = Opened::new(dir).await?.show(dir).await?;
        say(dir, &host.shown, output).await;
        host.until_stopped(dir, std::future::pending()).await
    }
}

/// A house that is open and that nobody sees yet.
pub(super) struct Opened {
    stop: Stop,
    pub(super) house: Arc<Open>,
}

/// A house at work: it answers over HTTP and takes commands.
pub(super) struct Host {
    stop: Stop,
    house: Arc<Open>,
    listener: Listener,
    ending: tokio::sync::oneshot::Sender<()>,
    pub(super) shown: http::Serving,
}

impl Opened {
    /// Opens the house of a directory.
    pub(super) async fn new(dir: &Path) -> Result<Self, Failure> {
        // From here on: a signal that comes while the house opens must not be lost.
        let stop = stop_signals().map_err(|error| cannot(dir, &error))?;
        Ok(Self { stop: Box::pin(stop), house: Arc::new(Open::writing(dir, false).await?) })
    }

    /// Shows the house.
    pub(super) async fn show(self, dir: &Path) -> Result<Host, Failure> {
        let Self { stop, house } = self;
        let listener = Listener::open(dir).map_err(|error| cannot(dir, &error))?;
        let (ending, ended) = tokio::sync::oneshot::channel::<()>();
        let shown = face::show(dir, &house, async { drop(ended.await) }).await?;
        Ok(Host { stop, house, listener, ending, shown })
    }
}

impl Host {
    /// Works until something ends it, then stops in order. What is done `beside` ends with it.
    pub(super) async fn until_stopped(
        mut self,
        dir: &Path,
        beside: impl Future<Output = Infallible>,
    ) -> Result<(), Failure> {
        let end = tokio::select! {
            end = wait(self.stop, &self.house, &mut self.listener) => end,
            never = beside => match never {},
        };
        self.listener.close().await;
        drop(self.ending);
        let _ = self.shown.finished().await;
        if let Some(house) = Arc::into_inner(self.house) {
            house.close().await;
        }
        conclude(dir, end)
    }
}

/// Says where everything is.
async fn say(dir: &Path, shown: &http::Serving, output: &Output) {
    let (url, socket) = (&shown.url, dir.join("control.sock"));
    let document = json!({ "directory": dir, "socket": socket, "url": url, "process": std::process::id() });
    let note = shown.note.as_ref().map(|note| format!("\n{note}")).unwrap_or_default();
    let text = || {
        format!(
            "Lockgate is at work in {} and at {url}. Ctrl-C stops it; nothing is lost by that.{note}",
            dir.display()
        )
    };
    output.answer(&document, text).await;
}

/// Takes commands until something ends it.
async fn wait(stop: impl Future<Output = ()>, house: &Arc<Open>, listener: &mut Listener) -> End {
    tokio::select! {
        () = stop => End::Asked,
        () = house.broken() => End::Broken,
        error = listener.serve(house) => End::Socket(error),
    }
}

fn conclude(dir: &Path, end: End) -> Result<(), Failure> {
    match end {
        End::Asked => Ok(()),
        End::Broken => Err(Failure::unreachable(format!(
            "{} can no longer be written to. Whatever was acknowledged is there. Make room or repair the disk, then start again.",
            dir.display()
        ))),
        End::Socket(error) => Err(cannot(dir, &error)),
    }
}

fn cannot(dir: &Path, error: &io::Error) -> Failure {
    Failure::unreachable(format!("The control socket of {} cannot be used: {error}. Nothing was lost.", dir.display()))
}

/// Waits for SIGINT or SIGTERM.
fn stop_signals() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
