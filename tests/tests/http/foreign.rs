//! Another project's request at every address there is: the answer is that of a request that is not there. The addresses
//! are read from the sources, so that a new one is asked too.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use tests::builders::{NOTICE, person};
use tests::scene::{IRIS, Story, sample_id};
use workflow::actions;

use crate::stage::{ADA, Stage};

/// A reviewer, operator and researcher of another project.
const EVE: &str = "eve.elsewhere@example.ac.uk";
const MISSING: &str = "00000000-0000-4000-8000-000000000000";

/// Every address that names a request, with a method that it answers.
fn addresses() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let pages = std::fs::read_dir(root.join("web/src/page")).unwrap().map(|entry| entry.unwrap().path());
    let mut found = BTreeSet::new();
    for source in pages.chain([root.join("http/src/router.rs")]) {
        let text = std::fs::read_to_string(source).unwrap();
        for part in text.split(".route(").skip(1) {
            let (path, rest) = part.trim_start().trim_start_matches('"').split_once('"').unwrap();
            let handlers = rest.split(".layer(").next().unwrap();
            let handlers = handlers.split(';').next().unwrap();
            for method in ["get", "post", "put", "head", "delete"] {
                let is_answered =
                    handlers.contains(&format!(" {method}(")) || handlers.contains(&format!(".{method}("));
                if is_answered && (path.contains("{id}") || path.contains("{request}")) {
                    found.insert((method.to_uppercase(), path.to_owned()));
                }
            }
        }
    }
    found
}

/// What comes of asking as somebody.
async fn ask(
    stage: &Stage,
    cookie: &str,
    (method, path): &(String, String),
    (id, digest): (&str, &str),
) -> (u16, String) {
    let path =
        path.replace("{id}", id).replace("{request}", id).replace("{index}", "0").replace("{secret}", &"a".repeat(64));
    let call = stage.call(method.parse::<Method>().unwrap(), &path).header("cookie", cookie);
    let form = [
        ("opinion", "APPROVE"),
        ("reason", "looked at every table"),
        ("round", "1"),
        ("stage", "information_governance"),
        ("digest", digest),
        ("text", "said by somebody of another project"),
        ("upload", MISSING),
    ];
    let call = if method == "POST" { call.form(&form) } else { call };
    let answer = call.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.text().await.unwrap().replace(id, "ID"))
}

async fn require_alike(stage: &Stage) {
    let eve = stage.cookie_of(EVE).await;
    let before = stage.scene.request().await.unwrap();
    let digest = before.round().manifest.as_ref().unwrap().digest.to_string();
    let id = sample_id().to_string();
    let addresses = addresses();
    assert!(addresses.len() > 15, "{addresses:?}");
    for address in addresses {
        let foreign = ask(stage, &eve, &address, (&id, &digest)).await;
        let missing = ask(stage, &eve, &address, (MISSING, &digest)).await;
        assert_eq!(foreign, missing, "{address:?}");
        assert!(foreign.0 >= 400, "{address:?}: {foreign:?}");
    }
    assert_eq!(stage.scene.request().await.unwrap(), before, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_projects_request_is_nowhere() {
    let stage = Stage::open().await;
    let groups = ["InformationGovernance", "TREAdmin", "researchers", "operators", "auditors"];
    let eve = groups.iter().fold(person(EVE), |eve, group| eve.in_group_of(group, &["Elsewhere"])).build();
    stage.ports().people.save(&eve).await.unwrap();
    actions::receive::run(stage.ports(), NOTICE.as_bytes()).await.unwrap();
    stage.scene.settle().await;
    require_alike(&stage).await;

    let iris = stage.cookie_of(IRIS).await;
    let page = ("GET".to_owned(), "/requests/{id}".to_owned());
    assert_eq!(ask(&stage, &iris, &page, (&sample_id().to_string(), "")).await.0, 200, "who may see it does");

    stage.scene.play(Story::RELEASE).await;
    stage.grant_to(ADA).await;
    require_alike(&stage).await;
}
