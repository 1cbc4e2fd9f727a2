//! The stack's template: the same words as everywhere, what our own lints ask for, and what judges of others say.

mod drift;
mod judge;
mod lint;

use std::path::{Path, PathBuf};

/// The root of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
