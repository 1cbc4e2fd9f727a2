//! One submission of the platform: its notice and its list of versions, as they would arrive.

use std::path::Path;

use infra_embedded::source::Loaded;
use serde_json::{Value, json};
use uuid::Uuid;
use workflow::domain::notice::Notice;
use workflow::ports::Clock;

use super::super::source;
use super::sample;
use crate::desk::Desk;
use crate::failure::Failure;

/// What the platform would send and keep.
pub(super) struct Submission {
    notice: Value,
    list: Value,
}

impl Submission {
    /// The one that was recorded.
    pub(super) fn recorded() -> Result<Self, Failure> {
        Self::read(sample::NOTICE, sample::LIST)
    }

    /// The same content from another workspace: a store's content leaves only once.
    pub(super) fn in_another_workspace(&self, workspace: Uuid, id: Uuid) -> Result<Self, Failure> {
        let old = self.text("workspace_id").to_owned();
        let moved = |value: &Value| value.to_string().replace(&old, &workspace.to_string());
        let mut submission = Self::read(&moved(&self.notice), &moved(&self.list))?;
        submission.set("id", json!(id));
        Ok(submission)
    }

    /// The next submission of the same store.
    pub(super) fn again(&self, id: Uuid, clock: &dyn Clock) -> Result<Self, Failure> {
        let mut submission = Self::read(&self.notice.to_string(), &self.list.to_string())?;
        let location = self.text("egress_store_object_list_location").replace("-ver1.json", "-ver2.json");
        submission.set("id", json!(id));
        submission.set("ver", json!(2));
        submission.set("egress_store_object_list_location", json!(location));
        submission.set("updated_at", json!(format!("{:.3}", clock.now())));
        Ok(submission)
    }

    fn read(notice: &str, list: &str) -> Result<Self, Failure> {
        let parse =
            |text| serde_json::from_str(text).map_err(|error| Failure::bug(&format!("the sample is damaged: {error}")));
        Ok(Self { notice: parse(notice)?, list: parse(list)? })
    }

    /// The notice as the platform sends it.
    pub(super) fn body(&self) -> Vec<u8> {
        self.notice.to_string().into_bytes()
    }

    /// The notice as Lockgate reads it.
    pub(super) fn notice(&self) -> Result<Notice, Failure> {
        Notice::parse(&self.body()).map_err(|bad| Failure::bug(&format!("the sample is damaged: {bad}")))
    }

    /// Brings a folder in as the content of the store, and keeps the platform's list with the versions that it got.
    pub(super) async fn bring(&mut self, desk: &Desk, folder: &Path) -> Result<Loaded, Failure> {
        let notice = self.notice()?;
        let mut loaded = source::bring(desk, &notice.bucket, &notice.folder, folder).await?;
        self.name_versions(&loaded)?;
        loaded.list = self.list.to_string().into_bytes();
        source::keep_list(desk, &notice, &loaded).await?;
        Ok(loaded)
    }

    fn name_versions(&mut self, loaded: &Loaded) -> Result<(), Failure> {
        let given: Value = serde_json::from_slice(&loaded.list).map_err(|error| Failure::bug(&error.to_string()))?;
        for object in objects_mut(&mut self.list) {
            let key = object.get("Key").cloned();
            let version = objects(&given).find(|other| other.get("Key") == key.as_ref());
            if let (Some(object), Some(version)) = (object.as_object_mut(), version.and_then(Value::as_object)) {
                if object.get("Size") != version.get("Size") {
                    object.extend(version.get("ETag").map(|tag| ("ETag".to_owned(), tag.clone())));
                }
                let fields = ["VersionId", "Size"].into_iter();
                object.extend(fields.filter_map(|name| Some((name.to_owned(), version.get(name)?.clone()))));
            }
        }
        Ok(())
    }

    fn text(&self, field: &str) -> &str {
        self.notice.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    fn set(&mut self, field: &str, value: Value) {
        if let Some(notice) = self.notice.as_object_mut() {
            notice.insert(field.to_owned(), value);
        }
    }
}

fn objects(list: &Value) -> impl Iterator<Item = &Value> {
    list.get("objects").and_then(Value::as_array).into_iter().flatten()
}

fn objects_mut(list: &mut Value) -> impl Iterator<Item = &mut Value> {
    list.get_mut("objects").and_then(Value::as_array_mut).into_iter().flatten()
}
