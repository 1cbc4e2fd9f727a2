use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::Digest as _;

/// The most characters that the encoding and hashing functions take.
const CHARACTERS_MAX: usize = 10_000;

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("expected a string, but got {value}"))
}

fn short(value: &Value) -> Result<&str, String> {
    let text = text(value)?;
    if text.chars().count() > CHARACTERS_MAX {
        return Err(format!("the data must not have more than {CHARACTERS_MAX} characters"));
    }
    Ok(text)
}

pub(super) fn encode(data: &Value) -> Result<Value, String> {
    Ok(Value::from(STANDARD.encode(short(data)?)))
}

pub(super) fn decode(data: &Value) -> Result<Value, String> {
    let bytes = STANDARD.decode(short(data)?).map_err(|_| "the data is not Base64")?;
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

pub(super) fn hash(data: &Value, algorithm: &Value) -> Result<Value, String> {
    let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
    let data = Value::from(data);
    let bytes = short(&data)?.as_bytes();
    let digest = match text(algorithm)? {
        "MD5" => hex::encode(md5::Md5::digest(bytes)),
        "SHA-1" => hex::encode(sha1::Sha1::digest(bytes)),
        "SHA-256" => hex::encode(sha2::Sha256::digest(bytes)),
        "SHA-384" => hex::encode(sha2::Sha384::digest(bytes)),
        "SHA-512" => hex::encode(sha2::Sha512::digest(bytes)),
        other => {
            return Err(format!("'{other}' is not a hashing algorithm; use MD5, SHA-1, SHA-256, SHA-384 or SHA-512"));
        }
    };
    Ok(Value::from(digest))
}

pub(super) fn merge(below: &Value, above: &Value, deep: &Value) -> Result<Value, String> {
    if *deep != Value::Bool(false) {
        return Err("deep merging is not available: the third argument must be false".to_owned());
    }
    let (Some(below), Some(above)) = (below.as_object(), above.as_object()) else {
        return Err("expected two objects".to_owned());
    };
    let mut merged = below.clone();
    merged.extend(above.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(Value::Object(merged))
}

pub(super) fn from_json(json: &Value) -> Result<Value, String> {
    serde_json::from_str(text(json)?).map_err(|_| "the string is not JSON".to_owned())
}

/// Splits at any of the separators' characters and drops empty parts.
pub(super) fn split(whole: &Value, separators: &Value) -> Result<Value, String> {
    let separators = text(separators)?;
    Ok(text(whole)?.split(|c| separators.contains(c)).filter(|part| !part.is_empty()).map(Value::from).collect())
}

/// Replaces each `{}` by the next value; in a literal template `\{` and `\}` are braces.
pub(super) fn format(template: &Value, literal: bool, values: &[Value]) -> Result<Value, String> {
    let mut made = String::new();
    let mut values = values.iter();
    let mut characters = text(template)?.chars().peekable();
    while let Some(c) = characters.next() {
        let escaped = |next: &char| literal && c == '\\' && matches!(next, '\'' | '{' | '}' | '\\');
        if let Some(escaped) = characters.next_if(escaped) {
            made.push(escaped);
        } else if c == '{' && characters.next_if_eq(&'}').is_some() {
            let value = values.next().ok_or("there are more placeholders than arguments")?;
            made.push_str(&show(value));
        } else {
            made.push(c);
        }
    }
    if values.next().is_some() {
        return Err("there are more arguments than placeholders".to_owned());
    }
    Ok(Value::from(made))
}

/// Shows a value the way the service does: `{Arg1=1, Arg2=[]}`.
fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{key}={}", show(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A version 4 UUID of these bytes.
pub(super) fn uuid(mut bytes: [u8; 32]) -> String {
    // Indexes into an array of known length are checked when compiled.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits: String = hex::encode(bytes).chars().take(32).collect();
    let mut parts = Vec::new();
    let mut rest = digits.as_str();
    for length in [8, 4, 4, 4, 12] {
        let (part, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parts.push(part);
        rest = tail;
    }
    parts.join("-")
}
