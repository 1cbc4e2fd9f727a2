use std::collections::BTreeSet;
use std::sync::Mutex;

use jiff::Timestamp;
use tempfile::TempDir;
use workflow::actions::{Caller, decide, submit};
use workflow::domain::decision::{Ballot, Opinion};
use workflow::domain::email::Email;
use workflow::domain::id::{ExecutionName, RequestId};
use workflow::domain::manifest::Manifest;
use workflow::domain::person::{Identity, Membership, Person, Scope, Who};
use workflow::domain::request::Request;
use workflow::domain::slip::Slip;
use workflow::domain::status::{Status, StatusWord};
use workflow::domain::text::{Group, PersonName, ProjectId, Reason, Title, WorkspaceId};
use workflow::ports::object_store::Area;
use workflow::ports::orchestrator::Execution;
use workflow::ports::{Clock, Kind};

use super::*;

struct HandClock(Mutex<Timestamp>);

impl Default for HandClock {
    fn default() -> Self {
        Self(Mutex::new("2026-03-02T09:00:00Z".parse().unwrap()))
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[derive(Default)]
struct World {
    folder: Option<TempDir>,
    clock: Arc<HandClock>,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: Some(tempfile::tempdir().unwrap()), ..Self::default() };
        House::init(&world.dir()).unwrap();
        world
    }

    fn dir(&self) -> PathBuf {
        self.folder.as_ref().unwrap().path().join("data")
    }

    fn options(&self) -> Options {
        let setting = |name: &str| (name.to_owned(), "0".to_owned());
        Options {
            clock: self.clock.clone(),
            environment: vec![setting("LOCKGATE_DISK_BALLAST"), setting("LOCKGATE_DISK_KEEP_FREE")],
            does_chores: false,
            ..Options::default()
        }
    }

    async fn open(&self) -> House {
        House::open(&self.dir(), self.options()).await.unwrap()
    }
}

fn person(address: &str, group: &str) -> Person {
    let email = Email::parse(address).unwrap();
    let group = Group::parse(group).unwrap();
    Person {
        who: Who {
            name: PersonName::parse(address).unwrap(),
            identities: [Identity { issuer: "lockgate".into(), subject: address.into() }].into(),
            verified_emails: [email.clone()].into(),
            email,
        },
        memberships: BTreeSet::from([Membership { group, scope: Scope::Everywhere }]),
        disabled: false,
    }
}

fn caller(person: &Person) -> Caller {
    Caller { who: person.who.clone(), claimed: None, system_user: None, origin: None }
}

async fn settle(house: &House) {
    for _ in 0..4 {
        house.do_chores().await;
        house.engine().idle().await;
    }
}

async fn submit_folder(house: &House, files: &Path) -> Request {
    let ada = person("ada@example.org", "researchers");
    let people = [
        ada.clone(),
        person("ig@example.org", "InformationGovernance"),
        person("rit@example.org", "TREAdmin"),
        person("op@example.org", "operators"),
    ];
    for person in &people {
        house.ports().people.save(person).await.unwrap();
    }
    let declared = house.objects().source().load_paths(&[files.to_owned()]).await.unwrap();
    let submission = submit::Submission {
        id: RequestId::new(house.ports().ids.name()),
        project: ProjectId::parse("p1").unwrap(),
        workspace: WorkspaceId::parse("ws1").unwrap(),
        title: Title::parse("Tables").unwrap(),
        purpose: None,
        manifest: Manifest::declare(declared).unwrap(),
    };
    submit::run(house.ports(), &caller(&ada), submission).await.unwrap()
}

async fn approve(house: &House, id: RequestId, reviewer: &Person) {
    let request = house.ports().requests.find(id).await.unwrap().unwrap();
    let Status::InReview { stage, .. } = &request.status else { panic!("{:?} is not in review", request.status) };
    let policy = request.policy().unwrap();
    let ballot = Ballot {
        round: 1,
        stage: policy.stages[*stage].id.clone(),
        manifest: request.round().manifest.as_ref().unwrap().digest,
        opinion: Opinion::Approve,
        reason: Some(Reason::parse("no small counts in it").unwrap()),
    };
    decide::run(house.ports(), &caller(reviewer), id, ballot).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_reviewed_twice_and_released_across_restarts() {
    let world = World::new();
    let files = tempfile::tempdir().unwrap();
    std::fs::create_dir(files.path().join("tables")).unwrap();
    std::fs::write(files.path().join("tables/a.csv"), b"n,12\n").unwrap();
    std::fs::write(files.path().join("b.txt"), vec![b'x'; 70_000]).unwrap();
    let house = world.open().await;
    let id = submit_folder(&house, files.path()).await.id;
    settle(&house).await;
    approve(&house, id, &person("ig@example.org", "InformationGovernance")).await;
    settle(&house).await;
    assert!(house.close().await);

    let house = world.open().await;
    approve(&house, id, &person("rit@example.org", "TREAdmin")).await;
    settle(&house).await;
    let request = house.ports().requests.find(id).await.unwrap().unwrap();
    assert_eq!(request.status.word(), StatusWord::Released, "{:?}", request.status);
    let zip = world.dir().join(format!("release/approved_egress/ws1/{id}/egress_data.zip"));
    assert!(std::fs::metadata(zip).unwrap().len() > 0);
    assert_eq!(house.ports().objects.belongings(Area::Release, id).await.unwrap().len(), 1);
    assert!(std::fs::read_dir(world.dir().join("outbox")).unwrap().count() > 0);
    assert_eq!(house.engine().open_executions(), 0);
    assert!(house.close().await);

    let looked_at = ReadOnlyHouse::open(&world.dir(), &world.options()).unwrap();
    assert!(looked_at.ports().requests.find(id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_directory_has_one_process_at_a_time_and_anybody_may_look() {
    let world = World::new();
    let house = world.open().await;
    let refusal = House::open(&world.dir(), world.options()).await.unwrap_err().to_string();
    assert!(refusal.contains(&format!("process {}", std::process::id())), "{refusal}");
    assert!(matches!(House::init(&world.dir()), Err(OpenError::InUse { .. })));
    let looked_at = ReadOnlyHouse::open(&world.dir(), &world.options()).unwrap();
    let slip = Slip::first(RequestId::new(uuid::Uuid::nil()), 1);
    let name = ExecutionName { request: slip.request, run: 1 };
    assert_eq!(looked_at.ports().orchestrator.describe(name).await.unwrap(), Execution::Unknown);
    assert_eq!(looked_at.ports().orchestrator.begin(name, &slip).await.unwrap_err().kind, Kind::Denied);
    assert!(house.close().await);
    assert!(world.open().await.close().await);
}

#[tokio::test]
async fn a_directory_is_made_once_and_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let key = std::fs::read(world.dir().join("keys/seal.key")).unwrap();
    std::fs::write(world.dir().join("lockgate.toml"), "[house]\nname = \"Ours\"\n").unwrap();
    House::init(&world.dir()).unwrap();
    assert_eq!(std::fs::read(world.dir().join("keys/seal.key")).unwrap(), key);
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(world.dir()), mode(world.dir().join("keys"))), (0o700, 0o700));
    assert_eq!(mode(world.dir().join("lockgate.db")), 0o600);
    let house = world.open().await;
    assert_eq!(house.config().house.name, "Ours");
}

#[tokio::test]
async fn what_is_no_data_directory_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let world = World { folder: Some(folder), ..World::default() };
    let absent = House::open(&world.dir(), world.options()).await.unwrap_err();
    assert!(absent.to_string().contains("lockgate init"), "{absent}");
    std::fs::create_dir(world.dir()).unwrap();
    std::fs::write(world.dir().join("thesis.doc"), b"x").unwrap();
    assert!(matches!(House::init(&world.dir()), Err(OpenError::Foreign(_))));
    assert_eq!(std::fs::read_dir(world.dir()).unwrap().count(), 1);
}

#[tokio::test]
async fn chores_are_done_by_themselves_and_come_to_an_end() {
    let world = World::new();
    let options = Options { does_chores: true, ..world.options() };
    let house = House::open(&world.dir(), options).await.unwrap();
    let files = tempfile::tempdir().unwrap();
    std::fs::write(files.path().join("a.csv"), b"n,12\n").unwrap();
    let id = submit_folder(&house, files.path()).await.id;
    let in_review = async {
        loop {
            let request = house.ports().requests.find(id).await.unwrap().unwrap();
            if request.status.word() == StatusWord::InReview {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    // Long before the chores' next round: the commit itself had the run begun.
    tokio::time::timeout(std::time::Duration::from_secs(4), in_review).await.unwrap();
    assert!(house.close().await);
}

#[test]
fn the_ballast_takes_room_and_gives_it_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ballast");
    let ballast = super::ballast::Ballast::new(&path, 1 << 20);
    ballast.load().unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 1 << 20);
    ballast.drop_overboard();
    ballast.drop_overboard();
    assert!(!path.exists());
}
