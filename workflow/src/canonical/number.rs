//! Writes numbers as ECMAScript does, which is what RFC 8785 asks for.

use serde_json::Number;

use super::CanonicalError;

/// The greatest whole number up to which every whole number is a double.
const EXACT: u64 = 1 << 53;

pub(super) fn write(number: &Number, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    let text = number.to_string();
    if let Some(magnitude) = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs)) {
        return write_whole(magnitude, &text, out);
    }
    write_double(number.as_f64().ok_or(CanonicalError::NotFinite)?, out)
}

/// Beyond 2^53 a whole number passes only where it is the very text of a double, so that it reads back as itself.
fn write_whole(magnitude: u64, text: &str, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    if magnitude > EXACT {
        let mut nearest = Vec::new();
        write_double(text.parse().map_err(|_| CanonicalError::NotFinite)?, &mut nearest)?;
        if nearest != text.as_bytes() {
            return Err(CanonicalError::Inexact { number: text.to_owned() });
        }
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Shapes the shortest digits that name the double as ECMAScript shapes them.
///
/// The digits are the JSON library's: between two equally near candidates it takes the even one, as the standard asks,
/// and the formatter of Rust's own library does not.
pub(super) fn write_double(double: f64, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    if !double.is_finite() {
        return Err(CanonicalError::NotFinite);
    }
    if double == 0.0 {
        out.push(b'0');
        return Ok(());
    }
    if double.is_sign_negative() {
        out.push(b'-');
    }
    let text = serde_json::to_string(&double.abs())?;
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    // The value is 0.DIGITS times ten to this power.
    let power = exponent.parse::<i32>().unwrap_or(0) + length(significant) - length(fraction);
    shape(significant.trim_end_matches('0'), power, out);
    Ok(())
}

fn shape(digits: &str, power: i32, out: &mut Vec<u8>) {
    let count = length(digits);
    let text = match power {
        _ if count <= power && power <= 21 => format!("{digits}{}", zeros(power - count)),
        1..=21 => {
            let (whole, fraction) = digits.split_at(usize::try_from(power).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
        -5..=0 => format!("0.{}{digits}", zeros(-power)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let sign = if power > 0 { "+" } else { "-" };
            format!("{first}{point}{rest}e{sign}{}", (power - 1).unsigned_abs())
        }
    };
    out.extend_from_slice(text.as_bytes());
}

fn zeros(count: i32) -> String {
    "0".repeat(usize::try_from(count).unwrap_or(0))
}

fn length(digits: &str) -> i32 {
    i32::try_from(digits.len()).unwrap_or(i32::MAX)
}
