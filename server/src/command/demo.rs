//! `demo`: the whole story on real input, in a directory of its own.

mod cast;
mod follow;
mod sample;
mod story;
mod submission;

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use infra_embedded::House;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::open::Open;
use crate::output::Output;
use crate::system;

/// How the story goes. Without a flag it stops where people decide, and says how you do that.
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
            clear(dir)?;
        }
        House::init(dir)?;
        let house = Arc::new(Open::writing(dir, false).await?);
        let desk = Desk::new(Arc::clone(&house), system::user_name(system::current_user()));
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
            Plot { auto: true, .. } => stage.approve().await,
            Plot { reject: true, .. } => stage.reject().await,
            Plot { send_back: true, .. } => stage.send_back().await,
            _ => stage.stop_where_people_decide().await,
        }
    }
}

/// Deletes what an earlier demo left. Nothing but a data directory that nobody uses is touched.
fn clear(dir: &Path) -> Result<(), Failure> {
    match std::fs::symlink_metadata(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        _ => {}
    }
    // The house itself says what is wrong with a directory that is none, or that is in use.
    House::init(dir)?;
    std::fs::remove_dir_all(dir).map_err(|error| {
        Failure::unreachable(format!(
            "{} cannot be deleted: {error}. Part of it may be gone; delete it by hand.",
            dir.display()
        ))
    })
}
