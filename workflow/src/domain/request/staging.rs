//! Admission and staging: claim, bind the policy, freeze.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::{Claim, Superseded};
use super::{Request, StageEntry};
use crate::domain::audit::{Actor, Fact};
use crate::domain::change::Change;
use crate::domain::manifest::ManifestReference;
use crate::domain::policy::Policy;
use crate::domain::release::RecordReference;
use crate::domain::status::{End, Happening, IllegalTransition};
use crate::domain::text::Reason;

/// How far a round is frozen. The files themselves are listed in immutable objects.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StagingProgress {
    /// Files that are frozen.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The lists of what was frozen, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<RecordReference>,
}

/// Why a step's change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotMine {
    /// Another run or attempt has taken over.
    #[error(transparent)]
    Superseded(#[from] Superseded),
    /// The request does not stand where the step would have it.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
}

impl Request {
    /// Binds the policy.
    pub fn admit(&self, policy: Policy, actor: Actor, at: Timestamp) -> Result<Change, IllegalTransition> {
        let mut draft = self.moved(&Happening::Admitted)?;
        let fact = Fact::Admitted { policy: policy.label(), digest: policy.digest() };
        draft.after.policy = Some(Box::new(policy));
        Ok(draft.finish(actor, at, fact))
    }

    /// Begins to freeze what was declared, or takes over from an earlier attempt.
    pub fn begin_staging(
        &self,
        claim: Claim,
        declared: ManifestReference,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, NotMine> {
        self.require_newest(&claim)?;
        let mut draft = match self.status.next(&Happening::StagingBegan) {
            Ok(_) => self.moved(&Happening::StagingBegan)?,
            Err(_) => self.draft(),
        };
        draft.after.claim = Some(claim);
        draft.after.round_mut().declared = Some(declared.clone());
        Ok(draft.finish(actor, at, Fact::StagingBegan { declared }))
    }

    /// Records that more files are frozen.
    pub fn advance_staging(
        &self,
        claim: &Claim,
        progress: StagingProgress,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, NotMine> {
        self.require_claim(claim)?;
        let mut draft = self.draft();
        let fact = Fact::FilesStaged { files: progress.files, bytes: progress.bytes };
        draft.after.round_mut().staging = progress;
        Ok(draft.finish(actor, at, fact))
    }

    /// Records that everything is frozen, and opens the first stage.
    ///
    /// `manifest` is the document that reviewers decide upon; `frozen` lists the same files with where they are staged.
    pub fn finish_staging(
        &self,
        claim: &Claim,
        (manifest, frozen): (ManifestReference, RecordReference),
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, NotMine> {
        self.require_claim(claim)?;
        let round = self.round().number;
        let mut draft = self.moved(&Happening::Staged { round })?;
        draft.after.claim = None;
        let entry = StageEntry::open(&draft.after, 0, at);
        let current = draft.after.round_mut();
        current.manifest = Some(manifest.clone());
        current.frozen = Some(frozen);
        current.entry = entry;
        Ok(draft.finish(actor, at, Fact::Staged { manifest }))
    }

    /// Sends a round back because what was submitted cannot be reviewed.
    pub fn send_back(&self, reason: Reason, actor: Actor, at: Timestamp) -> Result<Change, IllegalTransition> {
        let end = End::Returned;
        let mut draft = self.moved(&Happening::Ending(end))?;
        draft.after.claim = None;
        draft.after.round_mut().ended_because = Some(reason.clone());
        Ok(draft.finish(actor, at, Fact::Ending { end, reason: Some(reason) }))
    }
}
