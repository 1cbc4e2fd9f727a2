//! What the artefacts promise.

mod artefact;
mod operation;
