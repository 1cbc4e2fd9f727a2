//! Changing a request: read it, let the aggregate make the change, commit, and begin again if it moved meanwhile.

use jiff::{SignedDuration, Timestamp};

use crate::domain::change::Change;
use crate::domain::id::RequestId;
use crate::domain::request::Request;
use crate::ports::request_store::Commit;
use crate::ports::{Kind, PortError, Ports};

/// How often a change is made again because somebody else was faster. Each time somebody else got on, so it ends.
const TRIES: u32 = 64;

/// How far two machines' clocks may be apart, or one may be set back, without the record showing it.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// When a change of a request that was just read takes place: now, and not before its last change. A clock that is
/// further behind than [`SKEW`] is written as it is: that is no skew, and the record does not hide it.
pub(crate) fn time_of_change(ports: &Ports, request: &Request) -> Timestamp {
    let now = ports.clock.now();
    let behind = request.updated_at.duration_since(now);
    if behind.is_positive() && behind <= SKEW { request.updated_at } else { now }
}

/// Reads a request, and says `Missing` if there is none.
pub(crate) async fn find(ports: &Ports, id: RequestId) -> Result<Request, PortError> {
    let missing = || PortError::new("request store", format!("find {id}"), Kind::Missing);
    ports.requests.find(id).await?.ok_or_else(missing)
}

/// Changes a request as `make` says, and answers the request as it is then. `make` is handed the request and the time
/// of the change, which is looked at after the request was read: so the record does not go back. It is asked again
/// whenever the request moved; it answers no change if what it wants is on record already.
pub(crate) async fn amend<E: From<PortError>>(
    ports: &Ports,
    id: RequestId,
    make: impl Fn(&Request, Timestamp) -> Result<Option<Change>, E>,
) -> Result<Request, E> {
    for _ in 0..TRIES {
        let request = find(ports, id).await?;
        let Some(change) = make(&request, time_of_change(ports, &request))? else { return Ok(request) };
        match ports.requests.commit(&change).await? {
            Commit::Done => return Ok(change.after().clone()),
            Commit::Stale => {}
            other @ (Commit::StoreHeld | Commit::NoticeAnswered) => {
                let met = PortError::new("request store", format!("commit {id}"), Kind::Conflict);
                return Err(met.because(format!("{other:?}")).into());
            }
        }
    }
    Err(PortError::new("request store", format!("commit {id}"), Kind::Transient).because("it never stood still").into())
}
