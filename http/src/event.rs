//! Server-sent events: a page follows where a request stands.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use workflow::actions::{Caller, view};
use workflow::domain::id::RequestId;
use workflow::domain::permission::may_view;
use workflow::domain::request::Request;

use crate::authentication::Visitor;
use crate::face::Face;
use crate::problem::Problem;

/// How often a request is looked at when the house does not tell that something moved.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long one stream lasts; the browser then opens the next, and is asked again who it is.
const AT_MOST: Duration = Duration::from_mins(10);

/// `GET /events/{request}`: tells where a request stands, now and whenever it moves, for as long as the caller may see
/// it. Opening the stream is a look at the request, and on the access log.
pub(crate) async fn follow(
    State(face): State<Arc<Face>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: RequestId =
        id.parse().map_err(|_| Problem::Refused(workflow::domain::permission::Refusal::NoSuchRequest))?;
    let Ok(place) = Arc::clone(&face.room.followers).try_acquire_owned() else { return Err(Problem::busy()) };
    view::run(&face.ports, &visitor.caller, id).await?;
    let follower = Follower {
        changes: face.changes.clone(),
        stopping: face.stopping.clone(),
        until: Instant::now() + AT_MOST,
        seen: None,
        caller: visitor.caller,
        id,
        face,
        _place: place,
    };
    let events = stream::unfold(follower, |mut follower| async move {
        let request = follower.next().await?;
        Some((Ok::<_, Infallible>(event_of(&request)), follower))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

fn event_of(request: &Request) -> Event {
    let news = json!({
        "version": request.version(),
        "status": request.status.word().as_str(),
        "updatedAt": request.updated_at.to_string(),
    });
    Event::default().event("request").id(request.version().to_string()).data(news.to_string())
}

struct Follower {
    face: Arc<Face>,
    caller: Caller,
    id: RequestId,
    seen: Option<u64>,
    changes: Option<tokio::sync::watch::Receiver<u64>>,
    stopping: tokio::sync::watch::Receiver<bool>,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    /// The request once it stands where it was not seen to stand; none when the stream ends.
    async fn next(&mut self) -> Option<Request> {
        loop {
            if *self.stopping.borrow() || Instant::now() >= self.until {
                return None;
            }
            let request = self.look().await?;
            if self.seen != Some(request.version()) {
                self.seen = Some(request.version());
                return Some(request);
            }
            self.wait().await;
        }
    }

    /// The request, if the caller may see it at this moment.
    async fn look(&self) -> Option<Request> {
        let person = self.caller.person(&self.face.ports).await.ok()?;
        let request = self.face.ports.requests.find(self.id).await.ok()??;
        may_view(&person, &request).ok()?;
        Some(request)
    }

    async fn wait(&mut self) {
        let moved = async {
            let told = match &mut self.changes {
                Some(changes) => changes.changed().await.is_ok(),
                None => false,
            };
            if !told {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            () = moved => {}
            _ = self.stopping.wait_for(|stopping| *stopping) => {}
            () = tokio::time::sleep_until(self.until) => {}
        }
    }
}
