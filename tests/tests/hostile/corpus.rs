//! The corpus of names: each with what is wrong with it and what it has to become.

use serde_json::Value;

/// A name that somebody may submit.
pub(crate) struct Hostile {
    pub(crate) name: String,
    /// What is wrong with it, after "it".
    pub(crate) why: String,
    /// The path under which it leaves; none if it may not.
    pub(crate) becomes: Option<String>,
}

fn corpus() -> Value {
    serde_json::from_str(include_str!("../../../testdata/hostile-names.json")).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// All names.
pub(crate) fn names() -> Vec<Hostile> {
    let corpus = corpus();
    let read = |row: &Value| Hostile {
        name: text(&row["name"]),
        why: text(&row["why"]),
        becomes: row["becomes"].as_str().map(str::to_owned),
    };
    corpus["names"].as_array().unwrap().iter().map(read).collect()
}

/// The names that may leave, without those that would collide with an earlier one: as submitted, and as promised.
pub(crate) fn kept() -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::new();
    let mut keys = std::collections::BTreeSet::new();
    let key = |path: &str| workflow::domain::path::SafePath::parse(path).unwrap().collision_key();
    for Hostile { name, becomes, .. } in names() {
        let Some(path) = becomes else { continue };
        let folders: Vec<String> = path.match_indices('/').map(|(at, _)| key(&path[..at])).collect();
        let is_folder = |other: &String| other.starts_with(&format!("{}/", key(&path)));
        let clashes = keys.contains(&key(&path)) || keys.iter().any(is_folder);
        if !clashes && !folders.iter().any(|folder| keys.contains(folder)) {
            keys.insert(key(&path));
            kept.push((name, path));
        }
    }
    kept
}

/// Names of which only one may be in a submission.
pub(crate) fn pairs() -> Vec<[String; 2]> {
    let corpus = corpus();
    corpus["pairs"].as_array().unwrap().iter().map(|pair| [text(&pair[0]), text(&pair[1])]).collect()
}

/// Names that are not UTF-8, with what is wrong with them.
pub(crate) fn bytes() -> Vec<(Vec<u8>, String)> {
    let corpus = corpus();
    let byte = |hex: &str| u8::from_str_radix(hex, 16).unwrap();
    let bytes = |row: &Value| {
        let hex = text(&row["hex"]);
        ((0..hex.len()).step_by(2).map(|at| byte(&hex[at..at + 2])).collect(), text(&row["why"]))
    };
    corpus["bytes"].as_array().unwrap().iter().map(bytes).collect()
}
