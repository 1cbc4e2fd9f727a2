//! What became of what was asked.

use async_graphql::{Enum, ID, Result, SimpleObject, Union};
use workflow::actions::create_upload::Created;
use workflow::actions::grant_download::Granted;
use workflow::actions::receive::Received;
use workflow::actions::{ActionError, view};
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;

use super::input::Reading;
use crate::context::Context;
use crate::fault::fault_of;
use crate::refused::{RefusalCode, Refused, WhatMoved};
use crate::request::RequestView;
use crate::scalar::{DateTime, Long};

/// A fault is an error; a refusal is told apart from what was done.
pub(super) fn reading<T>(call: &Context, result: Result<T, ActionError>) -> Result<Reading<T>> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(ActionError::Refused(refusal)) => Ok(Err(refusal.into())),
        Err(error) => Err(fault_of(call, error).into()),
    }
}

/// Answers the request as it is after an action, or the refusal.
macro_rules! outcome {
    ($call:expr, $result:expr, $payload:ident, |$request:ident| $done:ident { request }) => {
        Ok(match crate::mutation::payload::reading($call, $result)? {
            Ok(done) => {
                let $request = crate::request::RequestView::from(done);
                $payload::$done($done { $request })
            }
            Err(refused) => $payload::Refused(refused),
        })
    };
}
pub(crate) use outcome;

macro_rules! payloads {
    ($($(#[$doc:meta])* $payload:ident, $(#[$done_doc:meta])* $done:ident;)*) => {$(
        $(#[$done_doc])*
        #[derive(Debug, Clone, SimpleObject)]
        pub(crate) struct $done {
            /// The request as it is now.
            pub(crate) request: RequestView,
        }

        $(#[$doc])*
        #[derive(Debug, Clone, Union)]
        #[allow(clippy::large_enum_variant, reason = "a payload is made once in a call and not kept")]
        pub(crate) enum $payload {
            /// What was done.
            $done($done),
            /// The refusal.
            Refused(Refused),
        }
    )*};
}

payloads! {
    /// What became of a submission.
    SubmitPayload,
    /// The request was taken.
    Submitted;
    /// What became of a withdrawal.
    WithdrawPayload,
    /// The request is being taken back, or was.
    Withdrawn;
    /// What became of a resubmission.
    ResubmitPayload,
    /// The next round began.
    Resubmitted;
    /// What became of a comment.
    CommentPayload,
    /// It was said.
    Commented;
    /// What became of a retry.
    RetryPayload,
    /// The request goes on.
    Retried;
    /// What became of an abort.
    AbortPayload,
    /// The request is being ended.
    Aborted;
    /// What became of a revocation.
    RevokePayload,
    /// The release was called back.
    Revoked;
}

/// The decision is on record.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Decided {
    /// The request as it is now.
    request: RequestView,
}

/// What was looked at is no longer what it was, so nothing was recorded.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Stale {
    /// Why, for machines: `STALE` or `STAGE_CLOSED`.
    code: RefusalCode,
    /// What has moved.
    moved: WhatMoved,
    /// What happened and what to do, for people.
    sentence: String,
    /// The request as it is now.
    request: RequestView,
}

/// What became of a decision.
#[derive(Debug, Clone, Union)]
pub(crate) enum DecidePayload {
    /// It counts.
    Decided(Decided),
    /// It came too late.
    Stale(Stale),
    /// The refusal.
    Refused(Refused),
}

/// Answers what became of a decision. Whoever came too late gets the request as it is now.
pub(super) async fn decided(
    call: &Context,
    id: RequestId,
    result: Result<Request, ActionError>,
) -> Result<DecidePayload> {
    let refusal = match result {
        Ok(request) => return Ok(DecidePayload::Decided(Decided { request: request.into() })),
        Err(ActionError::Refused(refusal)) => refusal,
        Err(error) => return Err(fault_of(call, error).into()),
    };
    let Some(moved) = WhatMoved::of(&refusal) else { return Ok(DecidePayload::Refused(refusal.into())) };
    let request = match view::run(&call.ports, &call.caller, id).await {
        Ok((_, request)) => request.into(),
        Err(ActionError::Refused(refusal)) => return Ok(DecidePayload::Refused(refusal.into())),
        Err(error) => return Err(fault_of(call, error).into()),
    };
    let (code, sentence) = (RefusalCode::from(&refusal), refusal.to_string());
    Ok(DecidePayload::Stale(Stale { code, moved, sentence, request }))
}

/// Where the bytes of one file go.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UploadTicket {
    /// Its place in the upload, from 0.
    index: u32,
    /// The path under which it will leave.
    path: String,
    /// The name that it was announced under, where that had to be made portable.
    submitted_as: Option<String>,
    /// Bytes.
    size: Long,
    /// Where the bytes are `PUT`, by the caller alone.
    url: String,
}

/// Room was made for files.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UploadCreated {
    /// The upload: what to submit once all files are there.
    id: ID,
    /// When it ends, if it is not submitted.
    expires_at: DateTime,
    /// Where the bytes of each file go, in path order.
    tickets: Vec<UploadTicket>,
}

/// What became of an announcement.
#[derive(Debug, Clone, Union)]
pub(crate) enum CreateUploadPayload {
    /// Room was made.
    UploadCreated(UploadCreated),
    /// The refusal.
    Refused(Refused),
}

impl UploadCreated {
    pub(super) fn of(call: &Context, created: Created) -> Self {
        let (upload, addresses) = (created.upload, created.addresses);
        let ticket = |(index, (file, address)): (u32, (workflow::ports::uploads::Announced, String))| UploadTicket {
            index,
            path: file.path.to_string(),
            submitted_as: file.submitted_as,
            size: file.size.into(),
            url: link(call, &address),
        };
        Self {
            id: ID(upload.id.to_string()),
            expires_at: upload.expires_at.into(),
            tickets: (0..).zip(upload.files.into_iter().zip(addresses)).map(ticket).collect(),
        }
    }
}

/// A link for one person, for a short while.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct DownloadGranted {
    /// Where the archive can be had, by the caller alone.
    url: String,
    /// When the link ends.
    expires_at: DateTime,
    /// How many more downloads the caller may have afterwards.
    left: u32,
}

/// What became of a wish to download.
#[derive(Debug, Clone, Union)]
pub(crate) enum GrantDownloadPayload {
    /// The link.
    DownloadGranted(DownloadGranted),
    /// The refusal.
    Refused(Refused),
}

impl DownloadGranted {
    pub(super) fn of(call: &Context, granted: &Granted) -> Self {
        let url = link(call, &download_path(granted.request, &granted.secret));
        Self { url, expires_at: granted.expires_at.into(), left: granted.left }
    }
}

/// The path under which a ticket is redeemed.
pub fn download_path(request: RequestId, secret: &str) -> String {
    format!("/downloads/{request}/{secret}")
}

/// A path on this host with what links begin with; a URL as it is.
pub(crate) fn link(call: &Context, address: &str) -> String {
    if address.starts_with('/') { format!("{}{address}", call.public_url) } else { address.to_owned() }
}

/// What became of something that was taken once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ReplayOutcome {
    /// A request began.
    Begun,
    /// A request waits behind another one of the store.
    Queued,
    /// A returned request has its next round.
    NextRound,
    /// It had been taken before.
    Known,
    /// It still cannot be taken, and is kept.
    Quarantined,
}

/// It was taken once more.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Replayed {
    /// What became of it.
    outcome: ReplayOutcome,
    /// The request, if there is one now.
    request: Option<ID>,
    /// Why it still cannot be taken.
    reason: Option<String>,
}

/// What became of a replay.
#[derive(Debug, Clone, Union)]
pub(crate) enum ReplayPayload {
    /// It was tried.
    Replayed(Replayed),
    /// The refusal.
    Refused(Refused),
}

impl From<Received> for Replayed {
    fn from(received: Received) -> Self {
        let of = |outcome, request: RequestId| Self { outcome, request: Some(ID(request.to_string())), reason: None };
        match received {
            Received::Begun(request) => of(ReplayOutcome::Begun, request),
            Received::Queued(request) => of(ReplayOutcome::Queued, request),
            Received::NextRound(request) => of(ReplayOutcome::NextRound, request),
            Received::Known(request) => of(ReplayOutcome::Known, request),
            Received::Quarantined { reason, .. } => {
                Self { outcome: ReplayOutcome::Quarantined, request: None, reason: Some(reason) }
            }
        }
    }
}

/// The message is tried again.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct MessageRetried {
    /// Its name.
    pub(super) id: ID,
}

/// What became of a retry.
#[derive(Debug, Clone, Union)]
pub(crate) enum RetryMessagePayload {
    /// It is tried again.
    MessageRetried(MessageRetried),
    /// The refusal.
    Refused(Refused),
}
