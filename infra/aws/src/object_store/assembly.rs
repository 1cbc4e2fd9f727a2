//! Archives are put together as multipart uploads: nobody can read one before it is complete, and then it is whole.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, ServerSideEncryption,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use workflow::domain::id::{RequestId, RoundNumber};
use workflow::ports::Kind;
use workflow::ports::object_store::{Area, Measured, ObjectVersion, Part, Place};

use super::call::{is_gone, is_taken, version_of};
use super::{ObjectStore, Spot};
use crate::failure::{Failure, Outcome};
use crate::row::to_json;

/// What an assembly is called: the area, the name that S3 gave it, and the key.
struct Name<'a> {
    area: Area,
    upload: &'a str,
    key: &'a str,
}

/// A part as S3 knows it.
struct Stored {
    part: Part,
    etag: String,
}

/// Whose an assembly is: written down, because S3 does not list what an upload was begun with.
#[derive(Serialize, Deserialize)]
struct Owner {
    request: RequestId,
    round: RoundNumber,
}

impl<'a> Name<'a> {
    fn parse(text: &'a str) -> Outcome<Self> {
        let strange = || Failure::refused(Kind::Missing, "there is no assembly of that name");
        let (area, rest) = text.split_once('/').ok_or_else(strange)?;
        let (upload, key) = rest.split_once('/').ok_or_else(strange)?;
        let areas = [Area::Staging, Area::Records, Area::Release];
        let area = areas.into_iter().find(|known| known.as_str() == area).ok_or_else(strange)?;
        Ok(Self { area, upload, key })
    }

    fn text(&self) -> String {
        format!("{}/{}/{}", self.area.as_str(), self.upload, self.key)
    }

    /// The key of the note that says whose it is.
    fn note(&self) -> String {
        format!("assemblies/{}", self.upload)
    }
}

impl ObjectStore {
    pub(super) async fn begin_assembly(&self, place: &Place) -> Outcome<String> {
        self.note_belonging(place).await?;
        let spot = self.spot(place.area, &place.key)?;
        let call = self.client.create_multipart_upload().bucket(spot.bucket).key(spot.key);
        let call = call.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(self.key_of(place.area));
        let begun = call
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .checksum_type(ChecksumType::FullObject)
            .send()
            .await
            .map_err(Failure::of)?;
        let upload = begun.upload_id.ok_or_else(|| Failure::damaged("what S3 answered", "the upload has no name"))?;
        let name = Name { area: place.area, upload: &upload, key: &place.key };
        if let Some((request, round)) = place.owner {
            self.note(&name.note(), &to_json(&Owner { request, round })?).await?;
        }
        Ok(name.text())
    }

    pub(super) async fn add_part(&self, assembly: &str, number: u32, bytes: Bytes) -> Outcome<Part> {
        let name = Name::parse(assembly)?;
        let spot = self.spot(name.area, name.key)?;
        let part = Part { number, size: bytes.len() as u64, crc32: crc32fast::hash(&bytes) };
        let call = self.client.upload_part().bucket(spot.bucket).key(spot.key).upload_id(name.upload);
        let call = call.part_number(i32::try_from(number).unwrap_or(i32::MAX)).checksum_crc32(text_of(part.crc32));
        call.body(ByteStream::from(bytes)).send().await.map_err(gone)?;
        Ok(part)
    }

    pub(super) async fn list_parts(&self, assembly: &str) -> Outcome<Vec<Part>> {
        let stored = self.stored(&Name::parse(assembly)?).await?;
        Ok(stored.into_iter().map(|stored| stored.part).collect())
    }

    async fn stored(&self, name: &Name<'_>) -> Outcome<Vec<Stored>> {
        let spot = self.spot(name.area, name.key)?;
        let call = self.client.list_parts().bucket(spot.bucket).key(spot.key).upload_id(name.upload);
        let mut parts = call.into_paginator().items().send();
        let mut stored = Vec::new();
        while let Some(part) = parts.next().await {
            stored.push(read(&part.map_err(gone)?)?);
        }
        Ok(stored)
    }

    /// Publishes an assembly that is what was expected. S3 is told the CRC-32 of the whole, and checks it, too.
    pub(super) async fn publish(&self, assembly: &str, place: &Place, expected: &Measured) -> Outcome<ObjectVersion> {
        let name = Name::parse(assembly)?;
        if let Some(there) = self.newest(place.area, &place.key).await? {
            return self.is_published(there, &name, expected).await;
        }
        let stored = self.stored(&name).await?;
        check(&stored, expected)?;
        let spot = self.spot(place.area, &place.key)?;
        match self.finish(&name, &spot, (&stored, expected)).await {
            Ok(version) => {
                self.forget(&name).await?;
                Ok(ObjectVersion { area: place.area, key: place.key.clone(), version })
            }
            // The answer to an earlier call was lost, or a rival was faster.
            Err(failure) if is_taken(&failure) || is_gone(&failure) => {
                let there = self.newest(place.area, &place.key).await?;
                self.is_published(there.ok_or(failure)?, &name, expected).await
            }
            Err(failure) => Err(failure),
        }
    }

    async fn finish(
        &self,
        name: &Name<'_>,
        spot: &Spot<'_>,
        (stored, expected): (&[Stored], &Measured),
    ) -> Outcome<String> {
        let part = |stored: &Stored| {
            let number = i32::try_from(stored.part.number).unwrap_or(i32::MAX);
            let part = CompletedPart::builder().part_number(number).e_tag(&stored.etag);
            part.checksum_crc32(text_of(stored.part.crc32)).build()
        };
        let parts = CompletedMultipartUpload::builder().set_parts(Some(stored.iter().map(part).collect())).build();
        let call = self.client.complete_multipart_upload().bucket(spot.bucket).key(spot.key).upload_id(name.upload);
        let call = call.checksum_type(ChecksumType::FullObject).checksum_crc32(text_of(expected.crc32));
        let completed = call.if_none_match("*").multipart_upload(parts).send().await.map_err(Failure::of)?;
        version_of(completed.version_id)
    }

    /// Takes what is published for the assembly's if it is byte for byte what was expected: by reading it.
    async fn is_published(&self, there: ObjectVersion, name: &Name<'_>, expected: &Measured) -> Outcome<ObjectVersion> {
        let same = self.size_of(&there).await? == expected.size && self.measure(&there).await? == *expected;
        if !same {
            let sentence = format!("something else is published under {}", there.key);
            return Err(Failure::refused(Kind::Conflict, sentence));
        }
        self.drop_named(name).await?;
        Ok(there)
    }

    pub(super) async fn drop_assembly(&self, assembly: &str) -> Outcome<()> {
        self.drop_named(&Name::parse(assembly)?).await
    }

    async fn drop_named(&self, name: &Name<'_>) -> Outcome<()> {
        let spot = self.spot(name.area, name.key)?;
        let call = self.client.abort_multipart_upload().bucket(spot.bucket).key(spot.key).upload_id(name.upload);
        match call.send().await.map_err(Failure::of) {
            Err(failure) if !is_gone(&failure) => Err(failure),
            _ => self.forget(name).await,
        }
    }

    /// Removes the note of whose an assembly was.
    async fn forget(&self, name: &Name<'_>) -> Outcome<()> {
        match self.newest(Area::Records, &name.note()).await? {
            Some(note) => self.remove(&[note]).await,
            None => Ok(()),
        }
    }

    pub(super) async fn list_assemblies(&self) -> Outcome<Vec<(String, Option<(RequestId, RoundNumber)>)>> {
        let mut listed = Vec::new();
        let (mut key, mut upload) = (None, None);
        loop {
            let call = self.client.list_multipart_uploads().bucket(&self.buckets.release);
            let page = call.set_key_marker(key).set_upload_id_marker(upload).send().await.map_err(Failure::of)?;
            for begun in page.uploads.unwrap_or_default() {
                let (key, upload) = (begun.key.unwrap_or_default(), begun.upload_id.unwrap_or_default());
                let name = Name { area: Area::Release, upload: &upload, key: &key };
                match self.owner(&name).await {
                    // It ended while this was looked at, and its note with it.
                    Err(failure) if failure.kind() == Kind::Missing => {}
                    owner => listed.push((name.text(), owner?)),
                }
            }
            if page.is_truncated != Some(true) {
                return Ok(listed);
            }
            (key, upload) = (page.next_key_marker, page.next_upload_id_marker);
        }
    }

    async fn owner(&self, name: &Name<'_>) -> Outcome<Option<(RequestId, RoundNumber)>> {
        let Some(note) = self.newest(Area::Records, &name.note()).await? else { return Ok(None) };
        let text = self.fetch(&note, 0, u64::MAX).await?;
        let owner: Owner = serde_json::from_slice(&text).map_err(|e| Failure::damaged("the note of an assembly", e))?;
        Ok(Some((owner.request, owner.round)))
    }
}

/// An assembly that is gone is missing.
fn gone<E>(error: E) -> Failure
where
    E: std::error::Error + aws_sdk_s3::error::ProvideErrorMetadata,
{
    let failure = Failure::of(error);
    if is_gone(&failure) { Failure::refused(Kind::Missing, "there is no such assembly any longer") } else { failure }
}

fn read(part: &aws_sdk_s3::types::Part) -> Outcome<Stored> {
    let damaged = || Failure::damaged("a part as S3 lists it", "its number, size, tag or CRC-32 is missing");
    let number = part.part_number().and_then(|number| u32::try_from(number).ok()).ok_or_else(damaged)?;
    let size = part.size().and_then(|size| u64::try_from(size).ok()).ok_or_else(damaged)?;
    let crc32 = part.checksum_crc32().and_then(|text| STANDARD.decode(text).ok()).and_then(|crc| crc.try_into().ok());
    let crc32 = u32::from_be_bytes(crc32.ok_or_else(damaged)?);
    let etag = part.e_tag().ok_or_else(damaged)?.to_owned();
    Ok(Stored { part: Part { number, size, crc32 }, etag })
}

/// Size and CRC-32 of all parts together must be what was expected.
fn check(stored: &[Stored], expected: &Measured) -> Outcome<()> {
    let mut whole = crc32fast::Hasher::new();
    let mut size = 0;
    for Stored { part, .. } in stored {
        whole.combine(&crc32fast::Hasher::new_with_initial_len(part.crc32, part.size));
        size += part.size;
    }
    if (size, whole.finalize()) == (expected.size, expected.crc32) {
        return Ok(());
    }
    Err(Failure::refused(Kind::Corrupt, "the parts together are not what was expected; nothing was published"))
}

/// A CRC-32 as S3 writes it.
fn text_of(crc32: u32) -> String {
    STANDARD.encode(crc32.to_be_bytes())
}
