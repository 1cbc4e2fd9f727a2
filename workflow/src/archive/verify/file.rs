//! Compares the approved files in an archive with its manifest.

use std::cmp::Ordering;
use std::io::{self, Read, Seek};

use super::super::digest::ContentHasher;
use super::super::name::show;
use super::super::plan::FILES;
use super::super::reader::{Fault, Listed, broken, read_member};
use super::super::record::{ManifestDocument, ManifestFile};
use super::document::Document;
use super::{Check, Verification};

/// Passes a manifest on whose files are in path order, each once.
pub(super) fn check_order(manifest: Document<ManifestDocument>) -> Result<Document<ManifestDocument>, Fault> {
    let files = &manifest.value.files;
    match files.iter().zip(files.iter().skip(1)).find(|(first, second)| first.path >= second.path) {
        Some((_, file)) => Err(broken(format!("lists {} twice or out of order", show(&file.path)))),
        None => Ok(manifest),
    }
}

/// Checks every file up to the first bad one.
pub(super) fn verify_files<R: Read + Seek>(
    archive: &mut R,
    members: &[Listed],
    manifest: &ManifestDocument,
    verification: &mut Verification,
) -> io::Result<()> {
    let mut members = members.iter().filter_map(|member| Some((member, member.name.strip_prefix(FILES)?))).peekable();
    let mut files = manifest.files.iter().peekable();
    loop {
        let order = match (members.peek(), files.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((_, path)), Some(file)) => (*path).cmp(&file.path),
        };
        let member = if order.is_le() { members.next() } else { None };
        let file = if order.is_ge() { files.next() } else { None };
        let path = member.map_or_else(|| file.map_or("", |file| &file.path), |(_, path)| path);
        match compare(archive, member.map(|(member, _)| member), file) {
            Ok(()) => {
                verification.files += 1;
                verification.bytes += file.map_or(0, |file| file.size);
            }
            Err(fault) => {
                verification.bad_file = Some(path.to_owned());
                verification.note::<()>(Check::Files, &format!("the file {}", show(path)), Err(fault))?;
                return Ok(());
            }
        }
    }
    verification.note(Check::Files, "", Ok(()))?;
    Ok(())
}

fn compare<R: Read + Seek>(archive: &mut R, member: Option<&Listed>, file: Option<&ManifestFile>) -> Result<(), Fault> {
    let file = file.ok_or_else(|| broken("is in the archive and was never approved"))?;
    let member = member.ok_or_else(|| broken("was approved and is not in the archive"))?;
    if member.size != file.size {
        return Err(broken(format!("has {} bytes where {} were approved", member.size, file.size)));
    }
    let mut hasher = ContentHasher::new(&file.digest);
    read_member(archive, member, |piece| hasher.update(piece))?;
    if hasher.finish() != file.digest || member.crc32 != file.crc32 {
        return Err(broken("does not have the bytes that were approved"));
    }
    Ok(())
}
