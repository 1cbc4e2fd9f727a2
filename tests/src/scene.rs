//! A house on a stage: people in every role, the platform's files in its source, a clock in the test's hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use infra_embedded::House;
use infra_embedded::house::Options;
use jiff::SignedDuration;
use workflow::actions::{self, ActionError, Caller};
use workflow::domain::decision::{Ballot, Opinion};
use workflow::domain::id::RequestId;
use workflow::domain::notice::Notice;
use workflow::domain::person::Person;
use workflow::domain::policy::Policy;
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::domain::text::Reason;
use workflow::ports::outbox::Drawer;
use workflow::ports::{Clock as _, Ports};

use crate::builders::{NOTICE, at, person};
use crate::invariants::{self, Outside};
use crate::world::{SeededIds, SimClock};

/// Who decides at the first stage of the shipped policies.
pub const IRIS: &str = "iris.governance@example.ac.uk";
/// Another member of the first group.
pub const IVAN: &str = "ivan.governance@example.ac.uk";
/// Who decides at the second stage.
pub const RITA: &str = "rita.research-it@example.ac.uk";
/// Who runs the house.
pub const OLGA: &str = "olga.operator@example.ac.uk";

/// The files of the sample, where they lie in the checkout.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("testdata/acro-outputs")
}

/// A house with its clock.
pub struct Scene {
    /// The house.
    pub house: House,
    /// Its clock.
    pub clock: Arc<SimClock>,
}

/// How a scene is opened.
#[derive(Clone)]
pub struct Setting {
    /// What is put around the house.
    pub options: Options,
    /// The clock of the options.
    pub clock: Arc<SimClock>,
}

impl Setting {
    /// A house whose chores are done when the test says so.
    pub fn quiet(seed: u64) -> Self {
        let clock = Arc::new(SimClock::at(at(0)));
        let options = Options {
            clock: clock.clone(),
            ids: Arc::new(SeededIds::of(seed)),
            environment: vec![
                ("LOCKGATE_DISK_BALLAST".into(), "0".into()),
                ("LOCKGATE_DISK_KEEP_FREE".into(), "0".into()),
                ("LOCKGATE_CLOCK_HOLD_AFTER".into(), "0s".into()),
            ],
            does_chores: false,
            ..Options::default()
        };
        Self { options, clock }
    }
}

impl Setting {
    /// A quiet house that goes on after what other processes wrote: its clock begins at the time that it is, and its
    /// names are nobody's.
    pub fn real() -> Self {
        let mut setting = Self::quiet(0);
        setting.clock.set(infra_embedded::Clock.now());
        setting.options.ids = Arc::new(infra_embedded::Ids);
        setting
    }
}

/// Makes a house in which the platform has a store with the sample's files, and people of every role are known.
pub async fn prepare(dir: &Path, policy: &str) {
    House::init(dir).unwrap();
    let Scene { house, .. } = Scene::open(dir, Setting::quiet(1)).await;
    let ports = house.ports();
    for (address, group) in
        [(IRIS, "InformationGovernance"), (IVAN, "InformationGovernance"), (RITA, "TREAdmin"), (OLGA, "operators")]
    {
        ports.people.save(&person(address).in_group(group).build()).await.unwrap();
    }
    let ada = Notice::parse(NOTICE.as_bytes()).unwrap().submitter.email;
    ports.people.save(&person(ada.as_str()).in_group("researchers").build()).await.unwrap();
    let mut policy = Policy::parse(policy).unwrap();
    policy.version = 9;
    ports.policies.publish(&policy).await.unwrap();
    ports.policies.assign(&policy.name, None).await.unwrap();
    load(&house, &Notice::parse(NOTICE.as_bytes()).unwrap(), &sample()).await;
    house.close().await;
}

/// Brings a folder in as the platform does: versions of its files, the version list, and the store.
pub async fn load(house: &House, notice: &Notice, folder: &Path) {
    let source = house.objects().source();
    let loaded = source.load_folder(&notice.bucket, &notice.folder, folder).await.unwrap();
    source.store_list(&notice.list_bucket, &notice.list_key, &loaded).await.unwrap();
    let stores = infra_embedded::EgressStore::new(house.database().clone());
    stores.enter(&notice.store).await.unwrap();
}

/// Copies a house that nobody has open.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What the reviewers of a story say, stage by stage.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// At the first stage.
    pub first: Opinion,
    /// At the second stage, if it comes so far.
    pub second: Opinion,
}

impl Story {
    /// Both say yes.
    pub const RELEASE: Self = Self { first: Opinion::Approve, second: Opinion::Approve };
    /// The second says no.
    pub const REJECT: Self = Self { first: Opinion::Approve, second: Opinion::Reject };
    /// The first wants something changed.
    pub const RETURN: Self = Self { first: Opinion::Return, second: Opinion::Approve };
}

impl Scene {
    /// Opens the house.
    pub async fn open(dir: &Path, setting: Setting) -> Self {
        let house = House::open(dir, setting.options).await.unwrap();
        Self { house, clock: setting.clock }
    }

    /// The ports.
    pub fn ports(&self) -> &Ports {
        self.house.ports()
    }

    /// Somebody who calls, by address.
    pub async fn caller(&self, address: &str) -> Caller {
        let email = workflow::domain::email::Email::parse(address).unwrap();
        let Person { who, .. } = self.ports().people.by_email(&email).await.unwrap().unwrap();
        Caller { who, claimed: None, system_user: None, origin: Some("a test".into()) }
    }

    /// The sample's request, if it is there.
    pub async fn request(&self) -> Option<Request> {
        self.ports().requests.find(sample_id()).await.unwrap()
    }

    /// Does all that can be done without time or people.
    pub async fn settle(&self) {
        for _ in 0..3 {
            self.house.do_chores().await;
            self.house.engine().idle().await;
        }
    }

    /// Moves the clock on by a length of time and lets happen what that asks for.
    pub async fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.house.engine().tick();
        self.settle().await;
    }

    /// Decides for somebody on the sample's request as it stands.
    pub async fn decide(&self, address: &str, opinion: Opinion) -> Result<Request, ActionError> {
        let request = self.request().await.unwrap();
        let ballot = ballot(&request, opinion);
        actions::decide::run(self.ports(), &self.caller(address).await, request.id, ballot).await
    }

    /// Plays the story from wherever the house stands to its end. Errors along the way are what people and platforms
    /// meet too: they try again. Panics if it does not come to an end.
    pub async fn play(&self, story: Story) -> Request {
        let mut last = None;
        for _ in 0..120 {
            let _ = actions::receive::run(self.ports(), NOTICE.as_bytes()).await;
            self.settle().await;
            let now = self.ports().requests.find(sample_id()).await.ok().flatten();
            if let Some(request) = now.as_ref().filter(|request| is_at_its_end(request)) {
                return request.clone();
            }
            if let Some(request) = now.as_ref().filter(|request| request.waiting.is_some()) {
                self.say(request, story).await;
                self.house.engine().idle().await;
            }
            let version = now.map(|request| request.version());
            if version == last {
                self.pass(SignedDuration::from_secs(150)).await;
            }
            last = version;
        }
        panic!("the story did not come to an end: {:?}", self.request().await.map(|request| request.status));
    }

    async fn say(&self, request: &Request, story: Story) {
        let (address, opinion) = match request.status {
            Status::InReview { stage: 0, .. } => (IRIS, story.first),
            Status::InReview { .. } => (RITA, story.second),
            _ => return,
        };
        let caller = self.caller(address).await;
        let _ = actions::decide::run(self.ports(), &caller, request.id, ballot(request, opinion)).await;
    }

    /// Approves a request that waits, as whoever may at its stage.
    pub async fn approve(&self, request: &Request) {
        self.say(request, Story::RELEASE).await;
        self.house.engine().idle().await;
    }

    /// Lets the house come to rest, leases, delays and retries included, and requires that everything holds that
    /// must.
    pub async fn hold(&self) {
        let acknowledged = vec![sample_id()];
        self.hold_with(Outside { acknowledged, at_rest: true, ..Outside::default() }).await;
    }

    /// Tells whether a step that failed is about to be tried again: what waits for people has hours.
    fn retries_soon(&self) -> bool {
        let soon = self.clock.now().saturating_add(SignedDuration::from_mins(5)).unwrap();
        self.house.engine().next_due().is_some_and(|due| due <= soon)
    }

    /// The same for whatever was acknowledged.
    pub async fn hold_with(&self, outside: Outside) {
        self.settle().await;
        for _ in 0..20 {
            if self.ports().outbox.list(Drawer::Due, 1).await.unwrap().is_empty() && !self.retries_soon() {
                break;
            }
            self.pass(SignedDuration::from_mins(5)).await;
        }
        invariants::hold(self.ports(), &outside).await;
    }
}

/// The sample's request.
pub fn sample_id() -> RequestId {
    Notice::parse(NOTICE.as_bytes()).unwrap().id
}

/// A ballot about a request as it stands.
pub fn ballot(request: &Request, opinion: Opinion) -> Ballot {
    let round = request.round();
    Ballot {
        round: round.number,
        stage: round.entry.as_ref().unwrap().stage.clone(),
        manifest: round.manifest.as_ref().unwrap().digest,
        opinion,
        reason: Some(Reason::parse("looked at every table").unwrap()),
    }
}

fn is_at_its_end(request: &Request) -> bool {
    let ended = request.status.is_over() || request.status == Status::Returned;
    (ended && request.told) || matches!(request.status, Status::Failed { .. })
}
