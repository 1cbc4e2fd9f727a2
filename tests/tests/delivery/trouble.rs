//! What happens when mail fails: nobody else waits, nobody is written to twice, nothing is lost.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use workflow::chores::deliver;
use workflow::domain::outbox::Errand;
use workflow::ports::outbox::Drawer;

use crate::house::{Fault, House, iris, ivan, olga, review_wanted};

#[tokio::test]
async fn who_could_not_be_reached_is_written_to_later_and_the_others_once() {
    let house = House::with_people(&[iris(), ivan()]).await;
    house.post.fail("ivan@trust.example", Fault::Down);
    house.tell(&review_wanted(1, "store")).await;
    let delivered = house.deliver().await;
    assert_eq!((delivered.mails, delivered.settled, delivered.postponed), (2, 2, 1));
    house.post.take();
    assert_eq!(house.deliver().await.messages, 0, "it is not due yet");
    house.post.mend();
    house.pass("30s");
    house.deliver().await;
    let again: Vec<_> = house.post.take().into_iter().map(|(to, _)| to).collect();
    assert_eq!(again, ["ivan@trust.example"]);
    assert_eq!(house.drawer(Drawer::Due).await, []);
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_sent_again_under_its_name() {
    let house = House::with_people(&[iris()]).await;
    house.post.fail("iris@trust.example", Fault::AnswerLost);
    house.tell(&review_wanted(1, "store")).await;
    house.deliver().await;
    house.post.mend();
    house.pass("30s");
    house.deliver().await;
    let names: Vec<_> = house.post.mails().into_iter().filter(|mail| mail.to == iris().who.email).collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0], names[1]);
}

#[tokio::test]
async fn a_refused_address_is_on_the_operators_list_and_the_others_have_their_mail() {
    let house = House::with_people(&[iris(), ivan()]).await;
    house.post.fail("iris@trust.example", Fault::Refused);
    house.tell(&review_wanted(1, "store")).await;
    assert_eq!(house.deliver().await.given_up, 1);
    let posting = house.drawer(Drawer::Undeliverable).await.remove(0);
    assert_eq!(posting.delivered_to, [ivan().who.email]);
    let trouble = posting.trouble.unwrap();
    assert!(trouble.contains("iris@trust.example") && trouble.contains("550"), "{trouble}");
    house.post.mend();
    house.post.take();
    house.ports.outbox.retry(posting.message.id, house.ports.clock.now()).await.unwrap();
    house.deliver().await;
    assert_eq!(house.post.take().into_iter().map(|(to, _)| to).collect::<Vec<_>>(), ["iris@trust.example"]);
}

#[tokio::test]
async fn what_never_works_is_given_up_in_the_end() {
    let mut house = House::with_people(&[iris(), olga()]).await;
    house.settings.attempts = 4;
    house.post.fail("iris@trust.example", Fault::Down);
    house.tell(&review_wanted(1, "store")).await;
    let mut attempts = 0;
    while house.drawer(Drawer::Undeliverable).await.is_empty() {
        house.deliver().await;
        house.pass("1h");
        attempts += 1;
        assert!(attempts <= 4, "it is tried for ever");
    }
    assert_eq!(attempts, 4);
}

#[tokio::test]
async fn deliverers_at_once_write_to_everybody_once() {
    let house = House::with_people(&[iris(), ivan()]).await;
    for number in 1..=5 {
        house.tell(&review_wanted(number, &format!("store-{number}"))).await;
    }
    join_all((0..4).map(|_| deliver::run(&house.ports, &house.settings))).await.into_iter().for_each(|ran| {
        ran.unwrap();
    });
    let names: Vec<_> = house.post.mails().into_iter().map(|mail| mail.name).collect();
    assert_eq!(names.len(), 5 * 3);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert_eq!(house.drawer(Drawer::Due).await, []);
}

#[tokio::test]
async fn what_a_deliverer_left_behind_is_taken_up_when_its_lease_is_over() {
    let house = House::with_people(&[iris()]).await;
    house.tell(&review_wanted(1, "store")).await;
    let now = house.ports.clock.now();
    let leased = house.ports.outbox.lease(now, now + house.settings.lease_for, 100).await.unwrap();
    let letter = leased.iter().find(|leased| matches!(leased.message.errand, Errand::Tell { .. })).unwrap();
    let reached =
        house.ports.requests.find(letter.message.id.request).await.unwrap().unwrap().requesters[0].email.clone();
    house.ports.outbox.deliver(letter.message.id, &reached, now).await.unwrap();
    assert_eq!(house.deliver().await.messages, 0);
    house.pass("10m");
    house.deliver().await;
    assert_eq!(house.post.take().into_iter().map(|(to, _)| to).collect::<Vec<_>>(), ["iris@trust.example"]);
    assert_eq!(house.drawer(Drawer::Due).await, []);
}
