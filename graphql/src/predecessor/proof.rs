//! Proof of what was seen: the `task_token` of the predecessor's schema, a code over request, round, stage, manifest,
//! person and an end. Who has it can do nothing with it but decide, as that person, on exactly that.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;
use workflow::domain::digest::Digest;
use workflow::domain::id::RequestId;
use workflow::domain::permission::may_decide;
use workflow::domain::person::Person;
use workflow::domain::request::Request;
use workflow::ports::PortError;

use crate::context::Context;

/// How long a proof is good: a working day and a night.
const LIVES_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What a person saw, or sees now.
pub(super) struct Seen {
    request: RequestId,
    round: u32,
    stage: String,
    manifest: Digest,
    person: String,
}

impl Seen {
    /// What somebody sees who may decide now; none if there is nothing for them to decide.
    pub(super) fn of(request: &Request, person: &Person) -> Option<Self> {
        let may = may_decide(person, request).ok()?;
        let round = request.round();
        Some(Self {
            request: request.id,
            round: round.number,
            stage: request.policy()?.stage(may.stage())?.id.to_string(),
            manifest: round.manifest.as_ref()?.digest,
            person: person.who.identities.first().map(ToString::to_string).unwrap_or_default(),
        })
    }

    /// A proof for the person who sees it.
    pub(super) async fn prove(&self, call: &Context) -> Result<String, PortError> {
        let ends_at = call.ports.clock.now().saturating_add(LIVES_FOR).unwrap_or(Timestamp::MAX).as_second();
        let code = call.ports.sealer.mac(&self.message(ends_at)).await?;
        let mut token = ends_at.to_be_bytes().to_vec();
        token.extend_from_slice(&code);
        Ok(URL_SAFE_NO_PAD.encode(token))
    }

    /// Whether a proof is of what the person sees now, and has not ended.
    pub(super) async fn is_proven_by(&self, call: &Context, token: &str, now: Timestamp) -> Result<bool, PortError> {
        let Some((ends_at, code)) = split(token) else { return Ok(false) };
        let expected = call.ports.sealer.mac(&self.message(ends_at)).await?;
        Ok(bool::from(expected.as_slice().ct_eq(&code)) && ends_at > now.as_second())
    }

    /// One line per field; none of them can hold a line break but the last, which is as long as it is.
    fn message(&self, ends_at: i64) -> Vec<u8> {
        let Self { request, round, stage, manifest, person } = self;
        format!("lockgate seen v1\n{request}\n{round}\n{stage}\n{manifest}\n{ends_at}\n{person}").into_bytes()
    }
}

fn split(token: &str) -> Option<(i64, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (ends_at, code) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*ends_at), code.to_vec()))
}
