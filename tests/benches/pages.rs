//! What pages and lists cost in a house of many requests: `cargo xtask bench`, or `cargo bench -p tests --bench pages`.
//!
//! `LOCKGATE_BENCH_REQUESTS` (10,000) and `LOCKGATE_BENCH_CALLS` (200) say how much. Times are those of a client on the
//! same machine, one call after the other.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench says by panicking that something is wrong")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use infra_embedded::House;
use infra_embedded::house::Options;
use tests::builders::{Story, commit_all, person, request_id};
use tests::scene::{self, IRIS, OLGA, RITA, Scene, Setting};
use workflow::archive::{ManifestDocument, ManifestFile, SCHEMA_VERSION};
use workflow::canonical::canonical;
use workflow::domain::audit::Actor;
use workflow::domain::digest::Digest;
use workflow::domain::manifest::{Declared, Manifest, ManifestReference, SourceVersion, Verified};
use workflow::domain::path::SafePath;
use workflow::domain::policy::Policy;
use workflow::domain::release::RecordReference;
use workflow::domain::request::Claim;
use workflow::ports::Ports;
use workflow::ports::object_store::{Area, Place};
use workflow::ports::sessions::Session;

/// Files of each request.
const FILES: usize = 100;
/// Requests that are written at once.
const AT_ONCE: usize = 64;
const ADA: &str = "ada.researcher@example.ac.uk";

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::main]
async fn main() {
    let (requests, calls) = (number("LOCKGATE_BENCH_REQUESTS", 10_000), number("LOCKGATE_BENCH_CALLS", 200));
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("house");
    scene::prepare(&dir, Policy::TWO_STAGE).await;
    let Setting { options, clock } = Setting::quiet(2);
    let options = Options { ids: Arc::new(infra_embedded::Ids), ..options };
    let scene = Scene::open(&dir, Setting { options, clock }).await;
    let began = Instant::now();
    fill(&scene.house, requests).await;
    println!("{requests} requests of {FILES} files were written in {:.1?}", began.elapsed());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let settings = http::Settings { address: "127.0.0.1:0".parse().unwrap(), ..http::Settings::default() };
    let ports = scene.ports().clone();
    let shown = http::serve(http::House::new(ports.clone()), settings, async { drop(stopped.await) }).await.unwrap();
    println!("resident after opening: {}", resident());
    measure(&scene, &ports, &shown.url, calls).await;
    println!("resident after all calls: {}", resident());
    drop(stop);
    let _ = shown.finished().await;
}

/// Writes requests: of ten, six wait at the first stage, two at the second, and two were taken back.
async fn fill(house: &House, requests: u64) {
    let lists = &lists(house.ports()).await;
    let ports = house.ports();
    stream::iter(0..requests)
        .for_each_concurrent(AT_ONCE, |number| async move { commit_all(&*ports.requests, &story(number, lists)).await })
        .await;
}

fn story(number: u64, (sealed, frozen): &(ManifestReference, RecordReference)) -> Story {
    let project = format!("TREProject{}Prod", number % 40);
    let story = Story::of_person(number, ADA, &project).admitted();
    if number % 10 == 9 {
        return story;
    }
    let claim = |run| Claim { run, state: "Stage".to_owned(), attempt: 1 };
    let actor = |run| Actor::Step { state: "Stage".to_owned(), run };
    let story = story
        .then(|request, at| request.begin_staging(claim(request.run), sealed.clone(), actor(request.run), at).unwrap())
        .then(|request, at| {
            let lists = (sealed.clone(), frozen.clone());
            request.finish_staging(&claim(request.run), lists, actor(request.run), at).unwrap()
        });
    match number % 10 {
        6 | 7 => {
            let iris = person(IRIS).in_group("InformationGovernance").build();
            story.decided(&iris, workflow::domain::decision::Opinion::Approve).tallied()
        }
        8 => story.withdrawn(),
        _ => story,
    }
}

/// One list of files that all requests share, with bytes behind it.
async fn lists(ports: &Ports) -> (ManifestReference, RecordReference) {
    let mut files = Vec::new();
    for index in 0..FILES {
        let bytes = Bytes::from(format!("region,people\nNorth,{}\nSouth,{index}\n", index + 100));
        let key = format!("bench/{index}");
        let place = Place { area: Area::Staging, owner: None, key: key.clone() };
        let object = ports.objects.put(&place, bytes.clone()).await.unwrap();
        let source = SourceVersion { key: object.key.clone(), version: object.version.clone() };
        let path = SafePath::parse(&format!("tables/{:02}/counts-{index}.csv", index / 10)).unwrap();
        let declared = Declared { path, submitted_as: None, source, size: bytes.len() as u64 };
        files.push(Verified {
            declared,
            digest: Digest::of(&bytes),
            crc32: crc32fast::hash(&bytes),
            staged_key: object.key,
            staged_version: object.version,
        });
    }
    let bytes: u64 = files.iter().map(|file| file.declared.size).sum();
    let described = files.iter().map(|file| ManifestFile {
        path: file.declared.path.to_string(),
        size: file.declared.size,
        digest: file.digest,
        crc32: file.crc32,
        source_version: file.declared.source.version.clone(),
        submitted_as: None,
    });
    let document = ManifestDocument {
        schema_version: SCHEMA_VERSION,
        request_id: request_id(0).to_string(),
        round: 1,
        files: described.collect(),
    };
    let manifest =
        Manifest::verify(&Manifest::declare(files.iter().map(|f| f.declared.clone()).collect()).unwrap(), files);
    let sealed = record(ports, "manifest", canonical(&document).unwrap()).await;
    let frozen = record(ports, "frozen", canonical(&manifest.unwrap()).unwrap()).await;
    let sealed = ManifestReference { key: sealed.key, digest: sealed.digest, files: FILES as u64, bytes };
    (sealed, frozen)
}

async fn record(ports: &Ports, name: &str, bytes: Vec<u8>) -> RecordReference {
    let (key, digest) = (format!("bench-{name}.json"), Digest::of(&bytes));
    let place = Place { area: Area::Records, owner: None, key: key.clone() };
    ports.objects.put(&place, Bytes::from(bytes)).await.unwrap();
    RecordReference { key, digest }
}

async fn measure(scene: &Scene, ports: &Ports, url: &str, calls: u64) {
    let client = tests::client::client();
    let page = |path: &str| format!("{url}{path}");
    let id = request_id(0);
    let pages = [
        ("home", IRIS, page("/")),
        ("home of a requester", ADA, page("/")),
        ("waiting for me", IRIS, page("/requests?list=WAITING_FOR_ME")),
        ("open", OLGA, page("/requests?list=OPEN")),
        ("all, searched", OLGA, page("/requests?list=ALL&q=Tables+4999")),
        ("request", IRIS, page(&format!("/requests/{id}"))),
        ("files", IRIS, page(&format!("/requests/{id}/files"))),
        ("look into a file", IRIS, page(&format!("/requests/{id}/look/3"))),
        ("decide", IRIS, page(&format!("/requests/{id}/decide"))),
        ("timeline", IRIS, page(&format!("/requests/{id}/timeline"))),
        ("comments", RITA, page(&format!("/requests/{id}/comments"))),
        ("audit", OLGA, page(&format!("/requests/{id}/audit"))),
        ("submit", ADA, page("/submit")),
        ("operate", OLGA, page("/operate")),
        ("policies", IRIS, page("/policies")),
        ("account", IRIS, page("/account")),
        ("sign in", "", page("/sign-in")),
    ];
    println!("{:<22} {:>9} {:>9} {:>10}", "page", "p50 ms", "p99 ms", "bytes");
    for (name, who, address) in pages {
        let cookie = cookie_of(scene, ports, who).await;
        time(name, calls, || client.get(&address).header("cookie", &cookie)).await;
    }
    let query = "{ requests(list: {pattern: WAITING_FOR_ME}, first: 50) { ... on RequestConnection { nodes { id title \
                 status { word } requesters { name } round { number } } pageInfo { endCursor } } } }";
    let cookie = cookie_of(scene, ports, IRIS).await;
    let body = serde_json::json!({ "query": query });
    let address = page("/graphql");
    time("list query of the API", calls, || client.post(&address).header("cookie", &cookie).json(&body)).await;
}

async fn time(name: &str, calls: u64, call: impl Fn() -> reqwest::RequestBuilder) {
    let mut times: Vec<Duration> = Vec::new();
    let mut weight = 0;
    for _ in 0..calls {
        let began = Instant::now();
        let answer = call().send().await.unwrap();
        assert!(answer.status().is_success(), "{name}: {}", answer.status());
        weight = answer.bytes().await.unwrap().len();
        times.push(began.elapsed());
    }
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1000.0;
    println!("{name:<22} {:>9.1} {:>9.1} {weight:>10}", at(50), at(99));
}

async fn cookie_of(scene: &Scene, ports: &Ports, who: &str) -> String {
    if who.is_empty() {
        return String::new();
    }
    let caller = scene.caller(who).await;
    let token = Digest::Sha256(ports.ids.secret()).hex();
    let now = ports.clock.now();
    let session = Session {
        token: Digest::of(token.as_bytes()),
        identity: caller.who.identities.first().unwrap().clone(),
        opened_at: now,
        seen_at: now,
        expires_at: now + jiff::SignedDuration::from_hours(12),
    };
    ports.sessions.open(&session).await.unwrap();
    format!("lockgate={token}")
}

/// The memory of this process.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")).map_or_else(String::new, |rss| rss.trim().to_owned())
}
