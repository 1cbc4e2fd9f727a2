//! File paths inside a request: kept as the researcher gave them, made safe for everyone who unpacks them.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::text::is_invisible;

/// The longest path in bytes, as object stores have it.
pub const LONGEST_PATH: usize = 1024;

/// The longest part of a path in bytes: more than that no file system takes as a name, so nobody could unpack it.
pub const LONGEST_PART: usize = 255;

/// A relative path with `/` between its segments that means the same file on every system: in NFC, with no segment
/// that escapes, hides or names a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SafePath(String);

/// Says why a name cannot become a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file name {shown} {problem}")]
pub struct BadPath {
    /// The name, escaped so that it can be shown anywhere.
    pub shown: String,
    /// What is wrong with it, as the rest of the sentence.
    pub problem: &'static str,
}

impl SafePath {
    /// Makes a path from the part of an object key (or file path) below the request's folder.
    ///
    /// What could only be an attack or a mistake is refused: absolute paths, drive letters, backslashes, empty, `.`
    /// and `..` segments, control and invisible characters, parts that are too long for a file system. What is a legal
    /// name elsewhere but not on every system is mapped: reserved device names, trailing dots and spaces, a trailing
    /// `;1` (which unpackers cut off as the version of a file) and `< > : " | ? *` get an underscore. The caller sees a
    /// mapping by comparing [`SafePath::as_str`] with what it passed.
    pub fn parse(name: &str) -> Result<Self, BadPath> {
        let bad = |problem| BadPath { shown: show(name), problem };
        if name.is_empty() {
            return Err(bad("is empty"));
        }
        if name.starts_with('/') || has_drive(name) {
            return Err(bad("is absolute; only paths below the submitted folder can leave"));
        }
        if name.contains('\\') {
            return Err(bad("contains a backslash, which some systems read as a folder"));
        }
        if name.chars().any(|c| c.is_control() || is_invisible(c)) {
            return Err(bad("contains a control or an invisible character"));
        }
        let segments: Vec<&str> = name.split('/').collect();
        if segments.iter().any(|s| s.is_empty() || *s == "." || *s == "..") {
            return Err(bad("has an empty, '.' or '..' part"));
        }
        let segments: Vec<String> = segments.into_iter().map(make_portable).collect();
        if segments.iter().any(|segment| segment.len() > LONGEST_PART) {
            return Err(bad("has a part of more than 255 bytes between its slashes"));
        }
        let safe = segments.join("/");
        if safe.len() > LONGEST_PATH {
            return Err(bad("is longer than 1,024 bytes"));
        }
        Ok(Self(safe))
    }

    /// The path as it stands in manifests and archives.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which two paths collide on a system that ignores case: NFC of the full case folding.
    pub fn collision_key(&self) -> String {
        caseless::default_case_fold_str(&self.0).nfc().collect()
    }
}

impl fmt::Display for SafePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SafePath {
    type Error = BadPath;
    fn try_from(text: String) -> Result<Self, BadPath> {
        let path = Self::parse(&text)?;
        if path.0 == text {
            return Ok(path);
        }
        Err(BadPath { shown: show(&text), problem: "is not in its portable form" })
    }
}

impl From<SafePath> for String {
    fn from(path: SafePath) -> String {
        path.0
    }
}

/// Shows any name in plain ASCII-safe form: controls and invisible characters as `\u{…}`, cut after 120 characters.
pub fn show(name: &str) -> String {
    let mut shown = String::from("'");
    for (count, c) in name.chars().enumerate() {
        if count == 120 {
            shown.push('…');
            break;
        }
        push_visibly(&mut shown, c);
    }
    shown.push('\'');
    shown
}

/// Shows any text on one line: controls and invisible characters as `\u{…}`.
pub fn escape(text: &str) -> String {
    let mut shown = String::new();
    text.chars().for_each(|c| push_visibly(&mut shown, c));
    shown
}

fn push_visibly(shown: &mut String, c: char) {
    if c.is_control() || is_invisible(c) {
        shown.extend(c.escape_unicode());
    } else {
        shown.push(c);
    }
}

fn has_drive(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

fn make_portable(segment: &str) -> String {
    let mut safe: String = segment.nfc().map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    if let Some(at) = version_of(&safe) {
        safe.replace_range(at..=at, "_");
    }
    if safe.ends_with(['.', ' ']) {
        safe.push('_');
    }
    if is_reserved(&safe) {
        safe.insert(0, '_');
    }
    safe
}

/// Where the `;` stands with which a version ends the segment, as in `report;1`: `unzip` would cut it off.
fn version_of(segment: &str) -> Option<usize> {
    let at = segment.rfind(';')?;
    segment.get(at + 1..)?.bytes().all(|byte| byte.is_ascii_digit()).then_some(at)
}

/// Names that Windows reads as devices, with or without an extension.
fn is_reserved(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let mut chars = stem.chars();
    let port: String = chars.by_ref().take(3).collect();
    let digit = chars.next();
    (port == "COM" || port == "LPT")
        && digit.is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c))
        && chars.next().is_none()
}
