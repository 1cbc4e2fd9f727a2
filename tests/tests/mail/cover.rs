//! How mails are kept secret on their way, and who signs in.

use tests::sink::{Arrived, Cover, Sink};
use workflow::ports::outbox::Drawer;

use crate::house::House;

const USER: (&str, &str) = ("LOCKGATE_MAIL_SMTP_USER", "gate");
const PASSWORD: (&str, &str) = ("LOCKGATE_MAIL_PASSWORD", "canary-password");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_encrypted_and_somebody_has_signed_in() {
    for cover in [Cover::Starttls, Cover::Tls] {
        let sink = Sink::with(cover, Some(("gate", "canary-password"))).await;
        let house = House::with(sink, &[USER, PASSWORD]).await;
        house.release().await;
        let arrived = house.sink.arrived();
        assert!(!arrived.is_empty());
        assert!(arrived.iter().all(|Arrived { is_secret, user, .. }| *is_secret && user.as_deref() == Some("gate")));
        assert_eq!(house.sink.connections(), 1);
        house.scene.hold().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_not_taken_gives_no_mail_up_and_is_shown_nowhere() {
    let sink = Sink::with(Cover::Starttls, Some(("gate", "another"))).await;
    let house = House::with(sink, &[USER, PASSWORD]).await;
    house.receive().await;
    assert!(house.sink.arrived().is_empty());
    assert!(house.drawer(Drawer::Undeliverable).await.is_empty());
    let due = house.drawer(Drawer::Due).await;
    let troubles: Vec<_> = due.iter().filter_map(|posting| posting.trouble.clone()).collect();
    assert!(troubles.iter().all(|trouble| trouble.contains("535 to the sign-in: 5.7.8 who are you?")), "{troubles:?}");
    let shown = format!("{troubles:?} {:?} {:?}", house.scene.house.config(), house.scene.house);
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_prove_its_name_is_told_nothing() {
    let other = Sink::with(Cover::None, None).await;
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("foreign.pem");
    std::fs::write(&foreign, &other.certificate).unwrap();
    let foreign = foreign.display().to_string();
    for cover in [Cover::Starttls, Cover::Tls] {
        let house = House::with(Sink::with(cover, None).await, &[("LOCKGATE_MAIL_SMTP_CA", &foreign)]).await;
        house.receive().await;
        assert!(house.sink.arrived().is_empty());
        let due = house.drawer(Drawer::Due).await;
        assert!(due[0].trouble.as_deref().is_some_and(|trouble| trouble.contains("certificate")), "{due:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_starttls_is_told_nothing_where_it_is_wanted() {
    let house = House::with(Sink::open().await, &[("LOCKGATE_MAIL_SMTP_SECURITY", "starttls")]).await;
    house.receive().await;
    assert!(house.sink.arrived().is_empty());
    let due = house.drawer(Drawer::Due).await;
    assert!(due[0].trouble.as_deref().is_some_and(|trouble| trouble.contains("STARTTLS")), "{due:?}");
}
