//! What judges that are not ours say. `cargo xtask test` puts them under `target/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::SignedDuration;
use tests::scene::{IRIS, OLGA, Story};
use workflow::domain::text::Title;
use workflow::ports::sessions::KeyScope;

use crate::stage::Stage;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where the modules of the judges are.
fn modules() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let modules = target.join("tools/node_modules");
    assert!(modules.is_dir(), "{} is not there: `cargo xtask test` installs the judges", modules.display());
    modules
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_is_spoken_over_http_as_its_specification_says() {
    let stage = Stage::open().await;
    let identity = stage.scene.caller(IRIS).await.who.identities.first().unwrap().clone();
    let label = Title::parse("the judge").unwrap();
    let until = stage.ports().clock.now() + SignedDuration::from_hours(1);
    let (_, key) = http::key::add(stage.ports(), identity, (label, [KeyScope::Act].into()), until).await.unwrap();
    for path in ["/graphql", "/predecessor/graphql"] {
        let judge = Command::new("node")
            .arg(root().join("tests/judges/graphql-http.mjs"))
            .args([&format!("{}{path}", stage.url), &key])
            .arg(modules())
            .output()
            .expect("node is one of the tools that the tests need");
        let said = String::from_utf8_lossy(&judge.stdout);
        assert_eq!(said, "passed 61 of 61\n", "{path}: {}", String::from_utf8_lossy(&judge.stderr));
    }
}

/// The environment of a judge from the registry of Python.
fn schemathesis() -> PathBuf {
    let program = modules().parent().unwrap().join("schemathesis/bin/schemathesis");
    assert!(program.is_file(), "{} is not there: `cargo xtask test` installs the judges", program.display());
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_of_any_operation_the_server_does_not_break() {
    let stage = Stage::open().await;
    stage.scene.play(Story::RELEASE).await;
    let identity = stage.scene.caller(OLGA).await.who.identities.first().unwrap().clone();
    let label = Title::parse("the judge").unwrap();
    let until = stage.ports().clock.now() + SignedDuration::from_hours(1);
    let (_, key) = http::key::add(stage.ports(), identity, (label, [KeyScope::Act].into()), until).await.unwrap();
    let judge = Command::new(schemathesis())
        .args(["run", &format!("{}/graphql", stage.url), "--checks", "not_a_server_error", "--phases", "fuzzing"])
        .args(["--max-examples", "200", "--seed", "1", "--suppress-health-check", "all", "--no-color"])
        .args(["--header", &format!("Authorization: Bearer {key}")])
        .env("SCHEMATHESIS_HOOKS", "scalars")
        .env("PYTHONPATH", root().join("tests/judges"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(stage.directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&judge.stdout);
    println!("{said}");
    assert!(judge.status.success(), "{}", String::from_utf8_lossy(&judge.stderr));
}
