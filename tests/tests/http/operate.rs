//! What operators are shown of a clock that cannot be believed.

use jiff::SignedDuration;
use tests::scene::{IRIS, OLGA, Setting};

use crate::stage::{Stage, anywhere};

const ASK: &str = "{ stuck { __typename ... on Stuck { heldDeadlines { since because } } } }";

/// The operators' page as somebody sees it.
async fn page(stage: &Stage, cookie: &str) -> String {
    stage.get("/operate").header("cookie", cookie).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn operators_see_that_deadlines_are_held_since_when_why_and_what_to_do() {
    let mut setting = Setting::quiet(2);
    setting.options.environment.retain(|(name, _)| name != "LOCKGATE_CLOCK_HOLD_AFTER");
    let stage = Stage::open_in(setting, anywhere(), |house| house).await;
    let cookie = stage.cookie_of(OLGA).await;
    let answer = stage.query(&cookie, ASK).await;
    assert_eq!(answer["data"]["stuck"]["__typename"], "Stuck", "{answer}");
    assert!(answer["data"]["stuck"]["heldDeadlines"].is_null(), "{answer}");
    assert!(!page(&stage, &cookie).await.contains("Deadlines are held"));

    let before = stage.ports().clock.now();
    stage.clock().advance(SignedDuration::from_hours(24 * 61));
    let cookie = stage.cookie_of(OLGA).await;
    let held = stage.query(&cookie, ASK).await["data"]["stuck"]["heldDeadlines"].clone();
    assert_eq!(held["since"], before.to_string(), "{held}");
    assert!(held["because"].as_str().unwrap().contains("61 d"), "{held}");
    let shown = page(&stage, &cookie).await;
    for said in ["Deadlines are held", "61 d", "lockgate deadline release"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let cookie = stage.cookie_of(IRIS).await;
    assert_eq!(stage.query(&cookie, ASK).await["data"]["stuck"]["__typename"], "Refused");
    assert!(!page(&stage, &cookie).await.contains("Deadlines are held"));
}
