//! Archives that were damaged, or made to deceive.

use proptest::prelude::*;

use super::*;
use crate::archive::header;

#[test]
fn a_duplicate_name_is_refused() {
    let zip = Release::new().zip();
    let mut doubled = zip.clone();
    for at in 0..zip.len() - 9 {
        if zip[at..].starts_with(b"a/two.csv") && &zip[at - 6..at] == b"files/" {
            doubled[at..at + 9].copy_from_slice(b"a/one.csv");
        }
    }
    assert_ne!(zip, doubled);
    let sentence = "the archive lists 'files/a/one.csv' twice or out of order";
    assert_eq!(failed(&verify_bytes(&doubled), Check::Structure), sentence);
}

#[test]
fn an_archive_cut_off_or_added_to_anywhere_is_refused() {
    let zip = Release::new().zip();
    for length in 0..zip.len() {
        failed(&verify_bytes(&zip[..length]), Check::Structure);
        if length > 0 {
            failed(&verify_bytes(&zip[length..]), Check::Structure);
        }
    }
    for extra in [&b"x"[..], b"PK\x05\x06", &zip] {
        failed(&verify_bytes(&[&zip, extra].concat()), Check::Structure);
        failed(&verify_bytes(&[extra, &zip].concat()), Check::Structure);
    }
}

/// Whether any other reader would still get exactly the approved bytes out of an archive.
fn unpacks_the_same(zip: &[u8], expected: &[u8]) -> bool {
    let unpack = |zip: &[u8]| -> Option<Vec<(String, Vec<u8>)>> {
        let mut archive = zip::ZipArchive::new(Cursor::new(zip.to_vec())).ok()?;
        let count = archive.len();
        let read = |index| {
            let mut member = archive.by_index(index).ok()?;
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).ok()?;
            Some((member.name().ok()?.into_owned(), bytes))
        };
        (0..count).map(read).collect()
    };
    unpack(zip) == unpack(expected)
}

#[test]
fn a_flip_anywhere_is_found_or_changes_nothing() {
    let zip = Release::new().zip();
    let mut unnoticed = 0;
    for at in 0..zip.len() {
        for flip in [1 << (at % 8), 0xff] {
            let mut flipped = zip.clone();
            flipped[at] ^= flip;
            if verify(&mut Cursor::new(&flipped), None).unwrap().is_sound() {
                assert!(unpacks_the_same(&flipped, &zip), "byte {at}");
                unnoticed += 1;
            }
        }
    }
    // Nobody reads the bits that fill up the last byte of a deflated block; everything else is somebody's.
    assert!(unnoticed * 50 < zip.len(), "{unnoticed} of {} bytes", zip.len());
}

#[test]
fn a_bomb_does_not_go_off() {
    let zeros = vec![0; 1 << 24];
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::best());
    let mut body = vec![0; 1 << 20];
    let length = compressor.deflate_compress(&zeros, &mut body).unwrap();
    let time = header::DosTime::new(Timestamp::UNIX_EPOCH);
    let entry = header::Entry {
        name: "manifest.json",
        deflated: true,
        descriptor: false,
        time,
        crc32: 0,
        compressed: length as u64,
        size: 1 << 15,
        offset: 0,
    };
    let mut zip = Vec::new();
    entry.write_local(&mut zip);
    zip.extend_from_slice(&body[..length]);
    let offset = zip.len() as u64;
    entry.write_central(&mut zip);
    header::write_end(1, offset, zip.len() as u64 - offset, &mut zip);
    assert!(zip.len() as u64 - offset < (1 << 15) && length < (1 << 15), "{length}");
    let sentence = "manifest.json is damaged: its deflated bytes cannot be read";
    assert_eq!(failed(&verify_bytes(&zip), Check::Manifest), sentence);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!verify_bytes(&bytes).is_sound());
    }

    #[test]
    fn no_damage_makes_it_panic(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let zip = Release::new().zip();
        let mut damaged = zip.clone();
        for (at, byte) in damage {
            // Mostly where the structure is: the second half.
            let at = at.index(zip.len() / 2) + zip.len() / 2;
            damaged[at] = byte;
        }
        if verify_bytes(&damaged).is_sound() {
            prop_assert!(unpacks_the_same(&damaged, &zip));
        }
    }
}
