//! `demo`: the whole story on real input, in a directory of its own.

mod cast;
mod follow;
mod mark;
mod sample;
mod scene;
mod story;
mod submission;

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::serve::Opened;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::log;
use crate::open::Open;
use crate::output::Output;
use crate::system;

pub(crate) use mark::is_set;

/// What is played. Without a flag: a house with requests in different states, in the browser, until it is stopped.
#[derive(Debug, Default, Args, Serialize, Deserialize)]
pub(crate) struct Demo {
    #[command(flatten)]
    plot: Plot,
    /// Begin anew: what an earlier demo left in the directory is deleted
    #[arg(long)]
    fresh: bool,
}

#[derive(Debug, Default, Args, Serialize, Deserialize)]
#[group(multiple = false)]
struct Plot {
    /// Two reviewers approve, and the files are released
    #[arg(long)]
    auto: bool,
    /// The first reviewer rejects, and the files are deleted with proof
    #[arg(long)]
    reject: bool,
    /// The first reviewer returns it; its second round is released
    #[arg(long = "return")]
    send_back: bool,
}

impl Demo {
    pub(super) async fn run(&self, dir: &Path, output: &Output) -> Result<(), Failure> {
        if self.fresh {
            mark::clear(dir)?;
        }
        mark::prepare(dir)?;
        if self.plot.is_none() { show(dir, output).await } else { self.tell(dir, output).await }
    }

    /// Plays the story to its end.
    async fn tell(&self, dir: &Path, output: &Output) -> Result<(), Failure> {
        let house = Arc::new(Open::writing(dir, false).await?);
        let desk = desk(&house);
        let played = self.play(&desk, dir, output).await;
        drop(desk);
        if played.is_ok() {
            house.rest().await;
        }
        if let Some(house) = Arc::into_inner(house) {
            house.close().await;
        }
        played
    }

    async fn play(&self, desk: &Desk, dir: &Path, output: &Output) -> Result<(), Failure> {
        output.line(format!("Lockgate demo in {}\n", story::shown(dir))).await;
        let stage = story::Stage::set(desk, dir, output).await?;
        match &self.plot {
            Plot { reject: true, .. } => stage.reject().await,
            Plot { send_back: true, .. } => stage.send_back().await,
            _ => stage.approve().await,
        }
    }
}

impl Plot {
    fn is_none(&self) -> bool {
        !(self.auto || self.reject || self.send_back)
    }
}

fn desk(house: &Arc<Open>) -> Desk {
    Desk::new(Arc::clone(house), system::user_name(system::current_user()))
}

/// Shows the house until it is stopped, and sets the scenes meanwhile.
async fn show(dir: &Path, output: &Output) -> Result<(), Failure> {
    log::begin_quietly();
    let opened = Opened::new(dir).await?;
    let desk = desk(&opened.house);
    cast::assemble(&desk.ports).await?;
    let host = opened.show(dir).await?;
    announce(dir, &host.shown, output).await;
    let beside = Box::pin(async move {
        set_scenes(&desk, dir, output).await;
        drop(desk);
        std::future::pending().await
    });
    host.until_stopped(dir, beside).await
}

async fn announce(dir: &Path, shown: &http::Serving, output: &Output) {
    let document = json!({ "directory": dir, "url": shown.url, "sign_ins": cast::sign_ins() });
    let note = shown.note.as_ref().map(|note| format!("{note}\n")).unwrap_or_default();
    let text = || {
        format!(
            "{note}\n  {}\n\nOpen this in a browser, and sign in as one of these people. The password is always  {}\n\n{}\n\
             Ctrl-C stops it, and what is here stays in {}. Requests that wait for you:\n",
            shown.url,
            cast::PASSWORD,
            cast::listing(),
            story::shown(dir)
        )
    };
    output.answer(&document, text).await;
}

/// A scene that cannot be set is said; the house goes on.
async fn set_scenes(desk: &Desk, dir: &Path, output: &Output) {
    match scene::play(desk, dir, output).await {
        Ok(()) => {
            let sentence = "\nEverything is there. A notice that could not be taken waits in quarantine, for Olu.";
            output.line(sentence).await;
        }
        Err(failure) => output.line(format!("\nNot everything is there: {failure}")).await,
    }
}
