//! Addresses for the bytes of one version: signed, short-lived, and ended by a mark on the object.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{Tag, Tagging};
use workflow::ports::object_store::ObjectVersion;

use super::ObjectStore;
use super::call::is_absent;
use crate::failure::{Failure, Outcome};

/// The bucket's policy refuses whoever comes with an address of an object that has this mark.
const BARRED: (&str, &str) = ("lockgate:revoked", "true");

impl ObjectStore {
    pub(super) async fn address_of(&self, object: &ObjectVersion, name: &str, seconds: u64) -> Outcome<String> {
        let spot = self.spot(object.area, &object.key)?;
        let lasts = PresigningConfig::expires_in(Duration::from_secs(seconds));
        let lasts = lasts.map_err(|error| Failure::damaged("the life of an address", error))?;
        let call = self.client.get_object().bucket(spot.bucket).key(spot.key).version_id(&object.version);
        let call = call.response_content_disposition(format!("attachment; filename=\"{name}\""));
        let call = call.response_content_type("application/zip").response_cache_control("no-store");
        Ok(call.presigned(lasts).await.map_err(Failure::of)?.uri().to_owned())
    }

    pub(super) async fn mark_barred(&self, object: &ObjectVersion) -> Outcome<()> {
        let spot = self.spot(object.area, &object.key)?;
        let mark = Tag::builder().key(BARRED.0).value(BARRED.1).build();
        let mark = mark.map_err(|error| Failure::damaged("a mark of ours", error))?;
        let marks = Tagging::builder().tag_set(mark).build().map_err(|e| Failure::damaged("a mark of ours", e))?;
        let call = self.client.put_object_tagging().bucket(spot.bucket).key(spot.key).version_id(&object.version);
        match call.tagging(marks).send().await.map_err(Failure::of) {
            Err(failure) if !is_absent(&failure) => Err(failure),
            _ => Ok(()),
        }
    }
}
