//! Changing a request: read it, let the aggregate make the change, commit, and begin again if it moved meanwhile.

use crate::domain::change::Change;
use crate::domain::id::RequestId;
use crate::domain::request::Request;
use crate::ports::request_store::Commit;
use crate::ports::{Kind, PortError, Ports};

/// How often a change is made again because somebody else was faster. Each time somebody else got on, so it ends.
const TRIES: u32 = 64;

/// Reads a request, and says `Missing` if there is none.
pub(crate) async fn find(ports: &Ports, id: RequestId) -> Result<Request, PortError> {
    let missing = || PortError::new("request store", format!("find {id}"), Kind::Missing);
    ports.requests.find(id).await?.ok_or_else(missing)
}

/// Changes a request as `make` says, and answers the request as it is then. `make` is asked again whenever the request
/// moved; it answers no change if what it wants is on record already.
pub(crate) async fn amend<E: From<PortError>>(
    ports: &Ports,
    id: RequestId,
    make: impl Fn(&Request) -> Result<Option<Change>, E>,
) -> Result<Request, E> {
    for _ in 0..TRIES {
        let request = find(ports, id).await?;
        let Some(change) = make(&request)? else { return Ok(request) };
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
