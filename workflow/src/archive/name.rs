//! Says which names an archive may hold, so that nobody who unpacks it writes outside the folder that they chose.

/// The longest name in bytes; far below what a zip header can hold.
const LONGEST: usize = 4_096;

/// Tells what is wrong with a member's name; `None` means that it is sound.
pub(super) fn find_flaw(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > LONGEST {
        return Some("is empty or longer than 4,096 bytes");
    }
    if name.contains('\\') {
        return Some("holds a backslash");
    }
    if name.chars().any(char::is_control) {
        return Some("holds a control character");
    }
    if name.split('/').any(|segment| segment.is_empty() || segment == "." || segment == "..") {
        return Some("has an empty, '.' or '..' part");
    }
    if name.split('/').any(has_drive) {
        return Some("begins with a drive letter");
    }
    None
}

fn has_drive(segment: &str) -> bool {
    matches!(segment.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// Gives every folder that a name lies in, the outermost first.
pub(super) fn folders_of(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').filter_map(|(at, _)| name.get(..at))
}

/// Writes a name so that it can be shown anywhere: escaped, and cut after 120 characters.
pub(super) fn show(name: &str) -> String {
    let mut shown: String = name.chars().take(120).flat_map(char::escape_debug).collect();
    if name.chars().nth(120).is_some() {
        shown.push('…');
    }
    format!("'{shown}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_escape_or_hide_are_flawed() {
        for bad in ["", "/a", "a//b", "a/", "../a", "a/../b", "./a", "a\\b", "C:x", "files/c:/x", "a\nb", "a\0"] {
            assert!(find_flaw(bad).is_some(), "{bad:?}");
        }
        for good in ["a", "files/naïve-名.csv", "a/b.c/..d", "...", "files/a b"] {
            assert_eq!(find_flaw(good), None, "{good:?}");
        }
    }
}
