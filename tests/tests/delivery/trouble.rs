//! What happens when mail fails: nobody else waits, nobody is written to twice, nothing is lost.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use workflow::chores::deliver;
use workflow::domain::outbox::Errand;
use workflow::ports::outbox::{Delivery, Drawer};

use tests::builders::request_id;
use workflow::domain::audit::Fact;

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
    assert_eq!(posting.deliveries.iter().map(|delivery| &delivery.to).collect::<Vec<_>>(), [&ivan().who.email]);
    let trouble = posting.trouble.unwrap();
    assert!(trouble.contains("iris@trust.example") && trouble.contains("550"), "{trouble}");
    house.post.mend();
    house.post.take();
    house.ports.outbox.retry(posting.id, house.ports.clock.now()).await.unwrap();
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
    let delivery = Delivery { to: reached, at: now, answer: "taken".into(), came_back: None };
    house.ports.outbox.deliver(&[letter.message.id], &delivery).await.unwrap();
    assert_eq!(house.deliver().await.messages, 0);
    house.pass("10m");
    house.deliver().await;
    assert_eq!(house.post.take().into_iter().map(|(to, _)| to).collect::<Vec<_>>(), ["iris@trust.example"]);
    assert_eq!(house.drawer(Drawer::Due).await, []);
}

#[tokio::test]
async fn what_is_given_up_is_on_the_requests_record_and_told_to_operators_without_end() {
    let house = House::with_people(&[iris(), olga()]).await;
    house.post.fail("iris@trust.example", Fault::Refused);
    house.post.fail("olga@trust.example", Fault::Refused);
    house.tell(&review_wanted(1, "store")).await;
    for _ in 0..5 {
        house.deliver().await;
    }
    let request = house.ports.requests.find(request_id(1)).await.unwrap().unwrap();
    assert_eq!(house.drawer(Drawer::Undeliverable).await.len(), 2, "the letter, and the word to the operator about it");
    let trail = house.ports.requests.trail(request.id, 0, 100).await.unwrap();
    let noted: Vec<_> = trail.iter().filter(|event| matches!(event.fact, Fact::Undeliverable { .. })).collect();
    assert_eq!(noted.len(), 1);
    assert!(matches!(&noted[0].fact, Fact::Undeliverable { trouble, .. } if trouble.contains("550 no such mailbox")));
    house.post.mend();
    for posting in house.drawer(Drawer::Undeliverable).await {
        house.ports.outbox.retry(posting.id, house.ports.clock.now()).await.unwrap();
    }
    house.post.take();
    house.deliver().await;
    let told = house.post.take();
    let olga = "A letter could not be delivered: Marriage survey-egress-store";
    assert!(told.contains(&("olga@trust.example".into(), olga.into())), "{told:?}");
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn a_message_that_is_retried_has_all_its_attempts_again() {
    let mut house = House::with_people(&[iris()]).await;
    house.settings.attempts = 2;
    house.post.fail("iris@trust.example", Fault::Down);
    house.tell(&review_wanted(1, "store")).await;
    house.deliver().await;
    house.pass("1h");
    house.deliver().await;
    let id = house.drawer(Drawer::Undeliverable).await.remove(0).id;
    house.ports.outbox.retry(id, house.ports.clock.now()).await.unwrap();
    house.deliver().await;
    let posting = house.ports.outbox.find(id).await.unwrap().unwrap();
    assert_eq!((posting.undeliverable, posting.attempts), (false, 1));
}

#[tokio::test]
async fn a_mail_that_was_perhaps_sent_never_comes_back_within_a_digest() {
    let mut house = House::with_people(&[iris()]).await;
    house.settings.mails_per_hour.in_all = 3;
    house.post.fail("iris@trust.example", Fault::AnswerLost);
    for number in 1..=3 {
        house.tell(&review_wanted(number, &format!("store-{number}"))).await;
    }
    house.deliver().await;
    house.post.mend();
    house.pass("2h");
    house.deliver().await;
    let names: Vec<_> =
        house.post.mails().into_iter().filter(|mail| mail.to == iris().who.email).map(|mail| mail.name).collect();
    assert_eq!((names.len(), names.iter().collect::<BTreeSet<_>>().len()), (6, 3));
}
