//! A mail server that says no.

use jiff::SignedDuration;
use tests::scene::{IRIS, IVAN, OLGA, RITA};
use tests::sink::{Mood, Point};
use workflow::actions::{administer, revoke};
use workflow::domain::audit::Fact;
use workflow::domain::decision::Opinion;
use workflow::domain::status::StatusWord;
use workflow::domain::text::Reason;
use workflow::ports::outbox::Drawer;

use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mail_server_is_down_for_an_hour_and_the_review_goes_on() {
    let house = House::open().await;
    house.sink.be(Point::Greeting, Mood::Drop);
    house.receive().await;
    house.scene.decide(IRIS, Opinion::Approve).await.unwrap();
    for _ in 0..12 {
        house.scene.pass(SignedDuration::from_mins(5)).await;
    }
    let request = house.scene.decide(RITA, Opinion::Approve).await.unwrap();
    house.scene.settle().await;
    assert!(house.sink.arrived().is_empty());
    assert_eq!(house.scene.request().await.unwrap().status.word(), StatusWord::Released);
    house.sink.mend();
    house.recover().await;
    assert!(house.counts().values().all(|count| *count == 1), "{:?}", house.counts());
    assert_eq!(house.told("Released"), [request.requesters[0].email.as_str()]);
    assert!(house.told("Review wanted").is_empty(), "nobody is asked for what was decided meanwhile");
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_wants_to_be_asked_later_is_and_nobody_is_written_to_twice() {
    for (point, line) in [
        (Point::Greeting, "421 4.3.2 going down"),
        (Point::From, "451 4.7.1 greylisted"),
        (Point::To, "450 4.2.0 mailbox busy"),
        (Point::Data, "452 4.3.1 disk full"),
        (Point::End, "451 4.3.0 try later"),
        (Point::From, "550 5.7.1 we do not know you yet"),
    ] {
        let house = House::open().await;
        house.sink.be(point, Mood::Say(line));
        house.receive().await;
        let due = house.drawer(Drawer::Due).await;
        assert!(!due.is_empty() && house.drawer(Drawer::Undeliverable).await.is_empty(), "{line}");
        let trouble = due[0].trouble.clone().unwrap();
        assert!(trouble.contains(&line[4..]), "{line}: {trouble}");
        house.sink.mend();
        house.release().await;
        house.recover().await;
        assert!(house.counts().values().all(|count| *count == 1), "{line}: {:?}", house.counts());
        house.scene.hold().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_refused_for_good_is_on_the_request_on_the_list_and_told_to_operators() {
    let house = House::open().await;
    house.sink.be_to(IRIS, Point::To, Mood::Say("550 5.1.1 no such\tmailbox here"));
    house.receive().await;
    assert_eq!(house.told("Review wanted"), [IVAN]);
    assert_eq!(house.told("A letter could not be delivered"), [OLGA]);
    let given_up = house.drawer(Drawer::Undeliverable).await;
    assert_eq!(given_up.len(), 1);
    let trouble = given_up[0].trouble.clone().unwrap();
    assert!(trouble.contains("answered 550 to the address: 5.1.1 no such mailbox here"), "{trouble}");
    let trail = house.scene.ports().requests.trail(given_up[0].id.request, 0, 100).await.unwrap();
    assert!(
        trail
            .iter()
            .any(|event| matches!(&event.fact, Fact::Undeliverable { message, .. } if *message == given_up[0].id))
    );
    house.scene.decide(IRIS, Opinion::Approve).await.unwrap();
    house.scene.settle().await;
    house.scene.decide(RITA, Opinion::Approve).await.unwrap();
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_was_refused_for_good_is_sent_once_the_address_is_right_and_an_operator_says_so() {
    let house = House::open().await;
    house.sink.be_to(IRIS, Point::End, Mood::Say("554 5.7.1 we do not like it"));
    house.receive().await;
    let id = house.drawer(Drawer::Undeliverable).await.remove(0).id;
    house.sink.mend();
    let olga = house.scene.caller(OLGA).await;
    workflow::actions::retry_message::run(house.scene.ports(), &olga, id).await.unwrap();
    house.scene.settle().await;
    assert_eq!(house.told("Review wanted"), [IRIS, IVAN]);
    let posting = house.scene.ports().outbox.find(id).await.unwrap().unwrap();
    assert!(posting.settled && posting.deliveries.iter().all(|delivery| delivery.answer == "250 2.0.0 queued as 4711"));
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_requester_who_cannot_be_written_to_changes_nothing_about_the_outcome() {
    let house = House::open().await;
    house.receive().await;
    let ada = house.scene.request().await.unwrap().requesters[0].email.clone();
    house.sink.be_to(ada.as_str(), Point::To, Mood::Say("552 5.2.2 over quota"));
    let request = house.release().await;
    assert_eq!(request.status.word(), StatusWord::Released);
    assert_eq!(house.told("A letter could not be delivered"), [OLGA]);
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_told_of_one_event_for_two_reasons_is_told_once() {
    let house = House::open().await;
    let request = house.release().await;
    let ports = house.scene.ports();
    let mut ada = ports.people.by_email(&request.requesters[0].email).await.unwrap().unwrap();
    ada.memberships.extend(ports.people.by_email(&tests::builders::email(OLGA)).await.unwrap().unwrap().memberships);
    administer::enter_person(ports, &administer::Hand::default(), &ada).await.unwrap();
    let reason = Reason::parse("a cell was too small").unwrap();
    revoke::run(ports, &house.scene.caller(OLGA).await, request.id, reason).await.unwrap();
    house.scene.settle().await;
    assert_eq!(house.told("Release called back"), [ada.who.email.as_str(), OLGA]);
    house.scene.hold().await;
}
