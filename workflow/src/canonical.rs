//! Writes the one form of a JSON value that is hashed or signed (RFC 8785).
//!
//! Two equal values give equal bytes, whatever order their members were made in.

mod number;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

/// Deeper values are refused, so that a hostile document cannot exhaust the stack.
const DEEPEST: usize = 128;

/// Tells why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// A whole number that a double cannot hold exactly, so that two readers could read two values.
    #[error("the whole number {number} is beyond 2^53 and has no exact canonical form")]
    Inexact {
        /// The number as it was given.
        number: String,
    },
    /// An infinity or not a number at all.
    #[error("a number is not finite and has no canonical form")]
    NotFinite,
    /// Arrays and objects nested beyond 128 levels.
    #[error("the value is nested deeper than {DEEPEST} levels")]
    TooDeep,
    /// The typed value has no JSON form.
    #[error("the value has no JSON form")]
    NotJson(#[from] serde_json::Error),
}

/// Gives the canonical bytes of a typed value.
///
/// The value passes through a JSON tree, so memory is a small multiple of the result.
pub fn canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    to_canonical(&serde_json::to_value(value)?)
}

/// Gives the canonical bytes of a JSON tree.
pub fn to_canonical(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::new();
    write_value(value, DEEPEST, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, deeper: usize, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => number::write(number, out)?,
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_array(items, below(deeper)?, out)?,
        Value::Object(members) => write_object(members, below(deeper)?, out)?,
    }
    Ok(())
}

fn below(deeper: usize) -> Result<usize, CanonicalError> {
    deeper.checked_sub(1).ok_or(CanonicalError::TooDeep)
}

fn write_array(items: &[Value], deeper: usize, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    out.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_value(item, deeper, out)?;
    }
    out.push(b']');
    Ok(())
}

fn write_object(
    members: &serde_json::Map<String, Value>,
    deeper: usize,
    out: &mut Vec<u8>,
) -> Result<(), CanonicalError> {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    // UTF-16 order differs from byte order where a key holds characters beyond the basic plane.
    sorted.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    out.push(b'{');
    for (place, (key, item)) in sorted.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_string(key, out);
        out.push(b':');
        write_value(item, deeper, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x00..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
