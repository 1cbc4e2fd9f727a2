use proptest::prelude::*;
use serde_json::{Value, json};

use super::{CanonicalError, canonical, number, to_canonical};

fn text(value: &Value) -> String {
    String::from_utf8(to_canonical(value).unwrap()).unwrap()
}

fn double(bits: u64) -> Result<String, CanonicalError> {
    let mut out = Vec::new();
    number::write_double(f64::from_bits(bits), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn doubles_are_written_as_the_appendix_of_the_standard_lists_them() {
    let listed = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, expected) in listed {
        assert_eq!(double(bits).unwrap(), expected, "{bits:016x}");
    }
    for bits in [0x7fff_ffff_ffff_ffff, 0x7ff0_0000_0000_0000] {
        assert!(matches!(double(bits), Err(CanonicalError::NotFinite)), "{bits:016x}");
    }
}

#[test]
fn the_standards_own_document_comes_out_as_the_standard_prints_it() {
    let given = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let value: Value = serde_json::from_str(given).unwrap();
    let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                    \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(text(&value), expected);
}

#[test]
fn keys_are_sorted_by_their_utf_16_units() {
    let value = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
        "\u{f6}": "Latin Small Letter O With Diaeresis"
    });
    let written = text(&value);
    let order = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"];
    let places: Vec<usize> = order.iter().map(|word| written.find(word).unwrap()).collect();
    assert!(places.is_sorted(), "{written}");
}

#[test]
fn whole_numbers_are_exact_or_refused() {
    assert_eq!(
        text(&json!([9_007_199_254_740_992_u64, -9_007_199_254_740_992_i64])),
        "[9007199254740992,-9007199254740992]"
    );
    assert!(matches!(canonical(&u64::MAX), Err(CanonicalError::Inexact { .. })));
    assert!(matches!(canonical(&i64::MIN), Err(CanonicalError::Inexact { .. })));
}

#[test]
fn a_bottomless_value_is_refused() {
    let bottomless = (0..200).fold(json!(1), |inner, _| json!([inner]));
    assert!(matches!(to_canonical(&bottomless), Err(CanonicalError::TooDeep)));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |double| double.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_written_reads_back_and_writes_the_same(value in any_json()) {
        let once = to_canonical(&value).unwrap();
        let read: Value = serde_json::from_slice(&once).unwrap();
        prop_assert_eq!(to_canonical(&read).unwrap(), once);
    }

    #[test]
    fn a_written_double_is_the_same_double(double in any::<f64>().prop_filter("finite", |double| double.is_finite())) {
        let mut out = Vec::new();
        number::write_double(double, &mut out).unwrap();
        let read: f64 = std::str::from_utf8(&out).unwrap().parse().unwrap();
        prop_assert!(read.to_bits() == double.to_bits() || double == 0.0);
    }
}
