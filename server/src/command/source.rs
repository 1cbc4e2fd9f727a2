//! `source`: the versioned area that files are taken from.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use infra_embedded::source::{LoadError, Loaded};
use serde::{Deserialize, Serialize};
use workflow::domain::notice::Notice;
use workflow::domain::text::{BucketName, StoreId};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::event::size;
use crate::render::sentence;
use crate::value;

/// What can be done with the source area.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// Bring a folder in, each file as a new version, with the platform's list of versions
    Load(Load),
}

/// What to bring in, and where to.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Load {
    /// The bucket
    #[arg(long, value_parser = value::bucket)]
    bucket: BucketName,
    /// The folder within the bucket
    #[arg(long, value_parser = value::prefix)]
    prefix: String,
    /// An egress store of the platform that notices may name from now on; may be repeated
    #[arg(long = "store", value_name = "ID", value_parser = value::store)]
    stores: Vec<StoreId>,
    /// The bucket that the list of versions is kept in
    #[arg(long, value_name = "BUCKET", requires = "list_key", value_parser = value::bucket)]
    list_bucket: Option<BucketName>,
    /// The key that the list of versions is kept under
    #[arg(long, value_name = "KEY", requires = "list_bucket")]
    list_key: Option<String>,
    #[arg(value_name = "FOLDER", value_parser = value::path)]
    folder: PathBuf,
}

#[derive(Serialize)]
struct Answer {
    files: u64,
    bytes: u64,
    list: serde_json::Value,
}

impl Source {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Load(command) => command.run(desk, output).await,
        }
    }
}

impl Load {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let loaded = bring(desk, &self.bucket, &self.prefix, &self.folder).await?;
        for store in &self.stores {
            desk.house.egress_stores()?.enter(store).await?;
        }
        if let Some((bucket, key)) = self.list_bucket.as_ref().zip(self.list_key.as_ref()) {
            desk.house.objects().source().store_list(bucket, key, &loaded).await.map_err(complaint)?;
        }
        let (files, bytes) = measure(&loaded);
        let list = serde_json::from_slice(&loaded.list).map_err(|error| Failure::bug(&error.to_string()))?;
        let place = format!("{}/{}", self.bucket, self.prefix);
        output
            .answer(&Answer { files, bytes, list }, || {
                format!("{} are in {place} as new versions.", size(files, bytes))
            })
            .await;
        Ok(())
    }
}

/// Brings a folder in.
pub(crate) async fn bring(desk: &Desk, bucket: &BucketName, prefix: &str, folder: &Path) -> Result<Loaded, Failure> {
    desk.house.objects().source().load_folder(bucket, prefix, folder).await.map_err(complaint)
}

/// Keeps the list of versions where a notice says that it is, and enters the notice's store.
pub(crate) async fn keep_list(desk: &Desk, notice: &Notice, loaded: &Loaded) -> Result<(), Failure> {
    desk.house.egress_stores()?.enter(&notice.store).await?;
    desk.house.objects().source().store_list(&notice.list_bucket, &notice.list_key, loaded).await.map_err(complaint)
}

/// How many files were brought in, and their bytes.
pub(crate) fn measure(loaded: &Loaded) -> (u64, u64) {
    let files = u64::try_from(loaded.declared.len()).unwrap_or(u64::MAX);
    (files, loaded.declared.iter().map(|file| file.size).sum())
}

/// Why files cannot be brought in.
pub(crate) fn complaint(error: LoadError) -> Failure {
    match error {
        LoadError::Port(error) => {
            let kept = format!("The files could not be kept: {}. Nothing was submitted.", error.in_full());
            Failure { sentence: kept, ..error.into() }
        }
        error @ LoadError::Unreadable { .. } => Failure::unreachable(sentence(&error.to_string())),
        error => Failure::refused("BAD_SOURCE", sentence(&error.to_string())),
    }
}
