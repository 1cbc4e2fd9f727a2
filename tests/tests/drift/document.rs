//! Documents that name tests: every test that they name is there.

use std::collections::BTreeSet;
use std::path::Path;

use workflow::domain::policy::Policy;

use crate::root;

/// Documents in `docs/` whose tables name tests, each as `` `name_of_the_test` ``.
const DOCUMENTS: [&str; 1] = ["threats.md"];
/// The fewest words of a test's name: what has fewer is a field or a word of the product.
const WORDS: usize = 4;

/// Every function of every source file of ours.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(&root(), &mut names);
    names
}

fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && !["target", "node_modules", "lockgate-demo"].contains(&name.as_str()) {
                collect(&path, names);
            }
        } else if [".rs", ".ts", ".js", ".py", ".mjs"].iter().any(|ending| name.ends_with(ending)) {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            names.extend(words.filter(|word| word.matches('_').count() + 1 >= WORDS).map(str::to_owned));
        }
    }
}

/// What a document names between backquotes that reads like a test.
fn named(document: &str) -> BTreeSet<String> {
    let is_test = |word: &&str| {
        word.matches('_').count() + 1 >= WORDS
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    document.split('`').skip(1).step_by(2).filter(is_test).map(str::to_owned).collect()
}

#[test]
fn every_test_that_a_document_names_is_there() {
    let functions = functions();
    for document in DOCUMENTS {
        let Ok(text) = std::fs::read_to_string(root().join("docs").join(document)) else { continue };
        let named = named(&text);
        assert!(named.len() >= 10, "{document} names too few tests to be of use");
        let missing: Vec<_> = named.difference(&functions).collect();
        assert!(missing.is_empty(), "{document} names tests that are not there: {missing:?}");
    }
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let root = root();
    let folder = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let tops = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root.join(name));
    for path in folder.chain(tops).filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let is_here = !file.is_empty() && !target.contains("://");
            assert!(!is_here || path.parent().unwrap().join(file).exists(), "{}: {target}", path.display());
        }
    }
}

#[test]
fn every_policy_that_the_guide_shows_could_be_published() {
    let guide = std::fs::read_to_string(root().join("docs/policy.md")).unwrap();
    let shown: Vec<&str> = guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(shown.len() >= 3);
    for document in shown {
        Policy::parse(document).unwrap_or_else(|bad| panic!("{bad}: {document}"));
    }
}
