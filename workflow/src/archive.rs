//! The released archive: its plan, its resumable assembly, the record inside it, and its verification.
//!
//! A [`Plan`] is made once and stored. [`Archive`] executes it: [`Archive::orders`] says what to read and encode,
//! [`Archive::append`] takes the encoded blocks in order and hands out parts, [`Archive::seal`] gives the last part and
//! what the whole archive is. All of it is pure: bytes come in and go out, the caller does the reading and writing.

mod block;
mod digest;
mod error;
mod header;
mod method;
mod name;
mod plan;
mod progress;
mod reader;
mod record;
mod signature;
mod statement;
#[cfg(test)]
mod testing;
mod verify;
mod writer;

pub use block::{Encoded, Order, Orders, Want};
pub use error::ArchiveError;
pub use method::{BLOCK_BYTES, Method, SAMPLE_BYTES};
pub use plan::{Content, Cuts, ENCODER, FILES, Member, Plan, PlanError, Totals};
pub use progress::{PartRecord, Progress};
pub use record::{
    ManifestDocument, ManifestFile, RecordedDecision, RecordedManifest, RecordedPolicy, ReleaseRecord, SCHEMA_VERSION,
};
pub use signature::{SignatureError, verify_signature};
pub use statement::{
    ENVELOPE_NAME, Envelope, MANIFEST_NAME, MOST_SIGNED_BYTES, PAYLOAD_TYPE, RECORD_NAME, Statement, StatementError,
    Unsigned,
};
pub use verify::{Check, Finding, Outcome, Verification, verify};
pub use writer::{Archive, Open, Part, Sealed};
