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
        let not_shown = |problem: Problem| NotShown { sentence: problem.into_words().1 };
        let Some(visitor) = &self.visitor else { return Err(not_shown(Problem::SignIn)) };
        let place = (request, usize::try_from(index).unwrap_or(usize::MAX));
        let at_most = u64::try_from(at_most).unwrap_or(u64::MAX).min(self.face.settings.preview_bytes);
        let looked = preview::look_at(&self.face, &visitor.caller, place, at_most).await;
        let (file, head) = looked.map_err(not_shown)?;
        Ok(Look {
            path: file.declared.path.to_string(),
            size: file.declared.size,
            digest: file.digest.to_string(),
            head: head.to_vec(),
        })
    }
}
