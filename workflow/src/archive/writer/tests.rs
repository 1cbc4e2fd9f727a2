use std::io::{Cursor, Read as _};

use proptest::prelude::*;

use super::*;
use crate::archive::method::Method;
use crate::archive::plan::Cuts;
use crate::archive::testing::{File, SMALL, assemble, join, plan, read};

fn assert_holds(zip: &[u8], files: &[File]) {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    assert_eq!(archive.len(), files.len() + 1);
    for (index, file) in files.iter().enumerate() {
        let mut member = archive.by_index(index).unwrap();
        assert_eq!(member.name().unwrap(), format!("files/{}", file.path));
        assert_eq!(member.unix_mode(), Some(0o100_644));
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        assert!(bytes == file.bytes, "{}", file.path);
    }
}

fn any_file() -> impl Strategy<Value = (Vec<u8>, Option<u64>, Method)> {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..400),
        prop::collection::vec(0_u8..3, 0..400),
        (0_usize..6).prop_map(|blocks| vec![b'x'; blocks * 64]),
    ];
    let method = prop_oneof![Just(Method::Store), (1_u8..=9).prop_map(Method::Deflate)];
    (bytes, prop::option::of(1_u64..200), method)
}

fn any_files() -> impl Strategy<Value = Vec<File>> {
    prop::collection::btree_map("[a-z名é ]{1,8}(\\.csv)?", any_file(), 0..12).prop_map(|files| {
        let each = files.into_iter();
        each.map(|(path, (bytes, part_size, method))| File { path, bytes, part_size, method }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn interruptions_do_not_change_a_byte(files in any_files(), interruptions in prop::collection::vec(any::<bool>(), 60)) {
        let plan = plan(&files, SMALL);
        let (straight, seal) = assemble(&plan, &files, || false).unwrap();
        let mut interruptions = interruptions.into_iter();
        let (broken, again) = assemble(&plan, &files, || interruptions.next().unwrap_or(true)).unwrap();
        prop_assert_eq!(&straight, &broken);
        prop_assert_eq!(&seal, &again);
    }

    #[test]
    fn what_goes_in_comes_out(files in any_files(), block_bytes in 1_u64..300, part_bytes in 1_u64..600) {
        let plan = plan(&files, Cuts { block_bytes, part_bytes });
        let (parts, seal) = assemble(&plan, &files, || false).unwrap();
        let zip = join(&parts);
        assert_holds(&zip, &files);
        let (last, all_but_last) = parts.split_last().unwrap();
        prop_assert!(all_but_last.iter().all(|part| part.bytes.len() as u64 >= part_bytes));
        prop_assert!(!last.bytes.is_empty());
        let numbers: Vec<u32> = seal.parts.iter().map(|part| part.number).collect();
        prop_assert_eq!(numbers, (1..=u32::try_from(parts.len()).unwrap()).collect::<Vec<_>>());
        let sealed: Vec<(u64, u32)> = seal.parts.iter().map(|part| (part.size, part.crc32)).collect();
        let made: Vec<(u64, u32)> = parts.iter().map(|part| (part.bytes.len() as u64, crc32fast::hash(&part.bytes))).collect();
        prop_assert_eq!(sealed, made);
        prop_assert_eq!(seal.size, zip.len() as u64);
        prop_assert_eq!(seal.crc32, crc32fast::hash(&zip));
        let sha256: [u8; 32] = Sha256::digest(&zip).into();
        prop_assert_eq!(seal.sha256, sha256);
    }
}

fn two_files(method: Method) -> Vec<File> {
    vec![File::new("a.csv", "1,2,3\n".repeat(10), method), File::new("b.csv", "4,5,6\n".repeat(100), method)]
}

#[test]
fn a_changed_byte_ends_the_archive_and_names_the_file() {
    for method in [Method::Store, Method::Deflate(6)] {
        for changed in 0..2 {
            let files = two_files(method);
            let plan = plan(&files, SMALL);
            let mut tampered = files.clone();
            *tampered[changed].bytes.last_mut().unwrap() ^= 1;
            let error = assemble(&plan, &tampered, || false).unwrap_err();
            let expected = format!("'files/{}'", files[changed].path);
            assert!(matches!(&error, ArchiveError::ContentChanged { name } if *name == expected), "{error}");
        }
    }
}

#[test]
fn a_read_of_the_wrong_length_is_refused() {
    let files = two_files(Method::Store);
    let order = Archive::open(plan(&files, SMALL)).unwrap().orders().next().unwrap();
    let refused = order.encode(Bytes::from_static(b"short")).unwrap_err();
    assert!(matches!(refused, ArchiveError::SizeChanged { found: 5, expected: 60, .. }), "{refused}");
}

#[test]
fn after_a_failure_nothing_more_comes_out() {
    let files = two_files(Method::Store);
    let mut archive = Archive::open(plan(&files, SMALL)).unwrap();
    let order = archive.orders().next().unwrap();
    let wrong = order.encode(Bytes::from(vec![0; 60])).unwrap();
    let right = order.encode(read(&files, order.want().unwrap())).unwrap();
    assert!(matches!(archive.append(&wrong), Err(ArchiveError::ContentChanged { .. })));
    assert!(matches!(archive.append(&right), Err(ArchiveError::GivenUp)));
    assert!(archive.progress().is_none());
    assert!(matches!(archive.seal(), Err(ArchiveError::GivenUp)));
}

#[test]
fn blocks_are_taken_in_order_and_all_of_them() {
    let files = two_files(Method::Store);
    let mut archive = Archive::open(plan(&files, SMALL)).unwrap();
    let second = archive.orders().nth(1).unwrap();
    let encoded = second.encode(read(&files, second.want().unwrap())).unwrap();
    assert!(matches!(archive.append(&encoded), Err(ArchiveError::OutOfOrder)));
    let unfinished = Archive::open(plan(&files, SMALL)).unwrap();
    assert!(matches!(unfinished.seal(), Err(ArchiveError::Incomplete { missing: 3 })));
}

#[test]
fn progress_of_another_plan_is_refused() {
    let files = two_files(Method::Store);
    let progress = Archive::open(plan(&files, SMALL)).unwrap().progress().unwrap();
    let other = plan(&files[..1], SMALL);
    assert!(matches!(Archive::resume(other, progress), Err(ArchiveError::StrangeProgress)));
}

#[test]
fn the_bytes_of_an_archive_are_pinned() {
    let rows =
        (0..400_000).map(|row: u32| format!("{row},{},{}", row * 7 % 1_013, row % 13)).collect::<Vec<_>>().join("\n");
    let files = vec![
        File::new("large.csv", rows.clone(), Method::Deflate(3)),
        File::new("small.csv", &rows[..90_000], Method::Deflate(6)),
    ];
    let cuts = Cuts { block_bytes: 1 << 20, part_bytes: 1 << 20 };
    let (_, seal) = assemble(&plan(&files, cuts), &files, || false).unwrap();
    // When this changes, plans that were stored before would make other archives: give `ENCODER` a new name, then this.
    assert_eq!(hex::encode(seal.sha256), "e8431d7d5f09757032367c7c5678c590e6689255296c16fccc92313cc9e28dbc");
}
