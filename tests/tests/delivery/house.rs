//! A house of one machine whose post can fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use infra_embedded::database::Mode;
use infra_embedded::disk::Disk;
use infra_embedded::object_store::Ground;
use infra_embedded::source::Mapped;
use infra_embedded::{
    AccessLog, Database, EgressStore, Engine, Intake, Keys, ObjectStore, Outbox, People, Policies, RequestStore,
    Sessions, SourceArea, Uploads, Workers,
};
use tempfile::TempDir;
use tests::builders::{Story, commit_all, email, person};
use tests::world::{SeededIds, SimClock};
use workflow::chores::deliver::{self, Delivered, Settings};
use workflow::domain::audit::Actor;
use workflow::domain::email::Email;
use workflow::domain::person::Person;
use workflow::domain::text::Title;
use workflow::letter::Sender;
use workflow::ports::mailer::Mail;
use workflow::ports::outbox::{Drawer, Posting};
use workflow::ports::{Clock, Ids, Kind, Mailer, PortError, PortResult, Ports};

/// What the post answers for an address.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// It does not work now.
    Down,
    /// It never will.
    Refused,
    /// The mail goes out, and the answer gets lost.
    AnswerLost,
}

/// A way for mails to leave, with faults by address.
#[derive(Debug, Default)]
pub(crate) struct Post {
    sent: Mutex<Vec<Mail>>,
    faults: Mutex<BTreeMap<Email, Fault>>,
    answer: Mutex<Option<String>>,
}

impl Post {
    pub(crate) fn fail(&self, address: &str, fault: Fault) {
        self.faults.lock().unwrap().insert(email(address), fault);
    }

    /// What it says from now on as it takes a mail.
    pub(crate) fn answer(&self, answer: &str) {
        *self.answer.lock().unwrap() = Some(answer.to_owned());
    }

    pub(crate) fn mend(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// Takes out what was sent since the last time: to whom, and the subject.
    pub(crate) fn take(&self) -> Vec<(String, String)> {
        let mut sent: Vec<_> =
            self.sent.lock().unwrap().drain(..).map(|mail| (mail.to.to_string(), subject(&mail))).collect();
        sent.sort();
        sent
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.sent.lock().unwrap().clone()
    }
}

pub(crate) fn text(mail: &Mail) -> String {
    String::from_utf8(mail.text.clone()).unwrap().replace("=\r\n", "").replace("\r\n", "\n")
}

fn subject(mail: &Mail) -> String {
    text(mail).lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned()
}

#[async_trait]
impl Mailer for Post {
    async fn send(&self, mail: &Mail) -> PortResult<String> {
        let answer = self.answer.lock().unwrap().clone();
        let fault = self.faults.lock().unwrap().get(&mail.to).copied();
        let error = |kind, why: &str| Err::<String, _>(PortError::new("mailer", "send", kind).because(why.to_owned()));
        match fault {
            Some(Fault::Down) => return error(Kind::Transient, "421 come back later"),
            Some(Fault::Refused) => return error(Kind::Denied, "550 no such mailbox"),
            Some(Fault::AnswerLost) | None => self.sent.lock().unwrap().push(mail.clone()),
        }
        if fault.is_some() {
            error(Kind::Transient, "the connection broke")
        } else {
            Ok(answer.unwrap_or_else(|| "taken".to_owned()))
        }
    }
}

/// A house with a researcher's requests in it and a clock that stands still.
pub(crate) struct House {
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) post: Arc<Post>,
    pub(crate) settings: Settings,
    _folder: TempDir,
}

impl House {
    pub(crate) async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SimClock::at(tests::builders::at(60)));
        let post = Arc::new(Post::default());
        let ports = ports(folder.path(), &clock, &post).await;
        let name = Title::parse("Gate").unwrap();
        let sender =
            Sender::new(email("gate@trust.example"), name, "https://gate.trust.example".parse().unwrap()).unwrap();
        Self { ports, clock, post, settings: Settings::new(sender), _folder: folder }
    }

    pub(crate) async fn with_people(people: &[Person]) -> Self {
        let house = Self::build().await;
        for person in people {
            house.ports.people.save(person).await.unwrap();
        }
        house
    }

    pub(crate) async fn tell(&self, story: &Story) {
        commit_all(&*self.ports.requests, story).await;
    }

    pub(crate) async fn deliver(&self) -> Delivered {
        deliver::run(&self.ports, &self.settings).await.unwrap()
    }

    /// Delivers what there is, without anybody's looking at it.
    pub(crate) async fn clear(&self) {
        self.deliver().await;
        self.post.take();
    }

    pub(crate) fn pass(&self, by: &str) {
        self.clock.advance(by.parse().unwrap());
    }

    pub(crate) async fn drawer(&self, drawer: Drawer) -> Vec<Posting> {
        self.ports.outbox.list(drawer, 1_000).await.unwrap()
    }
}

async fn ports(root: &std::path::Path, clock: &Arc<SimClock>, post: &Arc<Post>) -> Ports {
    let database = Database::open(&root.join("lockgate.db"), Mode::ReadWrite).unwrap();
    let disk = Disk::new(root.join("drafts"), None).unwrap();
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::of(1));
    Keys::create(&root.join("keys"), &disk).unwrap();
    let ground = Ground {
        root: root.to_owned(),
        disk,
        database: database.clone(),
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
        keep_free: 0,
    };
    let source = SourceArea::new(ground.clone(), Mapped::default());
    let definition = workflow::steps::DEFINITION;
    let engine = Engine::open(database.clone(), definition, Arc::clone(&clock), Arc::clone(&ids)).await.unwrap();
    Ports {
        uploads: Arc::new(Uploads::new(ground.clone(), source.clone())),
        objects: Arc::new(ObjectStore::new(ground, source)),
        requests: Arc::new(RequestStore::new(database.clone())),
        egress_stores: Arc::new(EgressStore::new(database.clone())),
        orchestrator: Arc::new(engine),
        outbox: Arc::new(Outbox::new(database.clone())),
        mailer: Arc::clone(post) as _,
        people: Arc::new(People::new(database.clone())),
        policies: Arc::new(Policies::new(database.clone())),
        intake: Arc::new(Intake::new(database.clone())),
        access_log: Arc::new(AccessLog::new(database.clone())),
        sessions: Arc::new(Sessions::new(database)),
        sealer: Arc::new(Keys::open(&root.join("keys")).unwrap()),
        workers: Arc::new(Workers::with_threads(1).unwrap()),
        clock,
        ids,
    }
}

/// A request whose reviewers are to be told.
pub(crate) fn review_wanted(number: u64, store: &str) -> Story {
    notified(Story::of_notice(number, store).admitted().staged())
}

pub(crate) fn notified(story: Story) -> Story {
    story.then(|request, at| {
        let actor = Actor::Step { state: "Notify".to_owned(), run: request.run };
        request.notify_reviewers(request.run, actor, at).unwrap().unwrap()
    })
}

pub(crate) fn iris() -> Person {
    person("iris@trust.example").in_group(tests::builders::FIRST_GROUP).build()
}

pub(crate) fn ivan() -> Person {
    person("ivan@trust.example").in_group(tests::builders::FIRST_GROUP).build()
}

pub(crate) fn olga() -> Person {
    person("olga@trust.example").in_group("operators").build()
}
