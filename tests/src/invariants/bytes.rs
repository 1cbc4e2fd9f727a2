//! I2: what is released is what was decided upon. I7: what was rejected is nowhere to be downloaded. I8: nothing is
//! left lying about.

use std::io::Cursor;

use workflow::archive;
use workflow::domain::status::StatusWord;
use workflow::ports::Ports;
use workflow::ports::object_store::Area;

use super::{Known, Violation, read_object};

pub(super) async fn check(ports: &Ports, known: &Known, at_rest: bool, found: &mut Vec<Violation>) {
    match known.request.status.word() {
        StatusWord::Released | StatusWord::Revoked => released(ports, known, found).await,
        StatusWord::Rejected | StatusWord::Returned | StatusWord::Withdrawn | StatusWord::Expired => {
            not_released(ports, known, found).await;
        }
        _ => {}
    }
    if at_rest {
        left_over(ports, known, found).await;
    }
}

async fn released(ports: &Ports, known: &Known, found: &mut Vec<Violation>) {
    let request = &known.request;
    let mut report = |what| found.push(Violation { invariant: 2, what });
    let Some(published) = request.release.as_ref().and_then(|release| release.archive.as_ref()) else {
        return report(format!("request {} is released without an archive on record", request.id));
    };
    let Some(zip) = read_object(ports, Area::Release, &published.key).await else {
        return report(format!("the archive of request {} is not there", request.id));
    };
    if workflow::domain::digest::Digest::of(&zip) != published.digest || zip.len() as u64 != published.size {
        report(format!("the archive of request {} is not the one on record", request.id));
    }
    let key = ports.sealer.public_key().await.unwrap();
    let verification = archive::verify(&mut Cursor::new(&zip), Some(&key)).unwrap();
    if !verification.is_sound() || !verification.is_signed() {
        let failures: Vec<&str> = verification.failures().collect();
        report(format!("the archive of request {} does not verify: {}", request.id, failures.join("; ")));
    }
    let manifest = zip_member(&zip, "manifest.json");
    let decided = request.round().manifest.as_ref().map(|manifest| manifest.digest);
    if manifest.map(|bytes| workflow::domain::digest::Digest::of(&bytes)) != decided {
        report(format!("the manifest in the archive of request {} is not the one decided upon", request.id));
    }
}

/// Reads a member with somebody else's reader.
fn zip_member(zip: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).ok()?;
    let mut member = archive.by_name(name).ok()?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut member, &mut bytes).ok()?;
    Some(bytes)
}

async fn not_released(ports: &Ports, known: &Known, found: &mut Vec<Violation>) {
    let request = &known.request;
    if !ports.objects.belongings(Area::Release, request.id).await.unwrap().is_empty() {
        let what = format!("request {} is {} and has bytes in the release area", request.id, request.status);
        found.push(Violation { invariant: 7, what });
    }
}

async fn left_over(ports: &Ports, known: &Known, found: &mut Vec<Violation>) {
    let request = &known.request;
    let mut report = |what| found.push(Violation { invariant: 8, what });
    let staged = ports.objects.belongings(Area::Staging, request.id).await.unwrap();
    let is_kept = |key: &str| {
        request.rounds.iter().any(|round| {
            let is_current = round.number == request.round().number && !request.status.is_over();
            let is_due_later = round.disposal.as_ref().is_some_and(|disposal| disposal.proof.is_none());
            key.starts_with(&request.staging_key(round.number, "")) && (is_current || is_due_later)
        })
    };
    for object in staged.iter().filter(|object| !is_kept(&object.key)) {
        report(format!("{} is left in the staging area", object.key));
    }
    for (assembly, owner) in ports.objects.assemblies().await.unwrap() {
        if owner.is_none_or(|(id, _)| id == request.id) && request.status.word() != StatusWord::Failed {
            report(format!("assembly {assembly} is left of request {}", request.id));
        }
    }
}
