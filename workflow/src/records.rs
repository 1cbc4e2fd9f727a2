//! Immutable records: lists, manifests, plans and proofs as objects whose key holds their digest.

mod shelf;

use std::any::Any;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::canonical::canonical;
use crate::domain::digest::Digest;
use crate::domain::release::RecordReference;
use crate::domain::request::Request;
use crate::ports::object_store::{Area, ObjectVersion, Place};
use crate::ports::{Kind, PortError, Ports};

/// Bytes that are read at once.
const READ_BYTES: u64 = 4 << 20;

/// Stores a record of the request's current round in its canonical form. Again: the one that is there.
pub(crate) async fn put<T: Serialize>(
    ports: &Ports,
    request: &Request,
    kind: &str,
    record: &T,
) -> Result<RecordReference, PortError> {
    let bytes = canonical(record).map_err(|error| damaged(kind, error))?;
    put_bytes(ports, request, kind, bytes).await
}

/// Stores a record that is bytes already.
pub(crate) async fn put_bytes(
    ports: &Ports,
    request: &Request,
    kind: &str,
    bytes: Vec<u8>,
) -> Result<RecordReference, PortError> {
    let digest = Digest::of(&bytes);
    let key = request.record_key(&format!("{kind}-{}.json", digest.hex()));
    let owner = Some((request.id, request.round().number));
    ports.objects.put(&Place { area: Area::Records, owner, key: key.clone() }, Bytes::from(bytes)).await?;
    Ok(RecordReference { key, digest })
}

/// Reads a record and checks that it is the one that was referred to.
pub(crate) async fn get<T: DeserializeOwned>(ports: &Ports, reference: &RecordReference) -> Result<T, PortError> {
    let bytes = get_bytes(ports, &reference.key, reference.digest).await?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(&reference.key, error))
}

/// Reads a record that is looked at again and again: it is read and understood once for as long as there is room.
pub(crate) async fn share<T>(ports: &Ports, reference: &RecordReference) -> Result<Arc<T>, PortError>
where
    T: DeserializeOwned + Any + Send + Sync,
{
    if let Some(record) = shelf::take(reference.digest) {
        return Ok(record);
    }
    let bytes = get_bytes(ports, &reference.key, reference.digest).await?;
    let record = serde_json::from_slice(&bytes).map_err(|error| damaged(&reference.key, error))?;
    let record = Arc::new(record);
    shelf::put(reference.digest, bytes.len(), &record);
    Ok(record)
}

/// Reads the bytes of a record and checks their digest.
pub(crate) async fn get_bytes(ports: &Ports, key: &str, digest: Digest) -> Result<Vec<u8>, PortError> {
    let missing = || PortError::new("object store", format!("read record {key}"), Kind::Missing);
    let object = ports.objects.latest(Area::Records, key).await?.ok_or_else(missing)?;
    let bytes = read_whole(ports, &object).await?;
    if Digest::of(&bytes) != digest {
        return Err(damaged(key, "its bytes are not those that were recorded"));
    }
    Ok(bytes)
}

/// Reads a whole object of moderate size.
pub(crate) async fn read_whole(ports: &Ports, object: &ObjectVersion) -> Result<Vec<u8>, PortError> {
    let size = ports.objects.size(object).await?;
    let mut bytes = Vec::new();
    let mut from = 0;
    while from < size {
        let piece = ports.objects.read(object, from, READ_BYTES).await?;
        if piece.is_empty() {
            return Err(damaged(&object.key, "it ends before its size"));
        }
        from += u64::try_from(piece.len()).unwrap_or(READ_BYTES);
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn damaged(what: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PortError {
    PortError::new("object store", format!("use record {what}"), Kind::Corrupt).because(error)
}
