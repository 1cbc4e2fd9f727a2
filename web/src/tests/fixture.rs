//! Answers of the API, and a browser that shows them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::Visit;
use crate::session::{NotIn, Session, SetCookie, SignedIn};
use crate::transport::{Look, NotShown, Operation, Transport};

/// What must never reach a browser as markup.
pub(super) const CANARY: &str = "<img src=x onerror=alert(1)>\u{202E}\"'&";
pub(super) const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const ID: &str = "0198f3c2-7d11-7c3a-9b1e-5d2f7a6c4e10";

/// Answers documents with what is written down here, and remembers what was asked.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) asked: Mutex<Vec<Operation>>,
    pub(super) instead: Option<(&'static str, Value)>,
    pub(super) file: Option<(&'static str, Vec<u8>)>,
    pub(super) text: &'static str,
}

struct Somebody(Option<SignedIn>);

#[async_trait]
impl Session for Somebody {
    fn person(&self) -> Option<&SignedIn> {
        self.0.as_ref()
    }

    async fn sign_in(&self, _: &str, password: &str) -> Result<SetCookie, NotIn> {
        if password == "right" {
            return Ok(SetCookie("lockgate=token".to_owned()));
        }
        let sentence = "The address or the password is not right. You are not signed in. Try again.".to_owned();
        Err(NotIn { sentence, status: 401, retry_after: None })
    }

    async fn sign_out(&self) -> SetCookie {
        SetCookie("lockgate=".to_owned())
    }

    async fn sign_out_everywhere(&self) -> SetCookie {
        SetCookie("lockgate=".to_owned())
    }
}

#[async_trait]
impl Transport for Answers {
    async fn execute(&self, operation: Operation) -> Value {
        let name = operation.name;
        self.asked.lock().unwrap().push(operation);
        match &self.instead {
            Some((other, answer)) if *other == name => answer.clone(),
            _ => json!({ "data": answer(name, if self.text.is_empty() { "Regional counts" } else { self.text }) }),
        }
    }

    async fn look(&self, _: &str, _: u32, at_most: usize) -> Result<Look, NotShown> {
        let (path, bytes) = self.file.clone().ok_or(NotShown { sentence: "It is gone.".to_owned() })?;
        let size = u64::try_from(bytes.len()).unwrap();
        let head = bytes.into_iter().take(at_most).collect();
        Ok(Look { path: path.to_owned(), size, digest: DIGEST.to_owned(), head })
    }
}

/// Sends a call as somebody who is signed in.
pub(super) async fn send(answers: &Arc<Answers>, method: &str, address: &str, form: &str) -> Response<Body> {
    let person = SignedIn { name: "Ann Reviewer".to_owned(), email: "ann@example.org".to_owned() };
    send_as(answers, Some(person), (method, address, form)).await
}

pub(super) async fn send_as(
    answers: &Arc<Answers>,
    person: Option<SignedIn>,
    (method, address, form): (&str, &str, &str),
) -> Response<Body> {
    let visit = Visit { session: Arc::new(Somebody(person)), transport: Arc::<Answers>::clone(answers) };
    let kind = if form.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    let request = Request::builder().method(method).uri(address).header(header::CONTENT_TYPE, kind).extension(visit);
    crate::pages().oneshot(request.body(Body::from(form.to_owned())).unwrap()).await.unwrap()
}

pub(super) async fn text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 22).await.unwrap().to_vec()).unwrap()
}

fn may(may: bool) -> Value {
    if may {
        json!({ "may": true, "refused": null })
    } else {
        json!({ "may": false, "refused": { "code": "NOT_THE_REQUESTER", "sentence": "Only its requester may." } })
    }
}

fn viewer() -> Value {
    json!({ "name": "Ann Reviewer", "email": "ann@example.org", "can": { "submit": true, "operate": { "may": true } },
        "waiting": { "decisions": { "number": 2, "complete": true } },
        "sees": { "audit": { "may": true } }, "more": { "open": count(1), "returned": count(1), "failed": count(1), "quarantined": count(1), "undeliverable": count(0), "audit": { "may": true } },
        "verified": true, "groups": [{ "group": "researchers", "projects": ["cancer-atlas"] }] })
}

fn count(number: u32) -> Value {
    json!({ "number": number, "complete": true })
}

fn stage() -> Value {
    json!({ "id": "information_governance", "title": "Information Governance", "group": "InformationGovernance", "quorum": 1,
        "blind": false, "reasonAtLeast": 10, "remindEvery": "2 working days", "deadline": "10 working days",
        "escalateTo": "group:operators", "silence": "EXPIRE" })
}

fn row(text: &str, word: &str) -> Value {
    json!({ "id": ID, "title": text, "project": "cancer-atlas", "requesters": [{ "name": text }],
        "status": { "word": word, "stage": { "title": "Information Governance" } },
        "receivedAt": "2026-11-20T09:05:00Z", "dueAt": null,
        "round": { "number": 2, "declared": { "files": 12, "bytes": 5_123_000 }, "stage": { "deadlineAt": "2026-12-04T17:00:00Z" } } })
}

fn rows(text: &str) -> Value {
    json!({ "__typename": "RequestConnection", "examined": 1000, "complete": false,
        "nodes": [row(text, "IN_REVIEW"), row("Model weights for the validation site", "RELEASED"), row("Survey extract", "RETURNED"), row("Costs", "FAILED")],
        "pageInfo": { "hasNextPage": true, "endCursor": "abc=" } })
}

fn files(text: &str) -> Value {
    let file = |index: u32, path: &str, size: u64| json!({ "index": index, "path": path, "size": size, "content": "TEXT", "digest": DIGEST, "submittedAs": null });
    json!({ "total": 240, "pageInfo": { "hasNextPage": true, "endCursor": "abc=" }, "nodes": [
        file(0, "README.md", 912), file(1, "figures/2026/survival.png", 184_221), file(2, "figures/2026/uptake.svg", 18_000),
        file(3, "tables/counts by region.csv", 40_211), file(4, "tables/rep\u{43E}rt.csv", 4_811_000), file(5, &format!("tables/{text}"), 77) ] })
}

fn request(text: &str) -> Value {
    let person = json!({ "name": text, "email": "rita@example.org" });
    let step = |kind: &str, place: &str, title: &str| json!({ "kind": kind, "place": place, "title": title });
    json!({
        "id": ID, "title": text, "purpose": format!("Counts by region for the spring paper.\nNo cell below ten. {text}"),
        "project": "cancer-atlas", "workspace": "ws-17", "store": "store-4", "receivedAt": "2026-11-20T09:05:00Z",
        "updatedAt": "2026-11-21T16:40:00Z", "dueAt": null, "answerBy": "2026-12-20T17:00:00Z", "version": 7, "mine": false,
        "requesters": [person],
        "status": { "word": "IN_REVIEW", "sentence": "It waits for Information Governance to decide.", "over": false, "stage": stage() },
        "policy": { "label": "two-stage v1", "smallCountsBelow": 10, "keepRejectedFor": "14 days", "stages": [stage()] },
        "steps": [step("INTAKE", "DONE", "Received"), step("STAGING", "DONE", "Files frozen"),
            step("REVIEW", "CURRENT", "Information Governance"), step("REVIEW", "AHEAD", "Research IT"),
            step("RELEASE", "AHEAD", "Release"), step("OUTCOME", "AHEAD", "Released")],
        "can": { "decide": may(true), "comment": may(true), "withdraw": may(true), "resubmit": may(true), "download": may(true),
            "retry": may(true), "abort": may(true), "revoke": may(true) },
        "withdrawal": { "askedAt": "2026-11-21T10:00:00Z", "reason": text, "by": person },
        "failure": { "state": "Release", "error": "Lockgate.Corrupt", "sentence": format!("A staged file no longer has its digest. {text}") },
        "release": { "digest": DIGEST, "size": 4_000_000, "releasedAt": "2026-11-21T10:00:00Z" },
        "downloads": { "left": 1, "limit": 1, "openUntil": null },
        "round": { "number": 2, "kept": true, "openedAt": "2026-11-20T09:05:00Z", "manifestDigest": DIGEST,
            "declared": { "files": 240, "bytes": 9_100_000 }, "frozen": { "files": 240, "bytes": 9_100_000 },
            "reviewed": { "files": 240, "bytes": 9_100_000 },
            "stage": { "enteredAt": "2026-11-20T09:06:00Z", "deadlineAt": "2026-12-04T17:00:00Z", "remindAt": null, "stage": stage() },
            "decisions": [], "files": files(text) },
        "rounds": [
            { "number": 1, "openedAt": "2026-11-12T09:05:00Z", "endedBecause": null, "disposal": { "dueAt": "2026-12-01T00:00:00Z", "deleted": false },
              "decisions": [{ "by": person, "stage": "information_governance", "stageTitle": "Information Governance", "opinion": "RETURN", "reason": format!("Cells below ten in three tables. {text}"),
                "decidedAt": "2026-11-13T12:00:00Z", "mine": true }] },
            { "number": 2, "openedAt": "2026-11-20T09:05:00Z", "endedBecause": null, "disposal": null, "decisions": [] }],
        "comments": { "nodes": [{ "sequence": 4, "at": "2026-11-20T11:00:00Z", "text": text, "mine": false, "by": person }], "pageInfo": { "hasNextPage": true, "endCursor": "Mg==" } },
        "timeline": { "nodes": [
            { "sequence": 1, "at": "2026-11-12T09:05:00Z", "by": "intake", "sentence": "The request was received." },
            { "sequence": 2, "at": "2026-11-12T09:06:00Z", "by": "workflow", "sentence": format!("Its files were frozen. {text}") }], "pageInfo": { "hasNextPage": true, "endCursor": "Mg==" } }
    })
}

fn done(kind: &str) -> Value {
    json!({ "__typename": kind, "request": { "id": ID } })
}

fn policy(text: &str) -> Value {
    json!({ "name": "two-stage", "version": 1, "label": "two-stage v1", "digest": DIGEST, "document": format!("name = \"two-stage\"\n# {text}\n"),
        "timezone": "Europe/London", "holidays": ["2026-12-25"], "keepRejectedFor": "14 days", "returnedFor": "30 days",
        "openRequestsPerStore": "QUEUE", "smallCountsBelow": 10, "onePersonMayDecideAtSeveralStages": false, "projects": ["cancer-atlas"],
        "download": { "limit": 1, "expiresAfter": "1 hour", "by": ["requester", "group:InformationGovernance"] },
        "limits": { "files": 100_000, "bytes": 5_368_709_120_u64, "bytesPerFile": 5_368_709_120_u64 }, "stages": [stage(), stage()] })
}

fn stuck(text: &str) -> Value {
    json!({ "__typename": "Stuck", "heldDeadlines": { "since": "2026-11-20T10:00:00Z", "because": text },
        "failed": { "__typename": "RequestConnection", "pageInfo": { "hasNextPage": false }, "nodes": [{ "id": ID, "title": text, "project": "cancer-atlas",
            "updatedAt": "2026-11-21T10:00:00Z", "failure": { "state": "Release", "error": "Lockgate.Corrupt", "sentence": "A staged file no longer has its digest." } }] },
        "quarantined": [{ "id": "q-1", "at": "2026-11-21T10:00:00Z", "size": 2048, "reason": format!("No folder is known for the bucket {text}") }],
        "undeliverable": [{ "id": "m-1", "request": ID, "errand": "review", "attempts": 12, "createdAt": "2026-11-21T10:00:00Z", "deliveredTo": [], "trouble": text }] })
}

fn queued(text: &str) -> Value {
    json!({ "__typename": "RequestConnection", "pageInfo": { "hasNextPage": false }, "nodes": [{ "id": ID, "title": text,
        "project": "cancer-atlas", "store": "store-4", "receivedAt": "2026-11-21T10:00:00Z" }] })
}

/// The answer to a document.
fn answer(name: &str, text: &str) -> Value {
    let request = || json!({ "viewer": viewer(), "request": request(text) });
    match name {
        "Home" => json!({ "viewer": viewer(), "waiting": rows(text), "mine": rows(text) }),
        "Requests" => json!({ "viewer": viewer(), "requests": rows(text) }),
        "Request" | "Files" | "Look" | "Deliberation" | "Resubmission" | "Comments" | "Timeline" => request(),
        "Submission" | "Account" => json!({ "viewer": viewer() }),
        "Stuck" => json!({ "viewer": viewer(), "stuck": stuck(text), "queued": queued(text) }),
        "Policies" => json!({ "viewer": viewer(), "policies": [policy(text)] }),
        "Audit" => {
            json!({ "viewer": viewer(), "audit": { "__typename": "AuditConnection", "pageInfo": { "hasNextPage": false, "endCursor": null },
            "nodes": [{ "sequence": 1, "at": "2026-11-21T10:00:00Z", "by": text, "fact": "received", "sentence": text, "hash": DIGEST }] } })
        }
        "Decide" => json!({ "decide": done("Decided") }),
        "Comment" => json!({ "comment": done("Commented") }),
        "Withdraw" => json!({ "withdraw": done("Withdrawn") }),
        "Resubmit" => json!({ "resubmit": done("Resubmitted") }),
        "Submit" => json!({ "submit": done("Submitted") }),
        "Retry" => json!({ "retry": done("Retried") }),
        "Abort" => json!({ "abort": done("Aborted") }),
        "Revoke" => json!({ "revoke": done("Revoked") }),
        "GrantDownload" => json!({ "grantDownload": { "__typename": "DownloadGranted", "url": "/downloads/r/s" } }),
        "ReplayQuarantined" => {
            json!({ "replayQuarantined": { "__typename": "Replayed", "outcome": "BEGUN", "reason": null, "request": ID } })
        }
        "RetryMessage" => json!({ "retryMessage": { "__typename": "MessageRetried", "id": "m-1" } }),
        "CreateUpload" => json!({ "createUpload": { "__typename": "UploadCreated", "id": "u-1", "tickets": [
            { "index": 0, "path": "a_b.csv", "size": 3, "submittedAs": "a:b.csv", "url": "/uploads/u-1/0" }] } }),
        other => panic!("no answer is written down for {other}"),
    }
}
