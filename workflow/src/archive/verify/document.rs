//! Reads the documents at the root of an archive.

use std::io::{Read, Seek};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::reader::{Fault, Listed, broken, read_member};
use super::super::record::{ManifestDocument, ReleaseRecord, SCHEMA_VERSION};
use super::super::statement::{ENVELOPE_NAME, Envelope, MANIFEST_NAME, MOST_SIGNED_BYTES, RECORD_NAME, Statement};
use crate::canonical::canonical;

/// A document and the bytes that digests are about.
pub(super) struct Document<T> {
    pub(super) value: T,
    pub(super) bytes: Vec<u8>,
}

/// A kind of document: where it lies, and how large it may be.
pub(super) trait Kind: Serialize + DeserializeOwned {
    const NAME: &'static str;
    const MOST_BYTES: u64;
    /// Whether its shape has a version of ours.
    const HAS_VERSION: bool;
}

impl Kind for ManifestDocument {
    const NAME: &'static str = MANIFEST_NAME;
    const MOST_BYTES: u64 = 1 << 29;
    const HAS_VERSION: bool = true;
}

impl Kind for ReleaseRecord {
    const NAME: &'static str = RECORD_NAME;
    const MOST_BYTES: u64 = 1 << 26;
    const HAS_VERSION: bool = true;
}

impl Kind for Envelope {
    const NAME: &'static str = ENVELOPE_NAME;
    const MOST_BYTES: u64 = 1 << 16;
    const HAS_VERSION: bool = false;
}

/// Reads a document and checks that it is in canonical form.
pub(super) fn read_document<T: Kind, R: Read + Seek>(
    archive: &mut R,
    members: &[Listed],
) -> Result<Document<T>, Fault> {
    let member = members.iter().find(|member| member.name == T::NAME).ok_or_else(|| broken("is missing"))?;
    if member.size > T::MOST_BYTES {
        return Err(broken("is too large to be what it should be"));
    }
    let mut bytes = Vec::new();
    read_member(archive, member, |piece| bytes.extend_from_slice(piece))?;
    if T::HAS_VERSION {
        check_version(&bytes)?;
    }
    let value = read_canonical(&bytes)?;
    Ok(Document { value, bytes })
}

/// Reads the statement that an envelope carries.
pub(super) fn read_statement(payload: &[u8]) -> Result<Statement, Fault> {
    if payload.len() > MOST_SIGNED_BYTES {
        return Err(broken("carries too large a statement"));
    }
    read_canonical(payload)
}

#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

fn check_version(bytes: &[u8]) -> Result<(), Fault> {
    match serde_json::from_slice::<Versioned>(bytes) {
        Ok(Versioned { schema_version: SCHEMA_VERSION }) => Ok(()),
        Ok(Versioned { schema_version }) => {
            Err(broken(format!("has version {schema_version}, which this software does not know")))
        }
        Err(error) => Err(broken(format!("cannot be read: {error}"))),
    }
}

fn read_canonical<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| broken(format!("cannot be read: {error}")))?;
    match canonical(&value) {
        Ok(again) if again == bytes => Ok(value),
        _ => Err(broken("is not in canonical form")),
    }
}
