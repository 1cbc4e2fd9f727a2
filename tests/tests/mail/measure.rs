//! How fast mails leave: `cargo nextest run -p tests --test mail --run-ignored only --no-capture measure`.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use infra_embedded::House;
use infra_embedded::house::sender;
use tests::builders::{NOTICE, at, request_id};
use tests::scene::Setting;
use tests::sink::Sink;
use workflow::chores::deliver;
use workflow::domain::id::ExecutionName;
use workflow::domain::notice::Notice;
use workflow::domain::request::Request;
use workflow::domain::slip::Slip;
use workflow::ports::orchestrator::Execution;
use workflow::ports::{Orchestrator, PortResult};

const MAILS: u64 = 10_000;

/// Begins nothing: what is measured is the post.
struct Still;

#[async_trait]
impl Orchestrator for Still {
    async fn begin(&self, _name: ExecutionName, _slip: &Slip) -> PortResult<()> {
        Ok(())
    }

    async fn wake(&self, _token: &str) -> PortResult<()> {
        Ok(())
    }

    async fn describe(&self, _name: ExecutionName) -> PortResult<Execution> {
        Ok(Execution::Running)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: it takes minutes"]
async fn ten_thousand_mails_leave() {
    let sink = Sink::open().await;
    for (way, settings) in [("the folder", Vec::new()), ("a mail server", sink.settings())] {
        let folder = tempfile::tempdir().unwrap();
        let house = filled(&folder.path().join("house"), settings).await;
        let settings = deliver::Settings::new(sender(house.config()).unwrap());
        let (began, mut mails) = (Instant::now(), 0);
        while mails < MAILS {
            let delivered = deliver::run(house.ports(), &settings).await.unwrap();
            assert!(delivered.messages > 0, "{delivered:?}");
            mails += u64::from(delivered.mails);
        }
        let took = began.elapsed();
        let rate = u128::from(mails) * 1_000 / took.as_millis().max(1);
        println!("{mails} mails to {way} in {took:.1?}: {rate} a second");
    }
    assert_eq!(sink.arrived().len() as u64, MAILS);
}

/// A house with as many requests, each of somebody else.
async fn filled(dir: &Path, settings: Vec<(String, String)>) -> House {
    House::init(dir).unwrap();
    let mut options = Setting::quiet(3).options;
    options.environment.extend(settings);
    options.around_ports = Some(Arc::new(|mut ports| {
        ports.orchestrator = Arc::new(Still);
        ports
    }));
    let house = House::open(dir, options).await.unwrap();
    for number in 1..=MAILS {
        let mut wire: serde_json::Value = serde_json::from_str(NOTICE).unwrap();
        wire["id"] = request_id(number).to_string().into();
        wire["egress_store_id"] = format!("store-{number}").into();
        for field in ["created_by_email", "updated_by_email"] {
            wire[field] = format!("somebody-{number}@example.org").into();
        }
        let notice = Notice::parse(wire.to_string().as_bytes()).unwrap();
        let change = Request::receive(&notice, wire.to_string(), at(0));
        house.ports().requests.commit(&change).await.unwrap();
    }
    house
}
