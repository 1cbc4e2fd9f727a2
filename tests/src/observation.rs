//! What an onlooker sees of a house once a story is over, as one text: where the request stands, what is on record, which
//! objects are left, who got which mail, and what the engine still has open.

use std::fmt::Write as _;
use std::path::Path;

use mail_parser::MessageParser;
use workflow::domain::outward::egress_status;
use workflow::domain::request::Request;
use workflow::ports::Ports;
use workflow::ports::object_store::Area;
use workflow::ports::outbox::Drawer;

use crate::scene::{Scene, sample_id};

/// Describes the sample's request in its house. Names that are drawn and bytes that are signed are left out, so that the
/// text is the same in every run.
pub async fn observe(scene: &Scene) -> String {
    let request = scene.request().await.unwrap();
    let mut text = String::new();
    standing(scene.ports(), &request, &mut text).await;
    record(scene.ports(), &mut text).await;
    objects(scene.ports(), &mut text).await;
    mails(&scene.house.dir().join("outbox"), &mut text);
    rest(scene, &mut text).await;
    text
}

async fn standing(ports: &Ports, request: &Request, text: &mut String) {
    let store = request.store.as_ref().unwrap();
    let upstream = ports.egress_stores.status(store).await.unwrap();
    writeln!(text, "{}, round {}", request.status, request.round().number).unwrap();
    writeln!(text, "outwards {}, platform's store {}", egress_status(request), upstream.unwrap_or_default()).unwrap();
}

async fn record(ports: &Ports, text: &mut String) {
    writeln!(text, "\nrecord").unwrap();
    for event in ports.requests.trail(sample_id(), 0, 1_000).await.unwrap() {
        let word = event.fact.word();
        assert_eq!(serde_json::to_value(&event.fact).unwrap()["fact"], word, "a fact is called as it is stored");
        let at = event.at.strftime("%m-%d %H:%M:%S");
        writeln!(text, "{:>3} {at}  {}: {word} -> {}", event.sequence, event.actor, event.status.as_str()).unwrap();
    }
}

async fn objects(ports: &Ports, text: &mut String) {
    for area in [Area::Staging, Area::Release] {
        let mut keys: Vec<String> =
            ports.objects.belongings(area, sample_id()).await.unwrap().into_iter().map(|object| object.key).collect();
        keys.sort();
        writeln!(text, "\n{} objects: {}", area.as_str(), keys.len()).unwrap();
        for key in keys {
            writeln!(text, "  {}", key.replace(&sample_id().to_string(), "<request>")).unwrap();
        }
    }
    let open = ports.objects.assemblies().await.unwrap().len();
    writeln!(text, "\nopen assemblies: {open}").unwrap();
}

fn mails(folder: &Path, text: &mut String) {
    let files = std::fs::read_dir(folder).map_or_else(|_| Vec::new(), |entries| entries.map(Result::unwrap).collect());
    let mut lines: Vec<String> = files.iter().map(|file| mail(&std::fs::read(file.path()).unwrap())).collect();
    lines.sort();
    writeln!(text, "\nmails: {}", lines.len()).unwrap();
    for line in lines {
        writeln!(text, "  {line}").unwrap();
    }
}

fn mail(bytes: &[u8]) -> String {
    let mail = MessageParser::default().parse(bytes).unwrap();
    let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default();
    format!("{to}: {}", mail.subject().unwrap_or_default())
}

async fn rest(scene: &Scene, text: &mut String) {
    let drawer = |drawer| async move { scene.ports().outbox.list(drawer, 1_000).await.unwrap().len() };
    writeln!(
        text,
        "\noutbox: {} due, {} undeliverable",
        drawer(Drawer::Due).await,
        drawer(Drawer::Undeliverable).await
    )
    .unwrap();
    writeln!(text, "open executions: {}", scene.house.engine().open_executions()).unwrap();
}
