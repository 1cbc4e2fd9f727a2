//! A mail server that says nothing.

use std::time::Duration;

use infra_embedded::mailer::{Security, Server, Smtp};
use tests::builders::email;
use tests::scene::{IRIS, RITA};
use tests::sink::{Mood, Point, Sink};
use workflow::domain::decision::Opinion;
use workflow::ports::mailer::Mail;
use workflow::ports::outbox::Drawer;
use workflow::ports::{Kind, Mailer as _};

use crate::house::House;

const SHORT: (&str, &str) = ("LOCKGATE_MAIL_SMTP_TIMEOUT", "250 milliseconds");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_keeps_no_request_from_going_on() {
    for point in [Point::Greeting, Point::From, Point::To, Point::Data] {
        let house = House::with(Sink::open().await, &[SHORT]).await;
        house.sink.be(point, Mood::Hang);
        house.receive().await;
        let due = house.drawer(Drawer::Due).await;
        assert!(
            due.iter().any(|posting| posting.trouble.as_deref().is_some_and(|t| t.contains("did not answer within")))
        );
        house.scene.decide(IRIS, Opinion::Approve).await.unwrap();
        house.scene.settle().await;
        house.scene.decide(RITA, Opinion::Approve).await.unwrap();
        house.scene.settle().await;
        house.sink.mend();
        house.recover().await;
        assert!(house.counts().values().all(|count| *count == 1), "{:?}", house.counts());
        assert_eq!(house.told("Released").len(), 1);
        house.scene.hold().await;
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_waited_for_once_and_not_once_for_every_mail() {
    let sink = Sink::open().await;
    sink.be(Point::To, Mood::Hang);
    let smtp = Smtp::new(Server {
        host: "localhost".into(),
        port: sink.address.port(),
        security: Security::None,
        credentials: None,
        own_name: "gate.example".into(),
        within: Duration::from_secs(3),
    });
    for number in 1..=10 {
        let refused = smtp.send(&mail(number)).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Transient);
        assert!(refused.in_full().contains("did not answer within 3 seconds"), "{}", refused.in_full());
    }
    assert_eq!(sink.connections(), 1);
}

fn mail(number: u32) -> Mail {
    let (from, to) = (email("gate@example.org"), email("ada@example.org"));
    Mail { name: format!("r.{number}.0"), from, to, text: b"Subject: x\r\n\r\nx\r\n".to_vec() }
}
