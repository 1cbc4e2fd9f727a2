//! Secrets, and what researchers write, in places where they have no business: logs, error answers, other commands'
//! words.

use http::key;
use jiff::SignedDuration;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tests::builders::RESEARCHER;
use tests::machine::{Machine, runtime};
use tests::process::{Server, lockgate, wait_until};
use tests::scene::{IRIS, RITA, Scene, Setting};
use workflow::domain::text::Title;
use workflow::ports::request_store::{Pattern, Query};
use workflow::ports::sealer::TokenContext;
use workflow::ports::sessions::KeyScope;

/// What is in every text that a person writes.
const CANARY: &str = "kanarienvogel";
/// What is in every secret that a person chooses.
const PASSWORD: &str = "kanarienvogel-battery-staple";

/// Somebody with a browser, and whatever they were refused.
struct Browser<'a> {
    client: &'a Client,
    url: &'a str,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn signed_in(client: &'a Client, url: &'a str, who: &str) -> Self {
        let typed = json!({ "email": who, "password": PASSWORD });
        let entered = client.post(format!("{url}/session")).json(&typed).send().await.unwrap();
        let cookie = entered.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { client, url, cookie }
    }

    /// The part of the cookie that is worth something.
    fn secret(&self) -> String {
        self.cookie.split('=').next_back().unwrap().to_owned()
    }

    async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let call = self.client.request(method, format!("{}{path}", self.url)).header("cookie", &self.cookie);
        call.header("content-type", "application/json").body(body).send().await.unwrap()
    }

    async fn ask(&self, document: &str, variables: Value) -> Value {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let answer: Value = self.send(Method::POST, "/graphql", body).await.json().await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    }

    /// Uploads two files and submits them; answers the request.
    async fn submit(&self) -> String {
        let create = "mutation($input: CreateUploadInput!) { createUpload(input: $input) {
            ... on UploadCreated { id tickets { url } } ... on Refused { sentence } } }";
        let files =
            json!([{ "path": format!("{CANARY}/a.csv"), "size": 15 }, { "path": format!("{CANARY}.csv"), "size": 15 }]);
        let input = json!({ "input": { "project": "TREProject1Prod", "files": files } });
        let created = self.ask(create, input).await["createUpload"].clone();
        for ticket in created["tickets"].as_array().unwrap_or_else(|| panic!("{created:#}")) {
            let put = self.send(Method::PUT, ticket["url"].as_str().unwrap(), format!("{CANARY}\n\n")).await;
            assert!(put.status().is_success(), "{put:?}");
        }
        let submit = "mutation($input: SubmitInput!) { submit(input: $input) {
            ... on Submitted { request { id } } ... on Refused { sentence } } }";
        let about = json!({ "upload": created["id"], "workspace": "w", "title": CANARY, "purpose": CANARY });
        let submitted = self.ask(submit, json!({ "input": about })).await["submit"].clone();
        submitted["request"]["id"].as_str().unwrap_or_else(|| panic!("{submitted:#}")).to_owned()
    }
}

/// Gives everybody a password, and somebody a key.
fn furnish(machine: &Machine) -> Vec<String> {
    std::fs::write(machine.beside("password"), format!("{PASSWORD}\n")).unwrap();
    for who in [RESEARCHER, IRIS, RITA] {
        let file = machine.beside("password");
        machine.say(&["person", "password", who, "--from", file.to_str().unwrap()]).done();
    }
    runtime().block_on(async {
        let scene = Scene::open(machine.dir(), Setting::real()).await;
        let who = scene.caller(IRIS).await.who;
        let identity = who.identities.first().unwrap().clone();
        let expires_at = scene.ports().clock.now() + SignedDuration::from_hours(1);
        let about = (Title::parse("a machine").unwrap(), [KeyScope::Act].into());
        let (_, text) = key::add(scene.ports(), identity, about, expires_at).await.unwrap();
        scene.house.close().await;
        vec![text.split('.').next_back().unwrap().to_owned(), text]
    })
}

/// A whole story over HTTP and at the command line, with a secret wherever there is a place for one. Answers the secrets
/// that were made on the way, and whatever was said to people who were refused.
async fn tell_a_story(machine: &Machine, server: &Server, key: &str) -> (Vec<String>, String) {
    let client = tests::client::client();
    let (url, mut refused) = (server.url.as_str(), String::new());
    let ada = Browser::signed_in(&client, url, RESEARCHER).await;
    let iris = Browser::signed_in(&client, url, IRIS).await;
    let (waiting, id) = (ada.submit().await, ada.submit().await);
    wait_until("people are asked", || {
        machine.status_of(&id) == "in_review" && machine.status_of(&waiting) == "in_review"
    });
    for who in [IRIS, RITA] {
        let reason = format!("{CANARY}: looked at all");
        let decided = machine.say(&["request", "decide", &id, "--approve", "--as", who, "--reason", &reason, "--wait"]);
        refused += &decided.done().err;
    }
    let comment = "mutation($input: CommentInput!) { comment(input: $input) { __typename } }";
    iris.ask(comment, json!({ "input": { "request": waiting, "text": CANARY } })).await;
    let grant = "mutation($request: ID!) { grantDownload(request: $request) { ... on DownloadGranted { url } } }";
    let ticket = ada.ask(grant, json!({ "request": id })).await["grantDownload"]["url"].as_str().unwrap().to_owned();
    assert!(ada.send(Method::GET, &ticket, "").await.status().is_success());
    let secret = ticket.rsplit('/').next().unwrap().to_owned();
    for path in ["/", "/metrics", "/readyz", &format!("/requests/{waiting}"), &format!("/requests/{id}/files/0")] {
        ada.send(Method::GET, path, "").await;
        client.get(format!("{url}{path}")).bearer_auth(key).send().await.unwrap();
    }
    // What is wrong in every way in which it can be: whoever does it learns nothing, and neither does the log.
    let forged = format!("{}0", &secret[..secret.len() - 1]);
    let wrong = json!({ "email": IRIS, "password": format!("{PASSWORD}!") }).to_string();
    let tries = [
        iris.send(Method::GET, &ticket, "").await,
        ada.send(Method::GET, &ticket.replace(&secret, &forged), "").await,
        ada.send(Method::GET, &ticket.replace(&id, &waiting), "").await,
        ada.send(Method::POST, "/session", wrong).await,
        ada.send(Method::POST, "/session", format!("{{\"password\": \"{PASSWORD}\"")).await,
        ada.send(Method::POST, "/graphql", format!("{{ viewer {{ {PASSWORD} }} ")).await,
        ada.send(Method::PUT, &format!("/uploads/{id}/0?{PASSWORD}"), CANARY).await,
        client.get(format!("{url}/graphql")).bearer_auth(format!("{key}0")).send().await.unwrap(),
    ];
    for answer in tries {
        assert!(!answer.status().is_success(), "{} was answered", answer.url());
        refused += &answer.text().await.unwrap();
    }
    let secrets = vec![ada.secret(), iris.secret(), secret, forged];
    (secrets, refused)
}

/// The tokens that wait for people: as they are sealed, and as the engine knows them.
async fn tokens(machine: &Machine) -> Vec<String> {
    let scene = Scene::open(machine.dir(), Setting::real()).await;
    let query = Query { pattern: Pattern::Open, after: None, first: 10 };
    let mut tokens = Vec::new();
    for request in scene.ports().requests.list(&query).await.unwrap().requests {
        let waiting = request.waiting.as_ref().unwrap();
        let context = TokenContext { request: request.id, run: waiting.run };
        tokens.push(scene.ports().sealer.open(&waiting.token, context).await.unwrap());
        tokens.push(waiting.token.clone());
    }
    scene.house.close().await;
    assert!(!tokens.is_empty(), "nothing waited");
    tokens
}

#[test]
fn no_secret_and_nothing_that_people_wrote_is_in_any_log_or_error_answer() {
    let machine = Machine::new(1);
    machine.submit(0).done();
    let mut secrets = furnish(&machine);
    let mut command = lockgate(machine.dir());
    command.env("LOCKGATE_LOG", "trace");
    let server = Server::started(command, machine.dir()).unwrap();
    let (made, refused) = runtime().block_on(tell_a_story(&machine, &server, &secrets[1]));
    secrets.extend(made);
    for secret in secrets.iter().chain([&PASSWORD.to_owned()]) {
        assert!(!refused.contains(secret), "{secret} was told to somebody who was refused: {refused}");
    }
    assert_eq!(server.stop(), 0);
    let loud = lockgate(machine.dir()).env("LOCKGATE_LOG", "trace").args(["request", "list"]).output().unwrap();
    let logs = server.log() + &String::from_utf8(loud.stderr).unwrap();
    assert!(
        logs.contains("infra_embedded::house::changes") && logs.contains("/downloads/{request}/{secret}"),
        "the log was not loud"
    );
    secrets.extend(runtime().block_on(tokens(&machine)));
    secrets.push(CANARY.to_owned());
    machine.comes_right_having_logged(logs, secrets);
}
