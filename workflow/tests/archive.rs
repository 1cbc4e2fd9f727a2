//! Other people's readers open our archives: `unzip` and Python's `zipfile`, also past the limits of the old format.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test may use files and other readers")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use workflow::archive::{
    Archive, Content, ENVELOPE_NAME, MANIFEST_NAME, ManifestDocument, ManifestFile, Member, Method, Part, Plan,
    RECORD_NAME, RecordedPolicy, ReleaseRecord, SCHEMA_VERSION, Statement, Want, verify,
};
use workflow::domain::digest::Digest;

/// The bytes of a file: given, or so many zeros that nobody wants to hold them.
enum Bulk {
    Given(Bytes),
    Zeros(u64),
}

const PIECE: u64 = 4 * 1024 * 1024;

impl Bulk {
    fn read(&self, from: u64, length: u64) -> Bytes {
        let (from, length) = (usize::try_from(from).unwrap(), usize::try_from(length).unwrap());
        match self {
            Self::Given(bytes) => bytes.slice(from..from + length),
            Self::Zeros(_) => Bytes::from(vec![0; length]),
        }
    }

    fn content(&self) -> Content {
        let Self::Zeros(size) = self else {
            return Content::of(&self.read(0, self.size()));
        };
        let (mut sha256, mut crc32) = (Sha256::new(), crc32fast::Hasher::new());
        let mut left = *size;
        while left > 0 {
            let piece = self.read(0, left.min(PIECE));
            sha256.update(&piece);
            crc32.update(&piece);
            left -= piece.len() as u64;
        }
        let digest = Digest::Sha256(sha256.finalize().into());
        Content { size: *size, digest, crc32: crc32.finalize() }
    }

    fn size(&self) -> u64 {
        match self {
            Self::Given(bytes) => bytes.len() as u64,
            Self::Zeros(size) => *size,
        }
    }
}

struct Released {
    path: String,
    bulk: Bulk,
    method: Method,
}

fn given(path: String, bytes: impl Into<Bytes>, method: Method) -> Released {
    Released { path, bulk: Bulk::Given(bytes.into()), method }
}

fn plan(files: &[Released]) -> Plan {
    let contents: Vec<Content> = files.iter().map(|file| file.bulk.content()).collect();
    let listed = files.iter().zip(&contents).map(|(file, content)| ManifestFile {
        path: file.path.clone(),
        size: content.size,
        digest: content.digest,
        crc32: content.crc32,
        source_version: "1".into(),
        submitted_as: None,
    });
    let manifest = ManifestDocument {
        schema_version: SCHEMA_VERSION,
        request_id: "r-1".into(),
        round: 1,
        files: listed.collect(),
    };
    let manifest_json = manifest.to_json().unwrap();
    let record = ReleaseRecord {
        schema_version: SCHEMA_VERSION,
        request_id: "r-1".into(),
        round: 1,
        project: "p-1".into(),
        workspace: "w-1".into(),
        requester_email: "requester@example.org".into(),
        policy: RecordedPolicy { name: "single".into(), version: 1, digest: Digest::of(b"policy") },
        manifest: manifest.recorded(&manifest_json),
        decisions: Vec::new(),
        released_by: "lockgate".into(),
        prepared_at: "2026-11-20T10:05:00Z".into(),
    };
    let record_json = record.to_json().unwrap();
    let unsigned = Statement::new(&record, &record_json).unsigned().unwrap();
    let envelope = unsigned.sign_with("key", b"not asked for").to_json().unwrap();

    let mut members: Vec<Member> = (0_u32..)
        .zip(files.iter().zip(contents))
        .map(|(index, (file, content))| Member::file(&file.path, index, content, file.method))
        .collect();
    members.push(Member::document(MANIFEST_NAME, manifest_json));
    members.push(Member::document(ENVELOPE_NAME, envelope));
    members.push(Member::document(RECORD_NAME, record_json));
    Plan::new(Timestamp::UNIX_EPOCH, members).unwrap()
}

/// Writes a part; what is nothing but zeros becomes a hole in the file.
fn write(file: &mut File, part: &Part) {
    for piece in part.bytes.chunks(64 * 1024) {
        if piece.iter().all(|byte| *byte == 0) {
            file.seek(SeekFrom::Current(i64::try_from(piece.len()).unwrap())).unwrap();
        } else {
            file.write_all(piece).unwrap();
        }
    }
}

fn release(files: &[Released], path: &Path) -> u64 {
    let mut out = File::create(path).unwrap();
    let mut archive = Archive::open(Arc::new(plan(files))).unwrap();
    for order in archive.orders() {
        let raw = match order.want().unwrap() {
            Want::Nothing(bytes) => bytes,
            Want::Range { file, from, length } => files[file as usize].bulk.read(from, length),
        };
        if let Some(part) = archive.append(&order.encode(raw).unwrap()).unwrap() {
            write(&mut out, &part);
        }
    }
    let (last, archive) = archive.seal().unwrap();
    write(&mut out, &last);
    archive.seal().size
}

fn assert_succeeds(command: &mut Command) -> String {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?} must be installed for this test: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {} {complaint}", &text[text.len().saturating_sub(500)..]);
    text
}

/// Lets every reader read every byte, and compares the names and sizes that Python sees.
fn assert_everyone_reads(files: &[Released], path: &Path) {
    assert_succeeds(Command::new("unzip").arg("-tqq").arg(path));
    let script = "import sys, zipfile\n\
                  zip = zipfile.ZipFile(sys.argv[1])\n\
                  bad = zip.testzip()\n\
                  if bad: sys.exit('bad: ' + bad)\n\
                  for item in zip.infolist(): print(item.filename, item.file_size)";
    let mut python = Command::new("python3");
    python.env("PYTHONIOENCODING", "utf-8").args(["-c", script]).arg(path);
    let listed = assert_succeeds(&mut python);
    let mut lines = listed.lines();
    for file in files {
        assert_eq!(lines.next().unwrap(), format!("files/{} {}", file.path, file.bulk.size()));
    }
    assert_eq!(lines.count(), 3);
    let verification = verify(&mut File::open(path).unwrap(), None).unwrap();
    assert!(verification.is_sound(), "{:?}", verification.findings);
    assert_eq!(verification.files, files.len() as u64);
}

fn small_files(count: usize) -> impl Iterator<Item = Released> {
    (0..count).map(|index| match index % 3 {
        0 => given(format!("many/{index:06}"), "", Method::Store),
        1 => given(format!("many/{index:06}"), "stored", Method::Store),
        _ => given(format!("many/{index:06}"), "deflated ".repeat(4), Method::Deflate(6)),
    })
}

#[test]
fn other_readers_open_names_beyond_ascii_and_files_of_several_blocks() {
    let rows: Vec<String> = (0..600_000).map(|row: u32| format!("{row},{},{}", row * 7 % 1_013, row % 13)).collect();
    let rows = rows.join("\n");
    assert!(rows.len() as u64 > PIECE);
    let files = [
        given("large/deflated.csv".into(), rows.clone(), Method::Deflate(3)),
        given("large/stored.csv".into(), rows, Method::Store),
        given("naïve-名.csv".into(), "1,2\n", Method::Store),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("release.zip");
    release(&files, &path);
    assert_everyone_reads(&files, &path);
}

#[test]
fn other_readers_open_more_members_than_the_old_format_can_count() {
    let files: Vec<Released> = small_files(70_000).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("release.zip");
    release(&files, &path);
    assert_everyone_reads(&files, &path);
}

/// Moves 18 GB of zeros through every reader: minutes, and a sparse file of 4.5 GB. `cargo xtask test --long` asks for it.
#[test]
fn other_readers_open_files_and_offsets_beyond_four_gibibytes() {
    if std::env::var_os("LOCKGATE_LONG_TESTS").is_none() {
        return;
    }
    let zeros = |path: &str, method| Released { path: path.into(), bulk: Bulk::Zeros(4_500_000_000), method };
    let mut files = vec![zeros("a/stored", Method::Store), zeros("b/deflated", Method::Deflate(1))];
    files.extend(small_files(70_000));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("release.zip");
    assert!(release(&files, &path) > 4_500_000_000);
    assert_everyone_reads(&files, &path);
}
