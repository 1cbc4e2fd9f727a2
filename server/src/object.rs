//! Reading objects of the house.

use serde::de::DeserializeOwned;
use workflow::domain::digest::Digest;
use workflow::ports::object_store::{Area, ObjectVersion};
use workflow::ports::{Kind, PortError, Ports};

/// Bytes that are read at once.
const PIECE: u64 = 4 << 20;

/// Hands the bytes of an object to a writer, piece by piece, and answers how many there were.
pub(crate) async fn copy(
    ports: &Ports,
    object: &ObjectVersion,
    mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<std::io::Result<u64>, PortError> {
    let size = ports.objects.size(object).await?;
    let mut from = 0;
    while from < size {
        let piece = ports.objects.read(object, from, PIECE).await?;
        if piece.is_empty() {
            return Err(PortError::new("object store", format!("read {}", object.key), Kind::Corrupt));
        }
        if let Err(error) = write(&piece) {
            return Ok(Err(error));
        }
        from += u64::try_from(piece.len()).unwrap_or(PIECE);
    }
    Ok(Ok(size))
}

/// Reads a record and checks that it is the one that was referred to.
pub(crate) async fn record<T: DeserializeOwned>(ports: &Ports, key: &str, digest: Digest) -> Result<T, PortError> {
    let operation = || format!("read record {key}");
    let missing = || PortError::new("object store", operation(), Kind::Missing);
    let object = ports.objects.latest(Area::Records, key).await?.ok_or_else(missing)?;
    let mut bytes = Vec::new();
    let append = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    let damaged = |error: String| PortError::new("object store", operation(), Kind::Corrupt).because(error);
    copy(ports, &object, append).await?.map_err(|error| damaged(error.to_string()))?;
    if Digest::of(&bytes) != digest {
        return Err(damaged("its bytes are not those that were recorded".to_owned()));
    }
    serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))
}
