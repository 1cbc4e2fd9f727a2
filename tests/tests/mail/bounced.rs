//! Mails that the mail server took and that came back.

use tests::builders::email;
use tests::scene::{IRIS, IVAN, OLGA, RITA};
use workflow::actions::{ActionError, report_bounce, retry_message};
use workflow::domain::audit::Fact;
use workflow::domain::outbox::MessageId;
use workflow::domain::permission::Refusal;
use workflow::domain::text::Reason;
use workflow::ports::outbox::Drawer;

use crate::house::House;

/// The message that wants a review from Iris.
async fn review_wanted(house: &House) -> MessageId {
    let settled = house.drawer(Drawer::Settled).await;
    let wanted = settled.iter().find(|posting| posting.deliveries.iter().any(|one| one.to == email(IRIS)));
    wanted.expect("it reached her").id
}

async fn report(house: &House, who: &str, id: MessageId, to: &str) -> Result<(), ActionError> {
    let reason = Reason::parse("550 5.1.1 no such mailbox".to_owned()).unwrap();
    let caller = house.scene.caller(who).await;
    report_bounce::run(house.scene.ports(), &caller, id, (&email(to), &reason)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_an_operator_says_came_back_is_on_the_list_and_on_the_request_and_can_be_sent_again() {
    let house = House::open().await;
    house.receive().await;
    assert_eq!(house.told("Review wanted"), [IRIS, IVAN]);
    let id = review_wanted(&house).await;
    for _ in 0..2 {
        report(&house, OLGA, id, IRIS).await.unwrap();
        house.scene.settle().await;
    }
    assert_eq!(house.told("A letter could not be delivered"), [OLGA], "once");
    let listed = house.drawer(Drawer::Undeliverable).await;
    assert_eq!(listed.iter().map(|posting| posting.id).collect::<Vec<_>>(), [id]);
    let trail = house.scene.ports().requests.trail(id.request, 0, 100).await.unwrap();
    let noted =
        trail.iter().filter(|event| matches!(&event.fact, Fact::Undeliverable { message, .. } if *message == id));
    assert_eq!(noted.count(), 1);
    let olga = house.scene.caller(OLGA).await;
    retry_message::run(house.scene.ports(), &olga, id).await.unwrap();
    house.scene.settle().await;
    assert_eq!(house.told("Review wanted"), [IRIS, IRIS, IVAN], "nobody else is written to twice");
    assert_eq!(house.drawer(Drawer::Undeliverable).await, []);
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_operators_say_so_and_only_of_mails_that_were_sent() {
    let house = House::open().await;
    house.receive().await;
    let id = review_wanted(&house).await;
    for who in [IRIS, RITA] {
        let refused = report(&house, who, id, IRIS).await.unwrap_err();
        assert!(matches!(refused, ActionError::Refused(_)), "{refused}");
    }
    for (id, to) in [(id, RITA), (MessageId { sequence: 99, ..id }, IRIS)] {
        let refused = report(&house, OLGA, id, to).await.unwrap_err();
        assert!(matches!(refused, ActionError::Refused(Refusal::NoSuchItem)), "{refused}");
    }
    house.scene.settle().await;
    assert_eq!(house.drawer(Drawer::Undeliverable).await, []);
    house.scene.hold().await;
}
