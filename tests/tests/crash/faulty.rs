//! Faults: each call of a port fails once, before its effect or after it, and the ending is the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tests::scene::{Setting, copy};
use tests::watch::{Watch, around};
use workflow::ports::{Kind, PortError, PortResult};

use super::{STORIES, ends, is_long, template};

/// Of so many calls, one is tried where not all of them are.
const ONE_OF: usize = 5;
/// More calls than any story makes.
const CALLS: usize = 2_000;

/// Fails one call, once.
#[derive(Default)]
struct Fault {
    at: usize,
    after: bool,
    calls: AtomicUsize,
    fired: AtomicUsize,
    is_over: AtomicBool,
}

impl Fault {
    fn strike(&self, call: &'static str, number: usize) -> PortResult<()> {
        if number != self.at || self.is_over.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.fired.fetch_add(1, Ordering::Relaxed);
        Err(PortError::new("a test", call, Kind::Transient).because("it was made to fail"))
    }
}

impl Watch for Fault {
    fn before(&self, call: &'static str) -> PortResult<()> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.after { Ok(()) } else { self.strike(call, number) }
    }

    fn after(&self, call: &'static str) -> PortResult<()> {
        let number = self.calls.load(Ordering::Relaxed) - 1;
        if self.after { self.strike(call, number) } else { Ok(()) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_once_before_its_effect_changes_no_ending() {
    fail_each(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_is_lost_once_changes_no_ending() {
    fail_each(true).await;
}

async fn fail_each(after: bool) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("template");
    template(&dir).await;
    for (index, (story, ending)) in STORIES.into_iter().enumerate() {
        let step = if is_long() { 1 } else { ONE_OF };
        let mut fired = 0;
        for at in (index..CALLS).step_by(step) {
            let fault = Arc::new(Fault { at, after, ..Fault::default() });
            let watch: Arc<dyn Watch> = fault.clone();
            let house = folder.path().join("house");
            copy(&dir, &house);
            let mut setting = Setting::quiet(2);
            setting.options.around_ports = Some(Arc::new(move |ports| around(ports, &watch)));
            let calm = || fault.is_over.store(true, Ordering::Relaxed);
            ends(&house, setting, (story, ending), &format!("{story:?} with a fault at call {at}"), calm).await;
            std::fs::remove_dir_all(&house).unwrap();
            if fault.fired.load(Ordering::Relaxed) == 0 {
                break;
            }
            fired += 1;
        }
        println!("{story:?}: {fired} faults fired");
        assert!(fired > 0, "no fault fired");
    }
}
