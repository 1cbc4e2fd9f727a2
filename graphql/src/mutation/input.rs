//! What is handed in, and how it is read.

use async_graphql::{ID, InputObject};
use uuid::Uuid;
use workflow::actions::Caller;
use workflow::domain::decision::Ballot;
use workflow::domain::digest::Digest;
use workflow::domain::id::RequestId;
use workflow::domain::text::{BadText, Reason, StageId};

use super::not_found;
use crate::context::IdempotencyKey;
use crate::refused::Refused;
use crate::request::OpinionWord;
use crate::scalar::Long;

/// What reading an input gives.
pub(crate) type Reading<T> = Result<T, Refused>;

/// One file that is going to be uploaded.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct FileInput {
    /// Its relative path, with `/` between folders.
    pub(super) path: String,
    /// Bytes.
    pub(super) size: Long,
}

/// An upload that is announced.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CreateUploadInput {
    /// The project whose data it is.
    pub(super) project: String,
    /// The files: 1 to 500.
    pub(super) files: Vec<FileInput>,
}

/// A request that is submitted.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SubmitInput {
    /// The upload whose files it is about. Its project is the request's.
    pub(super) upload: ID,
    /// The workspace that the files come from.
    pub(super) workspace: String,
    /// What it is called.
    pub(super) title: String,
    /// What the files are for.
    pub(super) purpose: Option<String>,
}

/// A decision: an opinion, and what was looked at. If that has moved, the answer is `Stale`.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct DecideInput {
    /// The request.
    pub(super) request: ID,
    /// The round that was looked at.
    round: i32,
    /// The id of the stage that is decided.
    stage: String,
    /// The digest of the manifest that was looked at.
    manifest_digest: String,
    /// What the reviewer says.
    opinion: OpinionWord,
    /// Why.
    reason: Option<String>,
}

macro_rules! about_a_request {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, InputObject)]
        pub(crate) struct $name {
            /// The request.
            pub(super) request: ID,
            $($(#[$field_doc])* pub(super) $field: $kind,)*
        }
    )*};
}

about_a_request! {
    /// A request that is taken back.
    WithdrawInput {
        /// Why.
        reason: Option<String>,
    }
    /// A request that is submitted again.
    ResubmitInput {
        /// The upload whose files the next round is about.
        upload: ID,
    }
    /// Something that is said about a request.
    CommentInput {
        /// What.
        text: String,
    }
    /// A request that is to go on.
    RetryInput {
        /// Why.
        reason: Option<String>,
    }
    /// A request that is to be ended.
    AbortInput {
        /// Why.
        reason: String,
    }
    /// A release that is to be called back.
    RevokeInput {
        /// Why.
        reason: String,
    }
}

impl DecideInput {
    pub(super) fn ballot(self) -> Reading<Ballot> {
        Ok(Ballot {
            // No round has the number 0: what cannot be one has moved, like any other that is not the current one.
            round: u32::try_from(self.round).unwrap_or(0),
            stage: read("stage", StageId::parse(self.stage))?,
            manifest: read("manifestDigest", self.manifest_digest.parse::<Digest>())?,
            opinion: self.opinion.into(),
            reason: optional_reason("reason", self.reason)?,
        })
    }
}

pub(super) fn read<T>(field: &str, parsed: Result<T, BadText>) -> Reading<T> {
    parsed.map_err(|bad| Refused::input(field, &bad.to_string()))
}

pub(super) fn request_id(id: &ID) -> Reading<RequestId> {
    id.parse().map_err(|_| not_found())
}

/// A reason without the space around it. Browsers end lines with CR LF.
pub(super) fn reason(field: &str, text: &str) -> Reading<Reason> {
    read(field, Reason::parse(text.replace("\r\n", "\n").trim()))
}

/// A reason, if there is anything in it.
pub(super) fn optional_reason(field: &str, text: Option<String>) -> Reading<Option<Reason>> {
    text.filter(|text| !text.trim().is_empty()).map(|text| reason(field, &text)).transpose()
}

/// The digest under which a named call is on record.
pub(super) fn call_digest(key: &IdempotencyKey) -> Digest {
    Digest::of(format!("lockgate call\n{}", key.as_str()).as_bytes())
}

/// A name for what a call makes: the same for the same caller, purpose and key.
pub(super) fn name_of(caller: &Caller, purpose: &str, key: &str) -> Uuid {
    let identity = caller.who.identities.first().map(ToString::to_string).unwrap_or_default();
    let text = format!("lockgate {purpose}\n{}\n{identity}\n{key}", identity.len());
    let (Digest::Sha256(digest) | Digest::Sha256Parts { digest, .. }) = Digest::of(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, source)| *byte = source);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
