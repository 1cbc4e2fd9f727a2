//! Single calls of S3, and what their answers mean.

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use bytes::Bytes;
use workflow::ports::Kind;
use workflow::ports::object_store::{ObjectVersion, Place};

use super::{ObjectStore, Spot};
use crate::failure::{Failure, Outcome};

/// Tells whether S3 has no such version, whichever way it says so. What others named as a version may be no version at
/// all, which S3 calls an invalid argument. A bucket that is not there is no answer: that is about the account.
pub(super) fn is_absent(failure: &Failure) -> bool {
    ["NotFound", "NoSuchKey", "NoSuchVersion", "InvalidArgument"].contains(&failure.code())
}

/// Tells whether something is under the key already, or somebody is just putting it there.
pub(super) fn is_taken(failure: &Failure) -> bool {
    ["PreconditionFailed", "ConditionalRequestConflict"].contains(&failure.code())
}

/// Tells whether an assembly is gone.
pub(super) fn is_gone(failure: &Failure) -> bool {
    ["NoSuchUpload", "NoSuchKey"].contains(&failure.code())
}

impl ObjectStore {
    /// What is known of a version, or of the newest one; none if it is not there.
    pub(super) async fn head(&self, spot: &Spot<'_>, version: Option<&str>) -> Outcome<Option<HeadObjectOutput>> {
        let call = self.client.head_object().bucket(spot.bucket).key(spot.key);
        match call.set_version_id(version.map(str::to_owned)).send().await {
            Ok(head) if head.delete_marker == Some(true) => Ok(None),
            Ok(head) => Ok(Some(head)),
            Err(error) if status_of(&error).is_some_and(|status| [400, 404, 405].contains(&status)) => Ok(None),
            Err(error) => Err(Failure::of(error)),
        }
    }

    pub(super) async fn size_of(&self, object: &ObjectVersion) -> Outcome<u64> {
        let head = self.head(&self.spot(object.area, &object.key)?, Some(&object.version)).await?;
        let head = head.ok_or_else(|| absent(object))?;
        head.content_length.and_then(|length| u64::try_from(length).ok()).ok_or_else(|| absent(object))
    }

    /// The bytes of a range; empty past the end.
    pub(super) async fn fetch(&self, object: &ObjectVersion, from: u64, length: u64) -> Outcome<Bytes> {
        if length == 0 {
            return Ok(Bytes::new());
        }
        match self.open(object, from, length).await {
            Ok(answer) => {
                let body =
                    answer.body.collect().await.map_err(|e| Failure::busy(&format!("the bytes broke off: {e}")))?;
                Ok(body.into_bytes())
            }
            Err(failure) if failure.code() == "InvalidRange" => Ok(Bytes::new()),
            Err(failure) => Err(failure),
        }
    }

    /// Begins to read a range.
    pub(super) async fn open(&self, object: &ObjectVersion, from: u64, length: u64) -> Outcome<GetObjectOutput> {
        let spot = self.spot(object.area, &object.key)?;
        let call = self.client.get_object().bucket(spot.bucket).key(spot.key).version_id(&object.version);
        // A whole object is asked for without a range: an empty one has none.
        let last = from.saturating_add(length - 1);
        let range = (from > 0 || last < u64::MAX - 1).then(|| format!("bytes={from}-{last}"));
        match call.set_range(range).send().await.map_err(Failure::of) {
            Ok(answer) => Ok(answer),
            Err(failure) if is_absent(&failure) => Err(absent(object)),
            Err(failure) => Err(failure),
        }
    }

    /// Puts an object where nothing is.
    pub(super) async fn put_first(&self, place: &Place, bytes: Bytes) -> Outcome<ObjectVersion> {
        let spot = self.spot(place.area, &place.key)?;
        let call = self.client.put_object().bucket(spot.bucket).key(spot.key).if_none_match("*");
        let call = call.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(self.key_of(place.area));
        let put = call.body(ByteStream::from(bytes)).send().await.map_err(Failure::of)?;
        Ok(ObjectVersion { area: place.area, key: place.key.clone(), version: version_of(put.version_id)? })
    }
}

pub(super) fn absent(object: &ObjectVersion) -> Failure {
    let sentence =
        format!("there is no version {} of {} in the {} area", object.version, object.show(), object.area.as_str());
    Failure::refused(Kind::Missing, sentence)
}

/// A bucket without versions is none of ours: what is in it could be replaced.
pub(super) fn version_of(version: Option<String>) -> Outcome<String> {
    version.ok_or_else(|| Failure::damaged("what S3 answered", "the bucket keeps no versions"))
}

pub(super) fn status_of<E>(
    error: &aws_sdk_s3::error::SdkError<E, aws_sdk_s3::config::http::HttpResponse>,
) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}
