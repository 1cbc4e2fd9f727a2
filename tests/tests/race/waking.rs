//! No lost wake-up: a decision is committed at every point around the storing of the token, and the workflow goes on
//! without the sweep.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tests::builders::NOTICE;
use tests::scene::{IRIS, Scene, Setting, ballot, copy, prepare, sample_id};
use tests::watch::{Watch, around};
use workflow::actions;
use workflow::domain::audit::Actor;
use workflow::domain::decision::Opinion;
use workflow::domain::permission::may_decide;
use workflow::domain::policy::Policy;
use workflow::domain::status::Status;
use workflow::ports::request_store::Commit;
use workflow::ports::sealer::TokenContext;
use workflow::ports::{PortResult, Ports};

/// Lets somebody decide at one point, as another process would: commit, then wake the token that the commit found.
struct Intruder {
    at: usize,
    points: AtomicUsize,
    decided: Arc<AtomicUsize>,
    ports: std::sync::OnceLock<Ports>,
}

impl Intruder {
    fn pass(&self) {
        if self.points.fetch_add(1, Ordering::SeqCst) != self.at {
            return;
        }
        let Some(ports) = self.ports.get().cloned() else { return };
        let decided = Arc::clone(&self.decided);
        let commit = async move {
            let request = ports.requests.find(sample_id()).await.unwrap();
            let Some(request) = request.filter(|r| matches!(r.status, Status::InReview { stage: 0, .. })) else {
                return;
            };
            let email = workflow::domain::email::Email::parse(IRIS).unwrap();
            let iris = ports.people.by_email(&email).await.unwrap().unwrap();
            let may = may_decide(&iris, &request).unwrap();
            let vote = ballot(&request, Opinion::Approve);
            let change = request.decide(&may, vote, Actor::person(iris.who.clone()), ports.clock.now()).unwrap();
            assert_eq!(ports.requests.commit(&change).await.unwrap(), Commit::Done);
            decided.fetch_add(1, Ordering::SeqCst);
            if let Some(waiting) = &change.after().waiting {
                let context = TokenContext { request: request.id, run: waiting.run };
                let token = ports.sealer.open(&waiting.token, context).await.unwrap();
                ports.orchestrator.wake(&token).await.unwrap();
            }
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(commit));
    }
}

impl Watch for Intruder {
    fn before(&self, _call: &'static str) -> PortResult<()> {
        self.pass();
        Ok(())
    }

    fn after(&self, _call: &'static str) -> PortResult<()> {
        self.pass();
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_at_any_instant_is_counted_without_the_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("template");
    prepare(&template, Policy::TWO_STAGE).await;
    let mut landed = 0;
    for at in 0..2_000 {
        let dir = folder.path().join("house");
        copy(&template, &dir);
        let decided = Arc::new(AtomicUsize::new(0));
        let passed = intrude(&dir, at, &decided).await;
        landed += decided.load(Ordering::SeqCst);
        std::fs::remove_dir_all(&dir).unwrap();
        if passed <= at {
            break;
        }
    }
    println!("{landed} decisions landed at different instants");
    assert!(landed >= 10, "only {landed} decisions fell into the review");
}

/// Runs the sample into review with one intruder. Answers how many points there were.
async fn intrude(dir: &std::path::Path, at: usize, decided: &Arc<AtomicUsize>) -> usize {
    let intruder = Arc::new(Intruder {
        at,
        points: AtomicUsize::new(0),
        decided: Arc::clone(decided),
        ports: std::sync::OnceLock::new(),
    });
    let watch: Arc<dyn Watch> = intruder.clone();
    let mut setting = Setting::quiet(2);
    let inner = intruder.clone();
    setting.options.around_ports = Some(Arc::new(move |ports: Ports| {
        let _ = inner.ports.set(ports.clone());
        around(ports, &watch)
    }));
    let scene = Scene::open(dir, setting).await;
    actions::receive::run(scene.ports(), NOTICE.as_bytes()).await.unwrap();
    let deliver = workflow::chores::deliver::Settings::new(sender());
    for _ in 0..3 {
        workflow::chores::deliver::run(scene.ports(), &deliver).await.unwrap();
        scene.house.engine().idle().await;
    }
    if decided.load(Ordering::SeqCst) == 1 {
        let request = scene.request().await.unwrap();
        assert!(
            matches!(request.status, Status::InReview { stage: 1, .. }),
            "a decision at point {at} was not counted: {} with news {} of {}",
            request.status,
            request.tallied,
            request.news
        );
    }
    let points = intruder.points.load(Ordering::SeqCst);
    scene.house.close().await;
    points
}

fn sender() -> workflow::letter::Sender {
    let from = workflow::domain::email::Email::parse("lockgate@example.ac.uk").unwrap();
    let house = workflow::domain::text::Title::parse("Test").unwrap();
    workflow::letter::Sender::new(from, house, "http://127.0.0.1:8080/".parse().unwrap()).unwrap()
}
