//! Checks a released archive from its bytes alone: that it is whole, and exactly what was approved.

mod document;
mod file;
mod verification;

use std::io::{self, Read, Seek};

use document::{Document, read_document, read_statement};
pub use verification::{Check, Finding, Outcome, Verification};

use super::plan::FILES;
use super::reader::{Fault, Listed, broken, read_directory};
use super::record::{ManifestDocument, ReleaseRecord};
use super::signature::verify_signature;
use super::statement::{ENVELOPE_NAME, Envelope, MANIFEST_NAME, PAYLOAD_TYPE, RECORD_NAME, Statement, encode_message};

/// Verifies a released archive, with a public key (PEM) where the caller has one.
///
/// Every defect of the archive is a finding; an error is only what keeps the archive from being read at all, such as
/// a failing disk. Reads every byte once or twice and holds the directory and the manifest in memory.
pub fn verify<R: Read + Seek>(archive: &mut R, key_pem: Option<&str>) -> io::Result<Verification> {
    let mut verification = Verification::default();
    let listed = read_directory(archive).and_then(|members| check_members(&members).map(|()| members));
    if let Some(members) = verification.note(Check::Structure, "the archive", listed)? {
        verify_contents(archive, &members, key_pem, &mut verification)?;
    }
    verification.skip_the_rest();
    Ok(verification)
}

fn check_members(members: &[Listed]) -> Result<(), Fault> {
    let documents = [MANIFEST_NAME, ENVELOPE_NAME, RECORD_NAME];
    let is_expected = |member: &&Listed| member.name.starts_with(FILES) || documents.contains(&member.name.as_str());
    if let Some(extra) = members.iter().find(|member| !is_expected(member)) {
        return Err(broken(format!("holds {}, which no release holds", super::name::show(&extra.name))));
    }
    Ok(())
}

fn verify_contents<R: Read + Seek>(
    archive: &mut R,
    members: &[Listed],
    key_pem: Option<&str>,
    verification: &mut Verification,
) -> io::Result<()> {
    let manifest = read_document::<ManifestDocument, _>(archive, members).and_then(file::check_order);
    let manifest = verification.note(Check::Manifest, MANIFEST_NAME, manifest)?;
    if let Some(manifest) = &manifest {
        file::verify_files(archive, members, &manifest.value, verification)?;
    }

    let record = read_document::<ReleaseRecord, _>(archive, members);
    let record = record.and_then(|record| check_record(&record, manifest.as_ref()).map(|()| record));
    let Some(record) = verification.note(Check::Record, RECORD_NAME, record)? else { return Ok(()) };

    let envelope = read_document::<Envelope, _>(archive, members);
    let envelope = envelope.and_then(|envelope| check_statement(&envelope.value, &record).map(|()| envelope));
    let envelope = verification.note(Check::Statement, ENVELOPE_NAME, envelope)?;
    if let (Some(envelope), Some(key_pem)) = (&envelope, key_pem) {
        verification.note(Check::Signature, "the signature", check_signature(&envelope.value, key_pem))?;
    } else if envelope.is_some() {
        verification.skip(Check::Signature, "signature not checked: no key was given");
    }
    verification.record = Some(record.value);
    Ok(())
}

fn check_record(record: &Document<ReleaseRecord>, manifest: Option<&Document<ManifestDocument>>) -> Result<(), Fault> {
    let Some(manifest) = manifest else { return Err(broken("cannot be compared with the manifest")) };
    let is_same_round =
        record.value.request_id == manifest.value.request_id && record.value.round == manifest.value.round;
    if record.value.manifest == manifest.value.recorded(&manifest.bytes) && is_same_round {
        return Ok(());
    }
    Err(broken("names another manifest than the one in this archive"))
}

fn check_statement(envelope: &Envelope, record: &Document<ReleaseRecord>) -> Result<(), Fault> {
    let payload = envelope.payload().ok_or_else(|| broken("carries no statement"))?;
    if read_statement(&payload)? == Statement::new(&record.value, &record.bytes) {
        return Ok(());
    }
    Err(broken("is about another release record than the one in this archive"))
}

fn check_signature(envelope: &Envelope, key_pem: &str) -> Result<(), Fault> {
    let payload = envelope.payload().ok_or_else(|| broken("carries no statement"))?;
    let message = encode_message(PAYLOAD_TYPE, &payload);
    let mut problem = "is missing".to_owned();
    for signature in envelope.signatures() {
        match verify_signature(key_pem, &message, &signature) {
            Ok(()) => return Ok(()),
            Err(error) => problem = format!("does not hold: {error}"),
        }
    }
    Err(broken(problem))
}

#[cfg(test)]
mod tests;
