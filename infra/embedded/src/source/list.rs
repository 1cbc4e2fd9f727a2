//! The platform's version list, as the platform itself writes it (wire contract D2).

use serde_json::{Value, json};
use workflow::ports::object_store::ObjectVersion;

use super::load::Brought;
use crate::object_store::measure_bytes;

/// The list of the files that were brought into a bucket, with the marker of their folder.
pub(super) fn write(bucket: &str, marker: Option<&ObjectVersion>, files: &[Brought]) -> Vec<u8> {
    let newest = files.iter().map(|file| file.at).max().unwrap_or_default();
    let empty = measure_bytes(&[]);
    let folder = marker.map(|object| entry(bucket, &object.key, &object.version, &empty, newest));
    let objects = files.iter().map(|file| {
        let source = &file.declared.source;
        entry(bucket, &source.key, &source.version, &file.measured, file.at)
    });
    let list = json!({ "objects": folder.into_iter().chain(objects).collect::<Vec<_>>() });
    list.to_string().into_bytes()
}

fn entry(
    bucket: &str,
    key: &str,
    version: &str,
    measured: &workflow::ports::object_store::Measured,
    at: jiff::Timestamp,
) -> Value {
    let key = key.strip_prefix(bucket).and_then(|rest| rest.strip_prefix('/')).unwrap_or(key);
    let tag: String = measured.digest.hex().chars().take(32).collect();
    json!({
        "Key": key,
        "LastModified": format!("{at:.3}"),
        "ETag": format!("\"{tag}\""),
        "Size": measured.size,
        "StorageClass": "STANDARD",
        "VersionId": version,
        "Owner": { "ID": "lockgate" },
    })
}
