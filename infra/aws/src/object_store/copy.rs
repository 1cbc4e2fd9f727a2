//! Freezing: S3 copies the version itself, whatever its size, and the copy is what is measured.

use aws_sdk_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, MetadataDirective, ServerSideEncryption,
    TaggingDirective,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use workflow::ports::Kind;
use workflow::ports::object_store::{Measured, ObjectVersion, Place};

use super::call::{absent, is_absent, is_taken, version_of};
use super::{ObjectStore, Spot};
use crate::failure::{Failure, Outcome};

/// As much as S3 copies in one call.
const ONE_COPY: u64 = 5 << 30;
/// Larger objects are copied in parts of this size: 10,000 of them are more than S3 keeps in one object.
const PART: u64 = 1 << 30;
/// So many parts are copied at once.
const AT_ONCE: usize = 8;
/// Under this name a copy says which version it is of.
const OF: &str = "lockgate-source";

impl ObjectStore {
    pub(super) async fn copy(&self, source: &ObjectVersion, place: &Place) -> Outcome<(ObjectVersion, Measured)> {
        self.note_belonging(place).await?;
        let copy = match self.copied(source, place).await? {
            Some(copy) => copy,
            None => self.copy_anew(source, place).await?,
        };
        let measured = self.measure(&copy).await?;
        Ok((copy, measured))
    }

    /// The copy that is there already.
    async fn copied(&self, source: &ObjectVersion, place: &Place) -> Outcome<Option<ObjectVersion>> {
        let Some(head) = self.head(&self.spot(place.area, &place.key)?, None).await? else { return Ok(None) };
        let of = head.metadata().and_then(|metadata| metadata.get(OF).cloned());
        if of != Some(name_of(source)) {
            return Err(Failure::refused(Kind::Conflict, format!("{} is a copy of another file", place.show())));
        }
        let version = version_of(head.version_id)?;
        Ok(Some(ObjectVersion { area: place.area, key: place.key.clone(), version }))
    }

    async fn copy_anew(&self, source: &ObjectVersion, place: &Place) -> Outcome<ObjectVersion> {
        let size = self.size_of(source).await?;
        let (from, to) = (self.spot(source.area, &source.key)?, self.spot(place.area, &place.key)?);
        let link = format!("{}/{}?versionId={}", encode(from.bucket), encode(from.key), encode(&source.version));
        let key = self.key_of(place.area);
        let copied = if size > ONE_COPY {
            self.copy_in_parts(source, &link, (&to, key), size).await
        } else {
            self.copy_at_once(source, &link, (&to, key)).await
        };
        match copied {
            Ok(version) => Ok(ObjectVersion { area: place.area, key: place.key.clone(), version }),
            Err(failure) if is_absent(&failure) => Err(absent(source)),
            // Another attempt at the same step was faster.
            Err(failure) if is_taken(&failure) => match self.copied(source, place).await? {
                Some(copy) => Ok(copy),
                None => Err(Failure::busy("another attempt is just copying the file")),
            },
            Err(failure) => Err(failure),
        }
    }

    async fn copy_at_once(&self, source: &ObjectVersion, link: &str, (to, key): (&Spot<'_>, &str)) -> Outcome<String> {
        let call = self.client.copy_object().copy_source(link).bucket(to.bucket).key(to.key).if_none_match("*");
        let call = call.metadata_directive(MetadataDirective::Replace).metadata(OF, name_of(source));
        // Tags of the platform's stay there: to read them takes a permission, without which S3 refuses the whole copy.
        let call = call.tagging_directive(TaggingDirective::Replace);
        let call = call.checksum_algorithm(ChecksumAlgorithm::Crc32);
        let call = call.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(key);
        version_of(call.send().await.map_err(Failure::of)?.version_id)
    }

    async fn copy_in_parts(
        &self,
        source: &ObjectVersion,
        link: &str,
        (to, key): (&Spot<'_>, &str),
        size: u64,
    ) -> Outcome<String> {
        let call = self.client.create_multipart_upload().bucket(to.bucket).key(to.key).metadata(OF, name_of(source));
        let call = call.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(key);
        let upload = call.send().await.map_err(Failure::of)?.upload_id;
        let upload = upload.ok_or_else(|| Failure::damaged("what S3 answered", "the upload has no name"))?;
        let completed = self.copy_parts(link, to, &upload, size).await;
        if completed.is_err() {
            // What is left in spite of this, the bucket's own rule drops after some days.
            let call = self.client.abort_multipart_upload().bucket(to.bucket).key(to.key).upload_id(&upload);
            let _ = call.send().await;
        }
        completed
    }

    async fn copy_parts(&self, link: &str, to: &Spot<'_>, upload: &str, size: u64) -> Outcome<String> {
        let ranges = (1..).zip((0..size).step_by(usize::try_from(PART).unwrap_or(usize::MAX)));
        let copies =
            ranges.map(|(number, from)| self.copy_part(link, to, (upload, number), (from, size.min(from + PART))));
        let copies: Vec<_> = copies.collect();
        let parts: Vec<CompletedPart> = stream::iter(copies).buffered(AT_ONCE).try_collect().await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let call = self.client.complete_multipart_upload().bucket(to.bucket).key(to.key).upload_id(upload);
        let completed = call.if_none_match("*").multipart_upload(parts).send().await.map_err(Failure::of)?;
        version_of(completed.version_id)
    }

    async fn copy_part(
        &self,
        link: &str,
        to: &Spot<'_>,
        (upload, number): (&str, i32),
        (from, end): (u64, u64),
    ) -> Outcome<CompletedPart> {
        let call = self.client.upload_part_copy().bucket(to.bucket).key(to.key).upload_id(upload).part_number(number);
        let copied = call.copy_source(link).copy_source_range(format!("bytes={from}-{}", end - 1)).send().await;
        let etag = copied.map_err(Failure::of)?.copy_part_result.and_then(|part| part.e_tag);
        Ok(CompletedPart::builder().part_number(number).set_e_tag(etag).build())
    }
}

/// A version's name as an attribute of its copy: headers take no letters but ASCII's.
fn name_of(source: &ObjectVersion) -> String {
    format!("{}?{}", encode(&source.key), encode(&source.version))
}

/// Percent-encodes all but what every URL may hold, and the slashes of a path.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}
