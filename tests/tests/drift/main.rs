//! What is said in two places is the same in both: the definition, the steps, the tree and the documents.

mod definition;
mod document;
mod tree;

/// The root of the checkout.
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
