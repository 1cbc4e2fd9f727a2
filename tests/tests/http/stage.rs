//! A house with its face: a real socket, real files, a clock in the test's hand.

use std::path::PathBuf;
use std::sync::Arc;

use http::{House, Serving, Settings};
use infra_embedded::house::Options;
use jiff::SignedDuration;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tests::scene::{self, OLGA, Scene, Setting, Story};
use tests::world::SimClock;
use tokio::sync::oneshot;
use workflow::actions;
use workflow::domain::access::Access;
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::policy::Policy;
use workflow::ports::Ports;
use workflow::ports::sessions::Session;

/// Who asked for the sample's files.
pub(crate) const ADA: &str = "ada.researcher@example.ac.uk";
/// The password of everybody who has one.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A house that answers.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) directory: tempfile::TempDir,
    serving: Serving,
    stop: oneshot::Sender<()>,
}

/// Settings that listen wherever there is room.
pub(crate) fn anywhere() -> Settings {
    Settings { address: "127.0.0.1:0".parse().unwrap(), ..Settings::default() }
}

impl Stage {
    pub(crate) async fn open() -> Self {
        Self::open_with(anywhere()).await
    }

    pub(crate) async fn open_with(settings: Settings) -> Self {
        Self::open_house(settings, |house| house).await
    }

    /// Opens a house whose parts are changed before they are shown.
    pub(crate) async fn open_house(settings: Settings, change: impl FnOnce(House) -> House) -> Self {
        Box::pin(Self::open_in(Setting::quiet(2), settings, change)).await
    }

    /// Opens a house in a setting of its own.
    pub(crate) async fn open_in(setting: Setting, settings: Settings, change: impl FnOnce(House) -> House) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let dir: PathBuf = directory.path().join("house");
        scene::prepare(&dir, Policy::TWO_STAGE).await;
        // Secrets that are the same in every run would be the same for two tests' sessions: take real ones.
        let Setting { options, clock } = setting;
        let options = Options { ids: Arc::new(infra_embedded::Ids), ..options };
        let scene = Scene::open(&dir, Setting { options, clock }).await;
        let house = change(House::new(scene.ports().clone()));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = http::serve(house, settings, async { drop(stopped.await) }).await.unwrap();
        let url = format!("http://{}", serving.address);
        Self { scene, client: client(), url, directory, serving, stop }
    }

    pub(crate) fn ports(&self) -> &Ports {
        self.scene.ports()
    }

    pub(crate) fn clock(&self) -> &SimClock {
        &self.scene.clock
    }

    /// Begins a call of nobody.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.call(Method::GET, path)
    }

    /// Opens a session for somebody, and answers the cookie that their browser would hold.
    pub(crate) async fn cookie_of(&self, address: &str) -> String {
        let caller = self.scene.caller(address).await;
        let token = hex(&self.ports().ids.secret());
        let now = self.clock_now();
        let session = Session {
            token: Digest::of(token.as_bytes()),
            identity: caller.who.identities.first().unwrap().clone(),
            opened_at: now,
            seen_at: now,
            expires_at: now + SignedDuration::from_hours(12),
        };
        self.ports().sessions.open(&session).await.unwrap();
        format!("lockgate={token}")
    }

    fn clock_now(&self) -> jiff::Timestamp {
        self.ports().clock.now()
    }

    /// Gives somebody a local account.
    pub(crate) async fn give_password(&self, address: &str) {
        let email = Email::parse(address).unwrap();
        let identity = http::account::set_password(self.ports(), &email, PASSWORD).await.unwrap();
        let mut person = self.ports().people.by_email(&email).await.unwrap().unwrap();
        person.who.identities.insert(identity);
        self.ports().people.save(&person).await.unwrap();
    }

    /// Tries to come in.
    pub(crate) async fn sign_in(&self, address: &str, password: &str) -> Response {
        let typed = json!({ "email": address, "password": password });
        self.call(Method::POST, "/session").json(&typed).send().await.unwrap()
    }

    /// Who a cookie belongs to, in the API's words; none if to nobody.
    pub(crate) async fn viewer(&self, cookie: &str) -> Option<String> {
        let answer = self.query(cookie, "{ viewer { name } }").await;
        answer["data"]["viewer"]["name"].as_str().map(ToOwned::to_owned)
    }

    /// Runs a document for whoever holds the cookie.
    pub(crate) async fn query(&self, cookie: &str, document: &str) -> Value {
        let call = self.call(Method::POST, "/graphql").header("cookie", cookie);
        call.json(&json!({ "query": document })).send().await.unwrap().json().await.unwrap()
    }

    /// Plays the sample's request to its release and answers the path of a ticket for somebody.
    pub(crate) async fn release_to(&self, address: &str) -> String {
        self.scene.play(Story::RELEASE).await;
        self.grant_to(address).await
    }

    pub(crate) async fn grant_to(&self, address: &str) -> String {
        let caller = self.scene.caller(address).await;
        let granted = actions::grant_download::run(self.ports(), &caller, scene::sample_id()).await.unwrap();
        format!("/downloads/{}/{}", granted.request, granted.secret)
    }

    /// Calls the release back.
    pub(crate) async fn revoke(&self) {
        let reason = workflow::domain::text::Reason::parse("it was a mistake").unwrap();
        let olga = self.scene.caller(OLGA).await;
        actions::revoke::run(self.ports(), &olga, scene::sample_id(), reason).await.unwrap();
    }

    /// Everything that is on the access log of the day.
    pub(crate) async fn accesses(&self) -> Vec<Access> {
        let day = self.clock_now().to_zoned(jiff::tz::TimeZone::UTC).date();
        self.ports().access_log.read(day, 0, 10_000).await.unwrap()
    }

    /// Tells the face to stop, without waiting. The house goes on for as long as what is answered is held.
    pub(crate) fn stop(self) -> (Serving, impl Sized) {
        self.stop.send(()).unwrap();
        (self.serving, (self.scene, self.client, self.directory))
    }
}

/// A client as a stranger would write it: no cookies, no redirects.
pub(crate) fn client() -> Client {
    tests::client::client()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The value of a header, or nothing.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Requires a status, and that a refusal is a sentence for people.
pub(crate) async fn require(response: Response, status: StatusCode) -> String {
    let (found, url) = (response.status(), response.url().path().to_owned());
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{url}: {text}");
    if !status.is_success() && !text.starts_with('{') {
        assert!(text.trim_end().ends_with('.') && !text.contains("null"), "no sentence: {text:?}");
    }
    text
}
