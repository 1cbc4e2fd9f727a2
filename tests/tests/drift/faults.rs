//! The table of faults against the tests that it names.

use std::path::Path;

use crate::root;

/// The names of all functions in the sources of a folder.
fn functions(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let names = text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
            found.extend(names.map(str::to_owned));
        }
    }
}

#[test]
fn every_test_that_the_table_of_faults_names_exists() {
    let mut found = Vec::new();
    for folder in ["tests", "server", "http", "infra/embedded", "workflow"] {
        functions(&root().join(folder), &mut found);
    }
    let table = std::fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| fault"));
    let mut named = 0;
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for name in tests.split(", ").map(|name| name.trim_matches('`')) {
            assert!(found.iter().any(|function| function == name), "there is no test {name}: {row}");
            named += 1;
        }
    }
    assert!(named > 40, "{named}");
}
