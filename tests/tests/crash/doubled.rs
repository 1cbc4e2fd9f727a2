//! Doubles: every step runs twice, one after the other and at once, and the ending is the same.

use std::sync::Arc;

use async_trait::async_trait;
use infra_embedded::engine::{StepFailure, Steps};
use serde_json::Value;
use tests::scene::Setting;

use super::{STORIES, ends, template};

/// Runs each step more than once.
struct Doubled {
    steps: Arc<dyn Steps>,
    at_once: bool,
}

#[async_trait]
impl Steps for Doubled {
    async fn call(&self, function: &str, payload: Value) -> Result<Value, StepFailure> {
        if self.at_once {
            let (first, second) =
                tokio::join!(self.steps.call(function, payload.clone()), self.steps.call(function, payload));
            return first.or(second);
        }
        self.steps.call(function, payload.clone()).await?;
        self.steps.call(function, payload).await
    }
}

async fn double(at_once: bool) {
    for (story, ending) in STORIES {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("house");
        template(&dir).await;
        let mut setting = Setting::quiet(2);
        setting.options.around_steps = Some(Arc::new(move |steps| Arc::new(Doubled { steps, at_once })));
        ends(&dir, setting, (story, ending), &format!("{story:?} with every step doubled"), || ()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_run_twice() {
    double(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_run_twice_at_once() {
    double(true).await;
}
