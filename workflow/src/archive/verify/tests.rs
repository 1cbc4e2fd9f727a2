mod hostile;

use std::io::Cursor;

use ed25519_dalek::pkcs8::EncodePublicKey as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::{Signer as _, SigningKey};
use jiff::Timestamp;

use super::*;
use crate::archive::testing::{File, SMALL, assemble, join};
use crate::archive::{ManifestFile, Member, Method, Plan, RecordedDecision, RecordedPolicy, SCHEMA_VERSION};
use crate::domain::digest::Digest;

/// A release that a test can spoil before it is assembled.
struct Release {
    files: Vec<File>,
    record: ReleaseRecord,
    /// The documents as they go into the archive, by name.
    documents: Vec<(&'static str, Vec<u8>)>,
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn pem() -> String {
    key().verifying_key().to_public_key_pem(LineEnding::LF).unwrap()
}

fn files() -> Vec<File> {
    let table = "age,sex,outcome\n".repeat(30);
    vec![
        File::new("a/one.csv", table.clone(), Method::Deflate(6)),
        File { part_size: Some(100), ..File::new("a/two.csv", table, Method::Store) },
        File::new("empty", "", Method::Store),
        File::new("naïve-名.csv", "1,2\n", Method::Deflate(6)),
    ]
}

fn manifest_of(files: &[File]) -> ManifestDocument {
    let listed = files.iter().map(|file| {
        let content = file.content();
        ManifestFile {
            path: file.path.clone(),
            size: content.size,
            digest: content.digest,
            crc32: content.crc32,
            source_version: "version 1".into(),
            submitted_as: None,
        }
    });
    ManifestDocument { schema_version: SCHEMA_VERSION, request_id: "r-1".into(), round: 1, files: listed.collect() }
}

fn record_of(manifest: &ManifestDocument) -> ReleaseRecord {
    let json = manifest.to_json().unwrap();
    ReleaseRecord {
        schema_version: SCHEMA_VERSION,
        request_id: manifest.request_id.clone(),
        round: manifest.round,
        project: "p-1".into(),
        workspace: "w-1".into(),
        requester_email: "requester@example.org".into(),
        policy: RecordedPolicy { name: "two-stage".into(), version: 1, digest: Digest::of(b"policy") },
        manifest: manifest.recorded(&json),
        decisions: vec![RecordedDecision {
            stage: "information_governance".into(),
            person_name: "R. Viewer".into(),
            person_email: "reviewer@example.org".into(),
            decision: "approve".into(),
            reason: "aggregates only".into(),
            decided_at: "2026-11-20T10:00:00Z".into(),
        }],
        released_by: "lockgate 0.1.0".into(),
        prepared_at: "2026-11-20T10:05:00Z".into(),
    }
}

impl Release {
    fn new() -> Self {
        let manifest = manifest_of(&files());
        let record = record_of(&manifest);
        Self::of(files(), &manifest, record)
    }

    /// Documents that agree with `manifest` and `record`, whatever these say.
    fn of(files: Vec<File>, manifest: &ManifestDocument, record: ReleaseRecord) -> Self {
        let record_json = record.to_json().unwrap();
        let unsigned = Statement::new(&record, &record_json).unsigned().unwrap();
        let envelope = unsigned.sign_with("key 1", &key().sign(unsigned.message()).to_bytes());
        let documents = vec![
            (MANIFEST_NAME, manifest.to_json().unwrap()),
            (ENVELOPE_NAME, envelope.to_json().unwrap()),
            (RECORD_NAME, record_json),
        ];
        Self { files, record, documents }
    }

    fn with_document(mut self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        change(&mut self.documents.iter_mut().find(|(found, _)| *found == name).unwrap().1);
        self
    }

    fn zip(&self) -> Vec<u8> {
        let files = (0_u32..).zip(&self.files);
        let mut members: Vec<Member> =
            files.map(|(index, file)| Member::file(&file.path, index, file.content(), file.method)).collect();
        members.extend(self.documents.iter().map(|(name, bytes)| Member::document(name, bytes.clone())));
        members.sort_by(|left, right| left.name().cmp(right.name()));
        let plan = Plan::with_cuts(Timestamp::UNIX_EPOCH, members, SMALL).unwrap();
        join(&assemble(&plan.into(), &self.files, || false).unwrap().0)
    }

    fn verify(&self) -> Verification {
        verify_bytes(&self.zip())
    }
}

fn verify_bytes(zip: &[u8]) -> Verification {
    verify(&mut Cursor::new(zip), Some(&pem())).unwrap()
}

fn failed(verification: &Verification, check: Check) -> &str {
    let found = verification.findings.iter().find(|found| found.check == check).unwrap();
    match &found.outcome {
        Outcome::Failed(sentence) => sentence,
        other => panic!("{check:?} was {other:?}"),
    }
}

#[test]
fn a_release_passes_every_check() {
    let verification = Release::new().verify();
    assert!(verification.findings.iter().all(|found| found.outcome == Outcome::Passed), "{:?}", verification.findings);
    assert!(verification.is_signed());
    assert_eq!((verification.files, verification.bytes), (4, 964));
    assert_eq!(verification.record, Some(Release::new().record));
}

#[test]
fn without_a_key_it_says_so_and_checks_the_rest() {
    let verification = verify(&mut Cursor::new(Release::new().zip()), None).unwrap();
    assert!(verification.is_sound() && !verification.is_signed());
    let last = verification.findings.last().unwrap();
    assert_eq!(last.to_string(), "signature: signature not checked: no key was given");
}

#[test]
fn a_file_that_was_never_approved_is_named() {
    let mut release = Release::new();
    release.files.insert(1, File::new("a/tow.csv", "more", Method::Store));
    let verification = release.verify();
    assert_eq!(failed(&verification, Check::Files), "the file 'a/tow.csv' is in the archive and was never approved");
    assert_eq!(verification.bad_file.as_deref(), Some("a/tow.csv"));
}

#[test]
fn a_file_that_is_missing_is_named() {
    let mut release = Release::new();
    release.files.pop();
    assert_eq!(
        failed(&release.verify(), Check::Files),
        "the file 'naïve-名.csv' was approved and is not in the archive"
    );
}

#[test]
fn the_first_file_with_other_bytes_is_named() {
    for (index, path) in [(0, "a/one.csv"), (1, "a/two.csv")] {
        let mut release = Release::new();
        release.files[index].bytes[3] ^= 1;
        release.files[3].bytes[0] ^= 1;
        let verification = release.verify();
        assert_eq!(
            failed(&verification, Check::Files),
            format!("the file '{path}' does not have the bytes that were approved")
        );
    }
}

#[test]
fn a_manifest_that_is_not_canonical_is_refused() {
    let verification = Release::new().with_document(MANIFEST_NAME, |json| json.push(b'\n')).verify();
    assert_eq!(failed(&verification, Check::Manifest), "manifest.json is not in canonical form");
}

#[test]
fn a_record_of_another_manifest_is_refused() {
    let mut manifest = manifest_of(&files());
    manifest.round = 2;
    let release = Release::of(files(), &manifest_of(&files()), record_of(&manifest));
    let sentence = "release-record.json names another manifest than the one in this archive";
    assert_eq!(failed(&release.verify(), Check::Record), sentence);
}

#[test]
fn a_document_of_a_later_version_is_told_apart_from_a_broken_one() {
    let mut manifest = manifest_of(&files());
    manifest.schema_version = 7;
    let release = Release::of(files(), &manifest, record_of(&manifest));
    let sentence = "manifest.json has version 7, which this software does not know";
    assert_eq!(failed(&release.verify(), Check::Manifest), sentence);
}

#[test]
fn a_statement_about_another_record_is_refused() {
    let mut other = Release::new().record;
    other.decisions[0].reason = "none".into();
    let record = other.to_json().unwrap();
    let verification = Release::new().with_document(RECORD_NAME, |json| *json = record).verify();
    let sentence = "release-record.dsse.json is about another release record than the one in this archive";
    assert_eq!(failed(&verification, Check::Statement), sentence);
}

#[test]
fn a_signature_of_another_key_does_not_hold() {
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
    let verification = verify(&mut Cursor::new(Release::new().zip()), Some(&other)).unwrap();
    let sentence = "the signature does not hold: the signature was not made with this key";
    assert_eq!(failed(&verification, Check::Signature), sentence);
    assert!(!verification.is_sound());
}

#[test]
fn a_missing_document_is_named_and_an_unknown_one_refused() {
    let mut release = Release::new();
    release.documents.retain(|(name, _)| *name != RECORD_NAME);
    assert_eq!(failed(&release.verify(), Check::Record), "release-record.json is missing");
    release.documents.push(("readme.txt", b"hello".to_vec()));
    let sentence = "the archive holds 'readme.txt', which no release holds";
    assert_eq!(failed(&release.verify(), Check::Structure), sentence);
}
