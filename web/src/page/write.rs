//! What the forms of a request's page do.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Extension, Form, Router};
use serde::Deserialize;

use super::{Shown, filled, html};
use crate::Visit;
use crate::ask::{ask, ask_once};
use crate::document::{
    Abort, Comment, GrantDownload, Retry, Revoke, Withdraw, abort, comment, grant_download, retry, revoke, withdraw,
};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/requests/{id}/comment", post(say))
        .route("/requests/{id}/withdraw", post(take_back))
        .route("/requests/{id}/download", post(download))
        .route("/requests/{id}/retry", post(let_go_on))
        .route("/requests/{id}/abort", post(end))
        .route("/requests/{id}/revoke", post(call_back))
}

/// What a form sends: something that was typed, and the name of the call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    text: String,
    call: String,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    title: &'static str,
    sentence: String,
    typed: Option<String>,
    back: String,
}

/// Says why something was not done, and gives back what was typed.
pub(super) fn refused(sentence: String, typed: &str, back: String) -> Response {
    let page = RefusedPage { title: "That was not done", sentence, typed: filled(typed), back };
    (StatusCode::CONFLICT, html(&page)).into_response()
}

fn page_of(id: &str) -> String {
    format!("/requests/{}", crate::show::encode(id))
}

/// Leads back to the request, which says what was done.
pub(super) fn done(id: &str, did: &str) -> Response {
    Redirect::to(&format!("{}?did={did}", page_of(id))).into_response()
}

async fn say(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(typed): Form<Typed>) -> Shown {
    let input = comment::CommentInput { request: id.clone(), text: typed.text.clone() };
    Ok(match ask_once::<Comment>(&visit, comment::Variables { input }, filled(&typed.call)).await?.comment {
        comment::CommentComment::Commented(said) => done(&said.request.id, "commented"),
        comment::CommentComment::Refused(no) => refused(no.sentence, &typed.text, page_of(&id)),
    })
}

async fn take_back(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(typed): Form<Typed>) -> Shown {
    let input = withdraw::WithdrawInput { request: id.clone(), reason: filled(&typed.text) };
    Ok(match ask::<Withdraw>(&visit, withdraw::Variables { input }).await?.withdraw {
        withdraw::WithdrawWithdraw::Withdrawn(now) => done(&now.request.id, "withdrawn"),
        withdraw::WithdrawWithdraw::Refused(no) => refused(no.sentence, &typed.text, page_of(&id)),
    })
}

async fn download(Extension(visit): Extension<Visit>, Path(id): Path<String>) -> Shown {
    let variables = grant_download::Variables { request: id.clone() };
    Ok(match ask::<GrantDownload>(&visit, variables).await?.grant_download {
        grant_download::GrantDownloadGrantDownload::DownloadGranted(link) => Redirect::to(&link.url).into_response(),
        grant_download::GrantDownloadGrantDownload::Refused(no) => refused(no.sentence, "", page_of(&id)),
    })
}

async fn let_go_on(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(typed): Form<Typed>) -> Shown {
    let input = retry::RetryInput { request: id.clone(), reason: filled(&typed.text) };
    Ok(match ask::<Retry>(&visit, retry::Variables { input }).await?.retry {
        retry::RetryRetry::Retried(now) => done(&now.request.id, "retried"),
        retry::RetryRetry::Refused(no) => refused(no.sentence, &typed.text, page_of(&id)),
    })
}

async fn end(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(typed): Form<Typed>) -> Shown {
    let input = abort::AbortInput { request: id.clone(), reason: typed.text.clone() };
    Ok(match ask::<Abort>(&visit, abort::Variables { input }).await?.abort {
        abort::AbortAbort::Aborted(now) => done(&now.request.id, "aborted"),
        abort::AbortAbort::Refused(no) => refused(no.sentence, &typed.text, page_of(&id)),
    })
}

async fn call_back(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(typed): Form<Typed>) -> Shown {
    let input = revoke::RevokeInput { request: id.clone(), reason: typed.text.clone() };
    Ok(match ask::<Revoke>(&visit, revoke::Variables { input }).await?.revoke {
        revoke::RevokeRevoke::Revoked(now) => done(&now.request.id, "revoked"),
        revoke::RevokeRevoke::Refused(no) => refused(no.sentence, &typed.text, page_of(&id)),
    })
}
