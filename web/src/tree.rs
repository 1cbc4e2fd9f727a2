//! A list of files, drawn as folders.

use crate::word::Content;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) index: i64,
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) content: Option<Content>,
    pub(crate) digest: Option<String>,
    pub(crate) submitted_as: Option<String>,
}

/// One line of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// How deep it is; from 0.
    pub(crate) depth: usize,
    /// Its own name, without its folder's.
    pub(crate) name: String,
    /// The file; none for a folder.
    pub(crate) leaf: Option<Leaf>,
}

/// Draws files that are in the order of their paths: a line for each, and one for each folder that begins.
pub(crate) fn draw(files: impl IntoIterator<Item = Leaf>) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for leaf in files {
        let mut parts: Vec<String> = leaf.path.split('/').map(ToOwned::to_owned).collect();
        let name = parts.pop().unwrap_or_default();
        let common = open.iter().zip(&parts).take_while(|(left, right)| left == right).count();
        for (depth, folder) in parts.iter().enumerate().skip(common) {
            rows.push(Row { depth: depth.min(DEEPEST), name: folder.clone(), leaf: None });
        }
        rows.push(Row { depth: parts.len().min(DEEPEST), name, leaf: Some(leaf) });
        open = parts;
    }
    rows
}

/// Deeper lines are not indented further.
const DEEPEST: usize = 8;

/// Takes the files of a document's answer.
macro_rules! leaves {
    ($nodes:expr) => {
        $nodes.into_iter().map(|file| crate::tree::Leaf {
            index: file.index,
            path: file.path,
            size: file.size,
            content: file.content,
            digest: file.digest,
            submitted_as: file.submitted_as,
        })
    };
}
pub(crate) use leaves;

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(paths: &[&str]) -> Vec<(usize, String, bool)> {
        let leaf = |path: &&str| {
            let (content, digest, submitted_as) = (None, None, None);
            Leaf { index: 0, path: (*path).to_owned(), size: 1, content, digest, submitted_as }
        };
        draw(paths.iter().map(leaf)).into_iter().map(|row| (row.depth, row.name, row.leaf.is_some())).collect()
    }

    #[test]
    fn a_folder_is_named_once_where_it_begins() {
        let row = |depth, name: &str, is_file| (depth, name.to_owned(), is_file);
        assert_eq!(
            drawn(&["a/b/x.csv", "a/b/y.csv", "a/z.csv", "w.csv"]),
            [
                row(0, "a", false),
                row(1, "b", false),
                row(2, "x.csv", true),
                row(2, "y.csv", true),
                row(1, "z.csv", true),
                row(0, "w.csv", true),
            ]
        );
    }
}
