//! Names of every kind, and what they become.

use proptest::prelude::*;

use super::*;
use crate::domain::manifest::{Declared, Manifest, SourceVersion};

#[test]
fn an_honest_path_stays_as_it_is() {
    for path in ["a.csv", "affairs/summary.csv", "naïve/名.txt", "-dash", ".hidden", "a b/c (1).R"] {
        assert_eq!(SafePath::parse(path).unwrap().as_str(), path);
    }
}

#[test]
fn what_could_escape_is_refused() {
    for path in [
        "",
        "/etc/passwd",
        "../x",
        "a/../x",
        "a//b",
        "./a",
        "C:\\x",
        "C:x",
        "a\\b",
        "a\0b",
        "a\nb",
        "x\u{202E}gpj",
        "a/",
    ] {
        assert!(SafePath::parse(path).is_err(), "{path:?}");
    }
}

#[test]
fn what_is_not_portable_is_mapped() {
    for (given, safe) in [
        ("CON", "_CON"),
        ("a/nul.txt", "a/_nul.txt"),
        ("com1.log", "_com1.log"),
        ("communal.log", "communal.log"),
        ("end.", "end._"),
        ("end ", "end _"),
        ("ab:c*d", "ab_c_d"),
        ("report.csv;1", "report.csv_1"),
        ("a;/b;x", "a_/b;x"),
        ("e\u{301}.csv", "é.csv"),
    ] {
        assert_eq!(SafePath::parse(given).unwrap().as_str(), safe);
    }
}

#[test]
fn a_path_is_measured_after_it_was_made_portable() {
    let long = format!("{}{}", "x/".repeat(511), "yz");
    assert!(SafePath::parse(&long).is_ok());
    assert!(SafePath::parse(&format!("{long}z")).is_err());
    assert!(SafePath::parse(&format!("{long}.")).is_err());
    assert!(SafePath::parse(&"a".repeat(255)).is_ok());
    assert!(SafePath::parse(&"a".repeat(256)).is_err());
    assert!(SafePath::parse(&format!("{}.", "a".repeat(255))).is_err());
}

#[test]
fn paths_collide_as_they_would_on_a_system_that_ignores_case() {
    let key = |p: &str| SafePath::parse(p).unwrap().collision_key();
    assert_eq!(key("Straße.csv"), key("STRASSE.CSV"));
    assert_eq!(key("\u{212B}.csv"), key("å.csv"));
    assert_ne!(key("a.csv"), key("b.csv"));
}

/// Names that are near to what is dangerous.
fn nearly_hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("..".to_owned()),
        Just("con".to_owned()),
        "[a-zA-Z.:;\\\\ /0-9~%-]{0,12}",
        "\\PC{0,6}",
        any::<String>(),
        "[a-z]{250,260}",
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.join("/"))
}

fn declared(path: &SafePath) -> Declared {
    let source = SourceVersion { key: String::new(), version: String::new() };
    Declared { path: path.clone(), submitted_as: None, source, size: 1 }
}

proptest! {
    /// Whatever is let through stays below its folder on every system, means one file, and is its own portable form.
    #[test]
    fn a_path_that_is_let_through_is_harmless_everywhere(name in nearly_hostile()) {
        let Ok(path) = SafePath::parse(&name) else { return Ok(()) };
        let text = path.as_str();
        prop_assert!(!text.is_empty() && text.len() <= LONGEST_PATH && !text.contains(['\\', ':', '\0', '*', '?', '"', '<', '>', '|']));
        prop_assert!(!text.chars().any(|c| c.is_control() || is_invisible(c)));
        for part in text.split('/') {
            prop_assert!(!part.is_empty() && part.len() <= LONGEST_PART && !part.ends_with(['.', ' ']), "{part:?}");
            prop_assert!(!is_reserved(part) && version_of(part).is_none(), "{part:?}");
        }
        prop_assert_eq!(SafePath::parse(text).unwrap(), path.clone());
        prop_assert_eq!(text.nfc().collect::<String>(), text);
    }

    /// A refusal can be shown on a page, in a mail and on a terminal, whatever was refused.
    #[test]
    fn a_refusal_can_be_shown_anywhere(name in nearly_hostile()) {
        if let Err(bad) = SafePath::parse(&name) {
            let sentence = bad.to_string();
            prop_assert!(!sentence.chars().any(|c| c.is_control() || is_invisible(c)) && sentence.chars().count() < 2_000);
        }
    }

    /// In a manifest no name is another one's file or folder, also where case and form are not told apart.
    #[test]
    fn a_manifest_holds_no_name_twice(names in prop::collection::vec("[aAbBé\u{e9}/]{1,4}", 1..6)) {
        let paths: Vec<SafePath> = names.iter().filter_map(|name| SafePath::parse(name).ok()).collect();
        let Ok(manifest) = Manifest::declare(paths.iter().map(declared).collect()) else { return Ok(()) };
        prop_assert_eq!(manifest.files().len(), paths.len());
        let keys: Vec<String> = manifest.files().iter().map(|file| file.path.collision_key()).collect();
        for (index, key) in keys.iter().enumerate() {
            for other in keys.iter().skip(index + 1) {
                let is_below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
                prop_assert!(key != other && !is_below(key, other) && !is_below(other, key), "{key:?} {other:?}");
            }
        }
    }
}
