use proptest::prelude::*;

use super::*;
use crate::archive::testing::noise;

fn inflate(deflated: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(deflated), &mut out).unwrap();
    out
}

fn deflate_blocks(raw: &[u8], block: usize, level: u8) -> Vec<u8> {
    let count = raw.len().div_ceil(block);
    let blocks = raw.chunks(block).enumerate();
    blocks.flat_map(|(index, chunk)| deflate_block(chunk, level, index + 1 == count).unwrap()).collect()
}

proptest! {
    #[test]
    fn blocks_deflated_apart_are_one_stream(
        raw in prop_oneof![prop::collection::vec(any::<u8>(), 1..3_000), prop::collection::vec(0_u8..2, 1..3_000)],
        block in 1_usize..1_000,
        level in 1_u8..=9,
    ) {
        prop_assert_eq!(inflate(&deflate_blocks(&raw, block, level)), raw);
    }
}

#[test]
fn a_block_never_takes_more_than_storing_it() {
    for length in [1, 65_534, 65_535, 65_536, 131_070, 131_071, 500_000] {
        let raw = noise(length);
        for is_last in [false, true] {
            let body = deflate_block(&raw, 3, is_last).unwrap();
            assert!(body.len() <= stored_length(length), "{length}");
        }
        assert!(inflate(&store_block(&raw, true)) == raw, "{length}");
    }
}

#[test]
fn what_fits_one_block_and_does_not_shrink_stays_as_it_is() {
    let raw = Bytes::from(noise(5_000));
    assert!(deflate_whole(Method::Deflate(6), raw.clone()).unwrap() == raw);
    assert_eq!(deflate_whole(Method::Deflate(6), Bytes::from_static(b"x")).unwrap(), "x");
    let text = Bytes::from("a,b\n".repeat(100));
    assert_eq!(inflate(&deflate_whole(Method::Deflate(6), text.clone()).unwrap()), text);
}
