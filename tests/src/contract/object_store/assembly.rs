//! Objects that are put together from parts.

use bytes::Bytes;
use workflow::domain::digest::Digest;
use workflow::ports::Kind;
use workflow::ports::object_store::{Area, Measured, ObjectVersion, Part, Place};

use super::{Files, measure, place, whole};
use crate::builders::request_id;

/// The least that a part holds which is not the last.
const PART: usize = 5 << 20;

/// An archive appears whole, or not at all.
pub async fn an_assembly_is_nowhere_before_it_is_complete(files: &Files) {
    let (place, bytes) = (archive(1), content(1));
    let assembly = files.objects.begin(&place).await.unwrap();
    let (first, last) = bytes.split_at(PART);
    // Parts may come in any order; their numbers say where they belong.
    let two = files.objects.put_part(&assembly, 2, Bytes::copy_from_slice(last)).await.unwrap();
    let one = files.objects.put_part(&assembly, 1, Bytes::copy_from_slice(first)).await.unwrap();
    assert_eq!((one, two), (part(1, first), part(2, last)));
    assert_eq!(files.objects.parts(&assembly).await.unwrap(), [one, two]);
    assert_eq!(files.objects.latest(Area::Release, &place.key).await.unwrap(), None);
    assert_eq!(files.objects.belongings(Area::Release, request_id(1)).await.unwrap(), []);
    let object = files.objects.complete(&assembly, &place, &measure(&bytes)).await.unwrap();
    assert_eq!(files.objects.latest(Area::Release, &place.key).await.unwrap().as_ref(), Some(&object));
    assert_eq!(whole(files, &object).await, bytes);
    assert_eq!(files.objects.parts(&assembly).await.unwrap_err().kind, Kind::Missing);
}

/// An attempt that was interrupted puts its part again.
pub async fn a_part_that_is_put_again_replaces_the_one_before(files: &Files) {
    let (place, bytes) = (archive(1), content(1));
    let assembly = files.objects.begin(&place).await.unwrap();
    files.objects.put_part(&assembly, 1, Bytes::from_static(b"half of wh")).await.unwrap();
    files.objects.put_part(&assembly, 1, Bytes::from(bytes.clone())).await.unwrap();
    assert_eq!(files.objects.parts(&assembly).await.unwrap(), [part(1, &bytes)]);
    let object = files.objects.complete(&assembly, &place, &measure(&bytes)).await.unwrap();
    assert_eq!(whole(files, &object).await, bytes);
}

/// A part that is missing, or a byte that is wrong.
pub async fn an_assembly_that_is_not_what_was_expected_is_not_published(files: &Files) {
    let (place, bytes) = (archive(1), content(1));
    let right = measure(&bytes);
    let assembly = files.objects.begin(&place).await.unwrap();
    files.objects.put_part(&assembly, 1, Bytes::from(bytes)).await.unwrap();
    for wrong in [Measured { size: right.size + 1, ..right.clone() }, Measured { crc32: !right.crc32, ..right.clone() }]
    {
        let outcome = files.objects.complete(&assembly, &place, &wrong).await;
        assert_eq!(outcome.unwrap_err().kind, Kind::Corrupt);
        assert_eq!(files.objects.latest(Area::Release, &place.key).await.unwrap(), None);
    }
}

/// The answer was lost, or a rival attempt was faster with the same bytes.
pub async fn an_assembly_that_is_completed_again_is_the_same_version(files: &Files) {
    let bytes = content(1);
    let (first, published) = assemble(files, 1, &bytes).await;
    let again = files.objects.complete(&first, &archive(1), &measure(&bytes)).await.unwrap();
    assert_eq!(again, published);
    let (_, rival) = assemble(files, 1, &bytes).await;
    assert_eq!(rival, published);
    assert_eq!(files.objects.belongings(Area::Release, request_id(1)).await.unwrap(), [published]);
}

/// What is published is never replaced.
pub async fn a_rival_assembly_of_other_bytes_is_a_conflict(files: &Files) {
    let (bytes, other) = (content(1), content(2));
    let (_, published) = assemble(files, 1, &bytes).await;
    let rival = files.objects.begin(&archive(1)).await.unwrap();
    files.objects.put_part(&rival, 1, Bytes::from(other.clone())).await.unwrap();
    let outcome = files.objects.complete(&rival, &archive(1), &measure(&other)).await;
    assert_eq!(outcome.unwrap_err().kind, Kind::Conflict);
    assert_eq!(whole(files, &published).await, bytes);
}

/// What was dropped takes nothing more, and dropping what is published does nothing.
pub async fn an_aborted_assembly_is_gone_and_a_complete_one_stays(files: &Files) {
    let (place, bytes) = (archive(1), content(1));
    let assembly = files.objects.begin(&place).await.unwrap();
    files.objects.put_part(&assembly, 1, Bytes::from(bytes.clone())).await.unwrap();
    files.objects.abort(&assembly).await.unwrap();
    files.objects.abort(&assembly).await.unwrap();
    let part = files.objects.put_part(&assembly, 2, Bytes::from_static(b"x")).await;
    assert_eq!(part.unwrap_err().kind, Kind::Missing);
    assert_eq!(files.objects.parts(&assembly).await.unwrap_err().kind, Kind::Missing);
    let complete = files.objects.complete(&assembly, &place, &measure(&bytes)).await;
    assert_eq!(complete.unwrap_err().kind, Kind::Missing);
    let (done, published) = assemble(files, 1, &bytes).await;
    files.objects.abort(&done).await.unwrap();
    assert_eq!(whole(files, &published).await, bytes);
}

/// So that what nobody will complete can be found and dropped.
pub async fn assemblies_under_way_are_listed_with_their_owners(files: &Files) {
    let one = files.objects.begin(&archive(1)).await.unwrap();
    let again = files.objects.begin(&archive(1)).await.unwrap();
    let other = files.objects.begin(&archive(2)).await.unwrap();
    assert_ne!(one, again);
    let (_, _) = assemble(files, 3, &content(3)).await;
    files.objects.abort(&again).await.unwrap();
    let mut listed = files.objects.assemblies().await.unwrap();
    let mut expected = vec![(one, Some((request_id(1), 1))), (other, Some((request_id(2), 1)))];
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}

/// Puts an archive together in one go.
async fn assemble(files: &Files, request: u64, bytes: &[u8]) -> (String, ObjectVersion) {
    let place = archive(request);
    let assembly = files.objects.begin(&place).await.unwrap();
    files.objects.put_part(&assembly, 1, Bytes::copy_from_slice(bytes)).await.unwrap();
    let object = files.objects.complete(&assembly, &place, &measure(bytes)).await.unwrap();
    (assembly, object)
}

fn archive(request: u64) -> Place {
    place(Area::Release, request, 1, "egress_data.zip")
}

/// Bytes of a little more than one part.
fn content(seed: u64) -> Vec<u8> {
    let block = Digest::of(&seed.to_le_bytes()).hex().into_bytes();
    block.iter().copied().cycle().take(PART + 1_234).collect()
}

fn part(number: u32, bytes: &[u8]) -> Part {
    Part { number, size: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
}
