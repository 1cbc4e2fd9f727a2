//! Whose objects are where: noted before the first is put, so that all of a request's are found without a search.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use workflow::domain::id::RequestId;
use workflow::ports::object_store::{Area, ObjectVersion, Place};

use super::ObjectStore;
use super::call::is_taken;
use crate::failure::{Failure, Outcome};

impl ObjectStore {
    /// Notes where a request's objects are put. Again: nothing.
    pub(super) async fn note_belonging(&self, place: &Place) -> Outcome<()> {
        let Some((request, _)) = place.owner else { return Ok(()) };
        if !matches!(place.area, Area::Staging | Area::Release) {
            return Ok(());
        }
        let key = format!("{}{}", folder_of(place.area, request), prefix_of(&place.key, request));
        self.note(&key, "").await
    }

    /// Puts a small note into the records area, if it is not there.
    pub(super) async fn note(&self, key: &str, text: &str) -> Outcome<()> {
        let call = self.client.put_object().bucket(&self.buckets.records).key(key).if_none_match("*");
        let call = call.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(&self.keys.storage);
        match call.body(ByteStream::from(text.as_bytes().to_vec())).send().await.map_err(Failure::of) {
            Err(failure) if !is_taken(&failure) => Err(failure),
            _ => Ok(()),
        }
    }

    pub(super) async fn list_belongings(&self, area: Area, request: RequestId) -> Outcome<Vec<ObjectVersion>> {
        let folder = folder_of(area, request);
        let call = self.client.list_objects_v2().bucket(&self.buckets.records).prefix(&folder);
        let mut pages = call.into_paginator().send();
        let mut belongings = Vec::new();
        while let Some(page) = pages.next().await {
            for note in page.map_err(Failure::of)?.contents.unwrap_or_default() {
                if let Some(prefix) = note.key().and_then(|key| key.strip_prefix(&folder)) {
                    belongings.extend(self.versions_under(area, prefix).await?);
                }
            }
        }
        Ok(belongings)
    }

    async fn versions_under(&self, area: Area, prefix: &str) -> Outcome<Vec<ObjectVersion>> {
        let bucket = self.spot(area, prefix)?.bucket;
        let mut found = Vec::new();
        let (mut key, mut version) = (None, None);
        loop {
            let call = self.client.list_object_versions().bucket(bucket).prefix(prefix);
            let page = call.set_key_marker(key).set_version_id_marker(version).send().await.map_err(Failure::of)?;
            for object in page.versions.unwrap_or_default() {
                let (key, version) = (object.key.unwrap_or_default(), object.version_id.unwrap_or_default());
                found.push(ObjectVersion { area, key, version });
            }
            if page.is_truncated != Some(true) {
                return Ok(found);
            }
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
        }
    }
}

fn folder_of(area: Area, request: RequestId) -> String {
    format!("belongings/{request}/{}/", area.as_str())
}

/// The part of a key under which everything is one request's: up to its id; else the whole key.
fn prefix_of(key: &str, request: RequestId) -> &str {
    let id = format!("{request}/");
    let end = key.find(&id).map_or(key.len(), |begin| begin + id.len());
    key.get(..end).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_under_a_requests_id_is_the_requests() {
        let id: RequestId = "5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21".parse().unwrap();
        assert_eq!(prefix_of(&format!("ws/{id}/r1/a.csv"), id), format!("ws/{id}/"));
        assert_eq!(prefix_of("elsewhere/a.csv", id), "elsewhere/a.csv");
    }
}
