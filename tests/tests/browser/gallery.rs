//! Every page there is, as rows of one table: who asks for what, and what comes.

use std::collections::BTreeSet;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use tests::builders::{NOTICE, RESEARCHER, request_id};
use tests::scene::{IRIS, OLGA, RITA, Scene, ballot, sample};
use workflow::actions;
use workflow::domain::decision::Opinion;
use workflow::domain::notice::Notice;
use workflow::domain::request::Request;

use crate::house::{House, PASSWORD, RUTH};
use crate::tool;

/// A form as it is sent.
pub(crate) type Form = Vec<(&'static str, String)>;

/// One page.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    /// Who looks; nobody is signed in without.
    pub(crate) person: Option<&'static str>,
    /// The route, as the pages write it.
    pub(crate) route: &'static str,
    pub(crate) path: String,
    /// What is sent, if it is the answer to a form.
    pub(crate) form: Option<Form>,
    pub(crate) status: u16,
}

/// Requests in the states that look different.
pub(crate) struct Cast {
    pub(crate) waiting: Request,
    pub(crate) returned: Request,
    pub(crate) released: Request,
    pub(crate) rejected: Request,
    pub(crate) failed: Request,
}

fn notice(number: u64) -> String {
    let mut wire: serde_json::Value = serde_json::from_str(NOTICE).unwrap();
    wire["id"] = request_id(number).to_string().into();
    wire["egress_store_id"] = format!("store-{number}").into();
    wire["workspace_id"] = format!("store-{number}").into();
    wire["s3_bucketpath"] = format!("store-{number}/").into();
    wire["egress_store_object_list_location"] = format!("arn:aws:s3:::notifications/store-{number}/ver1.json").into();
    wire.to_string()
}

/// Lets a request come in and be decided.
async fn play(scene: &Scene, number: u64, opinions: &[(&str, Opinion)]) -> Request {
    let body = notice(number);
    tests::scene::load(&scene.house, &Notice::parse(body.as_bytes()).unwrap(), &sample()).await;
    actions::receive::run(scene.ports(), body.as_bytes()).await.unwrap();
    scene.settle().await;
    for (address, opinion) in opinions {
        let request = now(scene, number).await;
        let caller = scene.caller(address).await;
        actions::decide::run(scene.ports(), &caller, request.id, ballot(&request, *opinion)).await.unwrap();
        scene.settle().await;
    }
    now(scene, number).await
}

async fn now(scene: &Scene, number: u64) -> Request {
    scene.ports().requests.find(request_id(number)).await.unwrap().unwrap()
}

/// A request whose list of files never came: its staging fails until an operator puts that right.
async fn fail(scene: &Scene, number: u64) -> Request {
    let body = notice(number);
    infra_embedded::EgressStore::new(scene.house.database().clone())
        .enter(&Notice::parse(body.as_bytes()).unwrap().store)
        .await
        .unwrap();
    actions::receive::run(scene.ports(), body.as_bytes()).await.unwrap();
    for _ in 0..20 {
        scene.pass(jiff::SignedDuration::from_mins(2)).await;
        let request = now(scene, number).await;
        if request.status.word().as_str() == "failed" {
            return request;
        }
    }
    panic!("it did not fail: {:?}", now(scene, number).await.status);
}

impl Cast {
    /// Plays all of them.
    pub(crate) async fn play(scene: &Scene) -> Self {
        let cast = Self {
            waiting: play(scene, 1, &[]).await,
            returned: play(scene, 2, &[(IRIS, Opinion::Return)]).await,
            released: play(scene, 3, &[(IRIS, Opinion::Approve), (RITA, Opinion::Approve)]).await,
            rejected: play(scene, 4, &[(IRIS, Opinion::Reject)]).await,
            failed: fail(scene, 5).await,
        };
        let words = [&cast.waiting, &cast.returned, &cast.released, &cast.rejected].map(|r| r.status.word().as_str());
        assert_eq!(words, ["in_review", "returned", "released", "rejected"]);
        drop(actions::receive::run(scene.ports(), b"{\"no\": \"notice\"}").await);
        cast
    }

    /// What a reviewer sends about the request that waits.
    fn ballot(&self, reason: &str, round: u32) -> Form {
        let ballot = ballot(&self.waiting, Opinion::Approve);
        vec![
            ("opinion", "APPROVE".to_owned()),
            ("reason", reason.to_owned()),
            ("round", round.to_string()),
            ("stage", ballot.stage.to_string()),
            ("digest", ballot.manifest.to_string()),
        ]
    }

    /// Every page.
    pub(crate) fn pages(&self) -> Vec<Page> {
        let page = |name, person, route: &'static str, request: Option<&Request>, tail: &str| {
            let id = request.map(|request| request.id.to_string()).unwrap_or_default();
            let path = format!("{}{tail}", route.replace("{id}", &id));
            Page { name, person, route, path, form: None, status: 200 }
        };
        let sent = |page: Page, status, form| Page { status, form: Some(form), ..page };
        let at = |page: Page, status| Page { status, ..page };
        let look = |name, index: u32| Page {
            path: format!("/requests/{}/look/{index}", self.waiting.id),
            ..page(name, Some(IRIS), "/requests/{id}/look/{index}", Some(&self.waiting), "")
        };
        let waiting = Some(&self.waiting);
        let request = "/requests/{id}";
        let wrong = vec![("email", "nobody@example.ac.uk".to_owned()), ("password", "not the password".to_owned())];
        let empty = || vec![("text", String::new())];
        vec![
            page("sign-in", None, "/sign-in", None, "?next=/policies"),
            page("signed-out", None, "/sign-in", None, "?gone=yes"),
            sent(page("sign-in-refused", None, "/sign-in", None, ""), 401, wrong),
            page("home-reviewer", Some(IRIS), "/", None, ""),
            page("home-researcher", Some(RESEARCHER), "/", None, ""),
            page("home-operator", Some(OLGA), "/", None, ""),
            page("list-open", Some(IRIS), "/requests", None, "?list=OPEN"),
            page("list-filtered", Some(OLGA), "/requests", None, "?list=ALL&q=a&status=RELEASED&overdue=yes"),
            page("request-waiting", Some(IRIS), request, waiting, ""),
            page("request-commented", Some(IRIS), request, waiting, "?did=commented"),
            page("request-returned", Some(RESEARCHER), request, Some(&self.returned), ""),
            page("request-released", Some(RESEARCHER), request, Some(&self.released), ""),
            page("request-to-revoke", Some(OLGA), request, Some(&self.released), ""),
            page("request-rejected", Some(RESEARCHER), request, Some(&self.rejected), ""),
            page("request-failed", Some(OLGA), request, Some(&self.failed), ""),
            page("files", Some(IRIS), "/requests/{id}/files", waiting, ""),
            look("look-table", 0),
            look("look-text", 1),
            look("look-json", 13),
            look("look-image", 14),
            at(look("look-missing", 4_000), 200),
            page("decide", Some(IRIS), "/requests/{id}/decide", waiting, ""),
            page("decide-not-mine", Some(RITA), "/requests/{id}/decide", waiting, ""),
            sent(
                page("decide-no-reason", Some(IRIS), "/requests/{id}/decide/check", waiting, ""),
                422,
                self.ballot("", 1),
            ),
            sent(
                page("decide-last-page", Some(IRIS), "/requests/{id}/decide/check", waiting, ""),
                200,
                self.ballot("looked at all", 1),
            ),
            sent(
                page("decide-stale", Some(IRIS), "/requests/{id}/decide/check", waiting, ""),
                409,
                self.ballot("looked at all", 7),
            ),
            sent(
                page("decide-refused", Some(RITA), "/requests/{id}/decide", waiting, ""),
                422,
                self.ballot("looked at all", 1),
            ),
            sent(page("comment-refused", Some(IRIS), "/requests/{id}/comment", waiting, ""), 409, empty()),
            sent(page("download-refused", Some(RESEARCHER), "/requests/{id}/download", waiting, ""), 409, empty()),
            sent(page("session-ended", None, "/requests/{id}/comment", waiting, ""), 401, empty()),
            page("submit", Some(RUTH), "/submit", None, ""),
            page("submit-not-mine", Some(IRIS), "/submit", None, ""),
            sent(page("submit-nothing", Some(RUTH), "/submit", None, ""), 409, empty()),
            page("resubmit", Some(RESEARCHER), "/requests/{id}/resubmit", Some(&self.returned), ""),
            page("resubmit-not-now", Some(RESEARCHER), "/requests/{id}/resubmit", waiting, ""),
            page("operate", Some(OLGA), "/operate", None, ""),
            page("operate-not-mine", Some(IRIS), "/operate", None, ""),
            page("account", Some(IRIS), "/account", None, ""),
            page("comments", Some(IRIS), "/requests/{id}/comments", waiting, ""),
            page("timeline", Some(IRIS), "/requests/{id}/timeline", waiting, ""),
            page("policies", Some(IRIS), "/policies", None, ""),
            page("audit", Some(OLGA), "/requests/{id}/audit", waiting, ""),
            at(page("not-there", Some(IRIS), "/nowhere", None, ""), 404),
            at(page("not-mine", Some(RUTH), request, waiting, ""), 404),
        ]
    }
}

/// The routes that show something, as the pages write them.
pub(crate) fn routes() -> BTreeSet<String> {
    let folder = tool::root().join("web/src/page");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let mut found = BTreeSet::new();
    for text in files {
        for part in text.split(".route(").skip(1) {
            let (path, rest) = part.trim_start().trim_start_matches('"').split_once('"').unwrap();
            let handlers = rest.split(';').next().unwrap().split('\n').next().unwrap();
            if handlers.contains("get(") {
                found.insert(path.to_owned());
            }
        }
    }
    found
}

/// Signs somebody in and answers their cookie.
pub(crate) async fn cookie_of(client: &Client, house: &House, person: &str) -> String {
    let typed = json!({ "email": person, "password": PASSWORD });
    let answer = client.post(format!("{}/session", house.url())).json(&typed).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

impl Page {
    /// Asks for the page as a client without a browser does.
    pub(crate) fn call(&self, client: &Client, house: &House, cookie: &str) -> RequestBuilder {
        let url = format!("{}{}", house.url(), self.path);
        let call = match &self.form {
            None => client.request(Method::GET, url),
            Some(form) => client.request(Method::POST, url).form(form),
        };
        call.header("cookie", cookie)
    }
}
