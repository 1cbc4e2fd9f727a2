//! Files by version in S3: each area is a bucket, and every bucket keeps versions.

mod assembly;
mod belonging;
mod call;
mod copy;
mod deletion;
mod handout;
mod measure;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use bytes::Bytes;
use workflow::domain::id::{RequestId, RoundNumber};
use workflow::ports::object_store::{self as port, Area, Measured, ObjectVersion, Part, Place};
use workflow::ports::{Kind, PortResult};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome};
use crate::settings::{Buckets, KeyNames, Settings};
use call::is_taken;

const PORT: &str = "ObjectStore";
/// As often a write is tried again that met another one under its key.
const ROUNDS: u32 = 5;

/// The files of an installation.
///
/// Beside what the workflow keeps, the records area holds two kinds of notes: under `belongings/` where files of a
/// request were put, and under `assemblies/` whose archives are being put together.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    client: Client,
    buckets: Buckets,
    keys: KeyNames,
}

/// Where an object is: its bucket, and its key there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spot<'a> {
    bucket: &'a str,
    key: &'a str,
}

impl ObjectStore {
    /// The files in an installation's buckets.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        let (buckets, keys) = (settings.buckets.clone(), settings.keys.clone());
        Self { client: clients.s3.clone(), buckets, keys }
    }

    fn spot<'a>(&'a self, area: Area, key: &'a str) -> Outcome<Spot<'a>> {
        Ok(match area {
            Area::Staging => Spot { bucket: &self.buckets.staging, key },
            Area::Records => Spot { bucket: &self.buckets.records, key },
            Area::Release => Spot { bucket: &self.buckets.release, key },
            Area::Source => {
                let (bucket, key) =
                    key.split_once('/').ok_or_else(|| Failure::refused(Kind::Missing, "the key names no bucket"))?;
                // Whatever a notice says: what is ours is no source.
                if [&self.buckets.staging, &self.buckets.records, &self.buckets.release].iter().any(|b| *b == bucket) {
                    return Err(Failure::refused(Kind::Denied, format!("{bucket} is not a bucket of researchers")));
                }
                Spot { bucket, key }
            }
        })
    }

    /// The key that encrypts an area.
    fn key_of(&self, area: Area) -> &str {
        if area == Area::Release { &self.keys.release } else { &self.keys.storage }
    }

    async fn newest(&self, area: Area, key: &str) -> Outcome<Option<ObjectVersion>> {
        let head = self.head(&self.spot(area, key)?, None).await?;
        let version = head.map(|head| head.version_id.unwrap_or_else(|| "null".to_owned()));
        Ok(version.map(|version| ObjectVersion { area, key: key.to_owned(), version }))
    }

    async fn keep(&self, place: &Place, bytes: Bytes) -> Outcome<ObjectVersion> {
        self.note_belonging(place).await?;
        for round in 0..ROUNDS {
            if let Some(there) = self.newest(place.area, &place.key).await? {
                let kept = self.fetch(&there, 0, u64::MAX).await?;
                let other = || Failure::refused(Kind::Conflict, format!("{} holds other bytes", place.show()));
                return if kept == bytes { Ok(there) } else { Err(other()) };
            }
            match self.put_first(place, bytes.clone()).await {
                Ok(version) => return Ok(version),
                Err(failure) if is_taken(&failure) => crate::table::pause(round).await,
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::busy("others were writing under the key again and again"))
    }
}

#[async_trait]
impl port::ObjectStore for ObjectStore {
    async fn latest(&self, area: Area, key: &str) -> PortResult<Option<ObjectVersion>> {
        self.newest(area, key).await.map_err(|e| e.during(PORT, format!("latest {}", area.show_key(key))))
    }

    async fn size(&self, object: &ObjectVersion) -> PortResult<u64> {
        self.size_of(object).await.map_err(|e| e.during(PORT, format!("size {}", object.show())))
    }

    async fn read(&self, object: &ObjectVersion, from: u64, length: u64) -> PortResult<Bytes> {
        self.fetch(object, from, length).await.map_err(|e| e.during(PORT, format!("read {}", object.show())))
    }

    async fn put(&self, place: &Place, bytes: Bytes) -> PortResult<ObjectVersion> {
        self.keep(place, bytes).await.map_err(|e| e.during(PORT, format!("put {}", place.show())))
    }

    async fn freeze(&self, source: &ObjectVersion, place: &Place) -> PortResult<(ObjectVersion, Measured)> {
        self.copy(source, place).await.map_err(|e| e.during(PORT, format!("freeze {}", source.show())))
    }

    async fn begin(&self, place: &Place) -> PortResult<String> {
        self.begin_assembly(place).await.map_err(|e| e.during(PORT, format!("begin {}", place.show())))
    }

    async fn put_part(&self, assembly: &str, number: u32, bytes: Bytes) -> PortResult<Part> {
        self.add_part(assembly, number, bytes).await.map_err(|e| e.during(PORT, format!("put part {number}")))
    }

    async fn parts(&self, assembly: &str) -> PortResult<Vec<Part>> {
        self.list_parts(assembly).await.map_err(|e| e.during(PORT, "list parts"))
    }

    async fn complete(&self, assembly: &str, place: &Place, expected: &Measured) -> PortResult<ObjectVersion> {
        let published = self.publish(assembly, place, expected).await;
        published.map_err(|e| e.during(PORT, format!("complete {}", place.show())))
    }

    async fn abort(&self, assembly: &str) -> PortResult<()> {
        self.drop_assembly(assembly).await.map_err(|e| e.during(PORT, "abort"))
    }

    async fn delete(&self, objects: &[ObjectVersion]) -> PortResult<()> {
        self.remove(objects).await.map_err(|e| e.during(PORT, format!("delete {} versions", objects.len())))
    }

    async fn assemblies(&self) -> PortResult<Vec<(String, Option<(RequestId, RoundNumber)>)>> {
        self.list_assemblies().await.map_err(|e| e.during(PORT, "list assemblies"))
    }

    async fn belongings(&self, area: Area, request: RequestId) -> PortResult<Vec<ObjectVersion>> {
        let listed = self.list_belongings(area, request).await;
        listed.map_err(|e| e.during(PORT, format!("list what belongs to {request}")))
    }

    async fn link(&self, object: &ObjectVersion, name: &str, seconds: u64) -> PortResult<Option<String>> {
        let address = self.address_of(object, name, seconds).await;
        address.map(Some).map_err(|e| e.during(PORT, format!("give out an address of {}", object.show())))
    }

    async fn bar(&self, object: &ObjectVersion) -> PortResult<()> {
        self.mark_barred(object).await.map_err(|e| e.during(PORT, format!("bar addresses of {}", object.show())))
    }
}
