//! What pages get: who looks, and the API as they may use it.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use web::Visit;
use web::session::{NotIn, SetCookie, SignedIn};
use web::transport::{Look, NotShown, Operation};
use workflow::actions::look;
use workflow::domain::id::RequestId;
use workflow::domain::permission::Refusal;

use crate::api::{self, Document};
use crate::authentication::{Visitor, recognise};
use crate::call::Call;
use crate::face::Face;
use crate::problem::Problem;
use crate::{cookie, preview, session};

/// Puts a visit into every call of a page.
pub(crate) async fn admit(State(face): State<Arc<Face>>, mut request: Request, next: Next) -> Response {
    let call = Call::of(request.extensions());
    let visitor = match recognise(&face, request.headers(), call.from).await {
        Ok(visitor) => visitor,
        Err(error) => return Problem::from(error).into_response(),
    };
    let person = visitor.as_ref().map(|visitor| SignedIn {
        name: visitor.caller.who.name.to_string(),
        email: visitor.caller.who.email.to_string(),
    });
    let session = PageSession { face: Arc::clone(&face), visitor: visitor.clone(), person, from: call.from };
    let transport = InProcess { face, visitor, call };
    request.extensions_mut().insert(Visit { session: Arc::new(session), transport: Arc::new(transport) });
    next.run(request).await
}

struct PageSession {
    face: Arc<Face>,
    visitor: Option<Visitor>,
    person: Option<SignedIn>,
    from: IpAddr,
}

#[async_trait]
impl web::Session for PageSession {
    fn person(&self) -> Option<&SignedIn> {
        self.person.as_ref()
    }

    async fn sign_in(&self, email: &str, password: &str) -> Result<SetCookie, NotIn> {
        let before = self.visitor.as_ref().and_then(|visitor| visitor.session.as_ref());
        let entered = session::sign_in(&self.face, self.from, (email, password), before).await;
        entered.map(|token| cookie::keep(&self.face.settings, &token)).map_err(|not_in| explain(not_in.into()))
    }

    async fn sign_out(&self) -> SetCookie {
        if let Some(session) = self.visitor.as_ref().and_then(|visitor| visitor.session.as_ref())
            && let Err(error) = self.face.ports.sessions.close(&session.token).await
        {
            tracing::error!(error = %error.in_full(), "a session could not be closed");
        }
        cookie::forget(&self.face.settings)
    }

    async fn sign_out_everywhere(&self) -> SetCookie {
        if let Some(visitor) = &self.visitor
            && let Err(error) = session::close_all(&self.face, visitor).await
        {
            tracing::error!(error = %error.in_full(), "the sessions of a person could not be closed");
        }
        cookie::forget(&self.face.settings)
    }
}

fn explain(problem: Problem) -> NotIn {
    match problem {
        Problem::Said(status, sentence) => NotIn { sentence, status: status.as_u16(), retry_after: None },
        Problem::Later(status, sentence, seconds) => {
            NotIn { sentence, status: status.as_u16(), retry_after: Some(seconds) }
        }
        _ => NotIn {
            sentence: "Signing in did not work just now. You are not signed in. Try again in a minute.".to_owned(),
            status: 503,
            retry_after: Some(60),
        },
    }
}

/// The API in process.
struct InProcess {
    face: Arc<Face>,
    visitor: Option<Visitor>,
    call: Call,
}

#[async_trait]
impl web::Transport for InProcess {
    async fn execute(&self, operation: Operation) -> Value {
        let document = Document {
            query: operation.document.to_owned(),
            operation_name: Some(operation.name.to_owned()),
            variables: operation.variables,
        };
        let caller = self.visitor.as_ref().map(|visitor| visitor.caller.clone());
        api::run_for_page(&self.face, (caller, &self.call), document, operation.call).await
    }

    async fn look(&self, request: &str, index: u32, at_most: usize) -> Result<Look, NotShown> {
        self.read_head(request, index, at_most).await.map_err(|problem| NotShown { sentence: tell(problem) })
    }
}

impl InProcess {
    async fn read_head(&self, request: &str, index: u32, at_most: usize) -> Result<Look, Problem> {
        let caller = &self.visitor.as_ref().ok_or(Problem::SignIn)?.caller;
        let id: RequestId = request.parse().map_err(|_| Problem::Refused(Refusal::NoSuchRequest))?;
        let index = usize::try_from(index).map_err(|_| Problem::Refused(Refusal::NoSuchItem))?;
        let Ok(_place) = Arc::clone(&self.face.room.downloads).try_acquire_owned() else { return Err(Problem::busy()) };
        let seen = look::run(&self.face.ports, caller, (id, index)).await?;
        let size = seen.file.declared.size;
        let length = u64::try_from(at_most).unwrap_or(u64::MAX).min(size);
        let head = preview::read(&self.face, &seen.object, length).await?.to_vec();
        Ok(Look { path: seen.file.declared.path.to_string(), size, digest: seen.file.digest.to_string(), head })
    }
}

/// What somebody is told who is not shown a file.
fn tell(problem: Problem) -> String {
    match problem {
        Problem::Said(_, sentence) | Problem::Later(_, sentence, _) => sentence,
        Problem::Refused(refusal) => refusal.to_string(),
        Problem::SignIn => "Your session has ended. Nothing was changed. Sign in and look again.".to_owned(),
        Problem::Failed(error) => {
            tracing::error!(error = %error.in_full(), "a file could not be read for a look");
            "The file could not be read just now. Nothing was changed. Try again in a minute.".to_owned()
        }
    }
}
