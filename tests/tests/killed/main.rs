//! The shipped binary under SIGKILL at random instants, with people and the platform going on as if nothing had happened.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tests::builders::request_id;
use tests::invariants::Outside;
use tests::machine::{bring_in, notice, runtime};
use tests::process::{Server, is_long, say};
use tests::scene::{IRIS, RITA};
use workflow::domain::id::RequestId;
use workflow::domain::policy::Policy;
use workflow::ports::request_store::{Pattern, Query};

/// Lives of the server, and requests that begin in each.
const LIVES: u64 = 10;
const LONG_LIVES: u64 = 200;
const REQUESTS_PER_LIFE: u64 = 2;

/// What was seen over all lives.
#[derive(Default)]
struct Seen {
    acknowledged: Vec<RequestId>,
    decisions: u32,
    failures: u32,
    kills: u32,
}

/// Small numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn nothing_is_lost_when_the_server_is_killed_again_and_again() {
    let lives = if is_long() { LONG_LIVES } else { LIVES };
    let seed = std::env::var("LOCKGATE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    println!("LOCKGATE_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("house");
    runtime().block_on(tests::scene::prepare(&dir, Policy::TWO_STAGE));
    let (mut dice, mut seen) = (Dice(seed), Seen::default());
    for life in 0..lives {
        let notices: Vec<_> = (0..REQUESTS_PER_LIFE).map(|n| life * REQUESTS_PER_LIFE + n).collect();
        runtime().block_on(bring_in(&dir, &notices));
        live(&dir, folder.path(), (&notices, dice.up_to(1_200)), &mut seen);
    }
    runtime().block_on(come_to_rest(&dir, &seen.acknowledged));
    let Seen { acknowledged, decisions, failures, kills } = &seen;
    println!(
        "{kills} kills, {} requests acknowledged, {decisions} decisions, {failures} failed calls",
        acknowledged.len()
    );
    assert!(seen.kills > 0 && seen.failures > 0, "no kill fell into any work: nothing was tried");
    assert!(!seen.acknowledged.is_empty() && seen.decisions > 0, "nothing succeeded: nothing was tried");
}

/// One life: the server runs, the platform gives notice, reviewers approve whatever waits, until the kill falls.
fn live(dir: &Path, folder: &Path, (numbers, instant): (&[u64], u64), seen: &mut Seen) {
    let server = Server::start(dir);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(instant));
            server.kill();
            is_over.store(true, Ordering::SeqCst);
        });
        for number in numbers {
            let file = folder.join(format!("notice-{number}.json"));
            std::fs::write(&file, notice(*number)).unwrap();
            while !is_over.load(Ordering::SeqCst) {
                if call(dir, &["submit", "--notice", file.to_str().unwrap()]) {
                    seen.acknowledged.push(request_id(*number));
                    break;
                }
                seen.failures += 1;
            }
        }
        while !is_over.load(Ordering::SeqCst) {
            for id in seen.acknowledged.clone() {
                for reviewer in [IRIS, RITA] {
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    let id = id.to_string();
                    let reason = "looked at every table";
                    let decided =
                        call(dir, &["request", "decide", &id, "--approve", "--as", reviewer, "--reason", reason]);
                    seen.decisions += u32::from(decided);
                    seen.failures += u32::from(!decided);
                }
            }
        }
        killer.join().unwrap();
    });
    seen.kills += 1;
}

/// Runs the command line; tells whether it was done.
fn call(dir: &Path, arguments: &[&str]) -> bool {
    say(dir, arguments).code == 0
}

/// Nobody kills any more: every request comes to its end, and everything holds.
async fn come_to_rest(dir: &Path, acknowledged: &[RequestId]) {
    let scene = tests::scene::Scene::open(dir, tests::scene::Setting::real()).await;
    for _ in 0..200 {
        scene.settle().await;
        let open =
            scene.ports().requests.list(&Query { pattern: Pattern::Open, after: None, first: 500 }).await.unwrap();
        if open.requests.is_empty() {
            break;
        }
        for request in open.requests.iter().filter(|request| request.waiting.is_some()) {
            scene.approve(request).await;
        }
        scene.clock.advance(jiff::SignedDuration::from_mins(3));
        scene.house.engine().tick();
    }
    scene.hold_with(Outside { acknowledged: acknowledged.to_vec(), at_rest: true, ..Outside::default() }).await;
    let all = scene.ports().requests.list(&Query { pattern: Pattern::All, after: None, first: 500 }).await.unwrap();
    for id in acknowledged {
        let request = all.requests.iter().find(|request| request.id == *id);
        assert_eq!(request.map(|request| request.status.word().as_str()), Some("released"), "{id}");
    }
}
