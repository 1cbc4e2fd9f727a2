//! Uploads: the bytes go straight to S3, by addresses that are good for one file each.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::presigning::PresigningConfig;
use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;
use workflow::domain::manifest::SourceVersion;
use workflow::ports::uploads::{self as port, Announced, Upload};
use workflow::ports::{Kind, PortError, PortResult};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome, unless_unmet};
use crate::place;
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Table, Terms};

const PORT: &str = "Uploads";
/// The longest that S3 lets an address live. The credentials that sign it may end before.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// The uploads of an installation.
#[derive(Debug, Clone)]
pub struct Uploads {
    table: Table,
    s3: aws_sdk_s3::Client,
    bucket: String,
}

impl Uploads {
    /// The uploads in an installation's table and bucket.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        let table = Table::new(clients.dynamodb.clone(), &settings.tables.uploads);
        Self { table, s3: clients.s3.clone(), bucket: settings.buckets.uploads.clone() }
    }

    async fn announce(&self, upload: &Upload) -> Outcome<Vec<String>> {
        let row = key(upload.id).json("body", upload)?.number("ends", place::second(upload.expires_at));
        if !unless_unmet(self.table.put(row, Terms::absent("id")).await)? {
            let there = self.announced(upload.id).await?;
            // The instant at which it ends is not what makes it the same upload.
            let is_same = |u: &Upload| u.by == upload.by && u.project == upload.project && u.files == upload.files;
            if !there.as_ref().is_some_and(is_same) {
                let sentence = format!("there is another upload of the name {}", upload.id);
                return Err(Failure::refused(Kind::Conflict, sentence));
            }
        }
        let left = upload.expires_at.duration_since(Timestamp::now());
        let lasts = Duration::try_from(left).unwrap_or_default().clamp(Duration::from_secs(1), LONGEST);
        let mut addresses = Vec::with_capacity(upload.files.len());
        for file in &upload.files {
            addresses.push(self.address(upload.id, file, lasts).await?);
        }
        Ok(addresses)
    }

    /// The address to which the bytes of a file are put: as many as were announced, and nothing else.
    async fn address(&self, id: Uuid, file: &Announced, lasts: Duration) -> Outcome<String> {
        let lasts = PresigningConfig::expires_in(lasts).map_err(|e| Failure::damaged("an address", e))?;
        let call = self.s3.put_object().bucket(&self.bucket).key(object(id, file));
        let call = call.content_length(i64::try_from(file.size).unwrap_or(i64::MAX));
        Ok(call.presigned(lasts).await.map_err(Failure::of)?.uri().to_owned())
    }

    async fn announced(&self, id: Uuid) -> Outcome<Option<Upload>> {
        self.table.get(key(id)).await?.map(|row| row.read("body")).transpose()
    }

    async fn what_arrived(&self, id: Uuid) -> Outcome<Vec<Option<SourceVersion>>> {
        let missing = || Failure::refused(Kind::Missing, format!("there is no upload {id}"));
        let upload = self.announced(id).await?.ok_or_else(missing)?;
        let mut versions = Vec::with_capacity(upload.files.len());
        for file in &upload.files {
            versions.push(self.version(id, file).await?);
        }
        Ok(versions)
    }

    async fn version(&self, id: Uuid, file: &Announced) -> Outcome<Option<SourceVersion>> {
        let head = self.s3.head_object().bucket(&self.bucket).key(object(id, file)).send().await;
        let head = match head {
            Ok(head) => head,
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) => {
                return Ok(None);
            }
            Err(error) => return Err(Failure::of(error)),
        };
        let is_whole = head.content_length().and_then(|length| u64::try_from(length).ok()) == Some(file.size);
        let key = format!("{}/{}", self.bucket, object(id, file));
        Ok(head.version_id.filter(|_| is_whole).map(|version| SourceVersion { key, version }))
    }
}

fn key(id: Uuid) -> Row {
    Row::new(id.to_string(), "upload")
}

fn object(id: Uuid, file: &Announced) -> String {
    format!("{id}/{}", file.path)
}

#[async_trait]
impl port::Uploads for Uploads {
    async fn create(&self, upload: &Upload) -> PortResult<Vec<String>> {
        self.announce(upload).await.map_err(|e| e.during(PORT, format!("create {}", upload.id)))
    }

    async fn find(&self, id: Uuid) -> PortResult<Option<Upload>> {
        let found = self.announced(id).await.map_err(|e| e.during(PORT, format!("find {id}")))?;
        Ok(found.filter(|upload| upload.expires_at > Timestamp::now()))
    }

    async fn append(&self, id: Uuid, file: u32, _from: u64, _bytes: Bytes) -> PortResult<u64> {
        let refused = PortError::new(PORT, format!("append to file {file} of upload {id}"), Kind::Denied);
        Err(refused.because("the bytes go straight to the address that the upload named"))
    }

    async fn arrived(&self, id: Uuid) -> PortResult<Vec<Option<SourceVersion>>> {
        self.what_arrived(id).await.map_err(|e| e.during(PORT, format!("find what arrived of {id}")))
    }
}
