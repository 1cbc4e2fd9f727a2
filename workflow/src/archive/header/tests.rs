use super::*;

const WIDE: u64 = 5_000_000_000;

fn entry(size: u64, compressed: u64, offset: u64) -> Entry<'static> {
    let time = DosTime::new("2026-11-22T13:37:59Z".parse().unwrap());
    Entry { name: "files/a", deflated: size != compressed, descriptor: false, time, crc32: 1, compressed, size, offset }
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect()
}

#[test]
fn times_are_utc_in_even_seconds_and_stay_within_the_format() {
    let parts = |text: &str| {
        let DosTime { time, date } = DosTime::new(text.parse().unwrap());
        (1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)
    };
    assert_eq!(parts("2026-11-22T14:37:59.9+01:00"), (2026, 11, 22, 13, 37, 58));
    assert_eq!(parts("1970-01-01T00:00:00Z"), (1980, 1, 1, 0, 0, 0));
    assert_eq!(parts("2200-01-01T00:00:00Z"), (2107, 12, 31, 23, 59, 58));
}

#[test]
fn the_announced_lengths_are_the_written_ones() {
    for size in [0, 9, 0xffff_fffe, 0xffff_ffff, WIDE] {
        for descriptor in [false, true] {
            let entry = Entry { descriptor, deflated: descriptor, ..entry(size, size, 3) };
            assert_eq!(written(|out| entry.write_local(out)).len() as u64, entry.local_length(), "{size}");
            assert_eq!(written(|out| entry.write_descriptor(out)).len() as u64, entry.descriptor_length(), "{size}");
        }
    }
}

#[test]
fn a_local_header_carries_both_wide_sizes_if_one_is_wide() {
    let narrow = written(|out| entry(0xffff_fffe, 0xffff_fffe, 0).write_local(out));
    assert_eq!(narrow.len(), 30 + 7);
    for (size, compressed) in [(0xffff_ffff, 9), (WIDE, WIDE)] {
        let wide = written(|out| entry(size, compressed, 0).write_local(out));
        assert_eq!(wide[4..6], [45, 0]);
        assert_eq!(wide[18..26], [0xff; 8]);
        assert_eq!(words(&wide[30 + 7 + 4..]), [size, compressed]);
    }
}

#[test]
fn a_central_record_carries_only_what_is_wide_in_its_fixed_order() {
    for (size, compressed, offset, expected) in [
        (9, 5, 0xffff_fffe, vec![]),
        (9, 5, 0xffff_ffff, vec![0xffff_ffff]),
        (WIDE, 5, 7, vec![WIDE]),
        (WIDE, 5, WIDE + 1, vec![WIDE, WIDE + 1]),
        (WIDE, WIDE - 1, WIDE + 1, vec![WIDE, WIDE - 1, WIDE + 1]),
    ] {
        let record = written(|out| entry(size, compressed, offset).write_central(out));
        let extra = &record[CENTRAL_FIXED + 7..];
        assert_eq!(words(extra.get(4..).unwrap_or_default()), expected);
        assert_eq!(record[6], if expected.is_empty() { 20 } else { 45 });
    }
}

#[test]
fn a_descriptor_is_wide_exactly_where_the_local_header_is() {
    // Just below the limit: storing it block by block could cross it.
    for (size, is_wide) in [(1_000, false), (4_000_000_000, false), (0xffff_fff0, true), (WIDE, true)] {
        let entry = Entry { descriptor: true, ..entry(size, 5, 0) };
        let local = written(|out| entry.write_local(out));
        assert_eq!(local[6] & 8, 8);
        assert_eq!(local[4] == 45, is_wide, "{size}");
        assert_eq!(entry.descriptor_length(), if is_wide { 24 } else { 16 }, "{size}");
    }
}

#[test]
fn the_end_is_wide_from_65_535_members_on() {
    for (entries, offset, bytes, is_wide) in [
        (65_534, 9, 9, false),
        (65_535, 9, 9, true),
        (1, 0xffff_fffe, 9, false),
        (1, 0xffff_ffff, 9, true),
        (1, 9, 0xffff_ffff, true),
    ] {
        let end = written(|out| write_end(entries, offset, bytes, out));
        assert_eq!(end.len() == ZIP64_END + ZIP64_LOCATOR + END, is_wide, "{entries} {offset} {bytes}");
        assert_eq!(end.len() == END, !is_wide);
    }
}
