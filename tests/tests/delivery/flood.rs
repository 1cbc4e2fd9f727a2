//! Nobody gets more mails than they can read, and nobody misses a letter.

use jiff::SignedDuration;
use tests::builders::{RESEARCHER, commit, email, request_id};
use workflow::chores::deliver::bounce::{self, Bounce};
use workflow::domain::audit::Actor;
use workflow::domain::permission::may_comment;
use workflow::domain::text::Reason;
use workflow::ports::outbox::{Drawer, Posting};

use crate::house::{House, iris, olga, review_wanted, text};

fn to_iris(mails: &[(String, String)]) -> Vec<&str> {
    mails.iter().filter(|(to, _)| to == "iris@trust.example").map(|(_, subject)| subject.as_str()).collect()
}

#[tokio::test]
async fn beyond_the_hourly_measure_letters_come_as_one_mail_in_the_next_hour() {
    let mut house = House::with_people(&[iris(), olga()]).await;
    house.settings.mails_per_hour.in_all = 3;
    for number in 1..=10 {
        house.tell(&review_wanted(number, &format!("store-{number}"))).await;
    }
    house.deliver().await;
    let first = house.post.take();
    assert_eq!(to_iris(&first), ["Review wanted: Marriage survey-egress-store"; 3]);
    house.pass("58m");
    house.deliver().await;
    assert_eq!(to_iris(&house.post.take()), [""; 0], "the hour is not over");
    house.pass("1m");
    house.deliver().await;
    let digest = house.post.mails().into_iter().find(|mail| mail.to == iris().who.email).unwrap();
    assert_eq!(to_iris(&house.post.take()), ["7 letters in one"]);
    for number in 4..=10 {
        assert!(text(&digest).contains(&format!("/requests/{}", request_id(number))), "{number}");
    }
    assert_eq!(house.drawer(Drawer::Due).await, []);
    assert_eq!(house.drawer(Drawer::Undeliverable).await, []);
}

/// A house in which Iris got one letter by itself, and then three in one mail.
async fn with_a_digest_of_three() -> House {
    let mut house = House::with_people(&[iris()]).await;
    house.settings.mails_per_hour.in_all = 1;
    for number in 1..=4 {
        house.tell(&review_wanted(number, &format!("store-{number}"))).await;
    }
    house.deliver().await;
    house.pass("1h");
    house.post.answer("taken as 2");
    house.deliver().await;
    house
}

#[tokio::test]
async fn every_letter_of_a_mail_that_comes_back_is_undeliverable_and_no_other_is() {
    let (house, iris) = (with_a_digest_of_three().await, iris().who.email);
    let since = house.ports.clock.now() - SignedDuration::from_hours(2);
    let bounce =
        |answer: &str| Bounce { to: iris.clone(), answer: answer.into(), since, why: "no such mailbox".into() };
    let actor = Actor::chore("ses");
    assert_eq!(bounce::of_mail(&house.ports, &bounce("taken as 3"), &actor).await.unwrap(), 0, "nobody sent that one");
    assert_eq!(bounce::of_mail(&house.ports, &bounce("taken as 2"), &actor).await.unwrap(), 3);
    let given_up = house.drawer(Drawer::Undeliverable).await;
    assert_eq!(given_up.len(), 3);
    for posting in given_up {
        let delivery = posting.deliveries.into_iter().find(|delivery| delivery.to == iris).unwrap();
        assert_eq!((delivery.answer.as_str(), delivery.came_back.as_deref()), ("taken as 2", Some("no such mailbox")));
    }
}

#[tokio::test]
async fn who_reports_one_letter_of_a_mail_that_came_back_reports_all_of_them() {
    let (house, iris) = (with_a_digest_of_three().await, iris().who.email);
    let settled = house.drawer(Drawer::Settled).await;
    let in_digest =
        |posting: &&Posting| posting.deliveries.iter().any(|one| one.to == iris && one.answer == "taken as 2");
    let id = settled.iter().find(in_digest).unwrap().id;
    let operator = Actor::chore("an operator");
    for _ in 0..2 {
        assert!(bounce::of_mail_with(&house.ports, id, (&iris, "no such mailbox"), &operator).await.unwrap());
    }
    assert_eq!(house.drawer(Drawer::Undeliverable).await.len(), 3);
    let nobody = email("nobody@trust.example");
    assert!(!bounce::of_mail_with(&house.ports, id, (&nobody, "no such mailbox"), &operator).await.unwrap());
}

#[tokio::test]
async fn letters_that_come_one_by_one_are_counted_too() {
    let mut house = House::with_people(&[iris()]).await;
    house.settings.mails_per_hour.in_all = 3;
    let mut mails = Vec::new();
    for number in 1..=6 {
        house.tell(&review_wanted(number, &format!("store-{number}"))).await;
        house.deliver().await;
        mails.extend(house.post.take());
    }
    assert_eq!(to_iris(&mails).len(), 3);
}

#[tokio::test]
async fn one_persons_flood_keeps_nobody_else_from_their_letter() {
    let mut house = House::with_people(&[iris()]).await;
    house.settings.mails_per_hour.in_all = 1;
    for number in 1..=3 {
        house.tell(&review_wanted(number, &format!("store-{number}"))).await;
    }
    house.clear().await;
    house.ports.people.save(&crate::house::ivan()).await.unwrap();
    house.tell(&review_wanted(4, "store-4")).await;
    house.deliver().await;
    assert!(house.post.take().iter().any(|(to, _)| to == "ivan@trust.example"));
}

#[tokio::test]
async fn one_request_takes_no_more_than_its_share_of_anybodys_post() {
    let mut house = House::with_people(&[iris(), olga()]).await;
    house.settings.mails_per_hour.per_request = 2;
    let mut story = review_wanted(1, "store");
    house.tell(&story).await;
    house.tell(&review_wanted(2, "store-2")).await;
    for _ in 0..9 {
        story = story.then(|request, at| {
            let may = may_comment(&iris(), request).unwrap();
            let text = Reason::parse("Which tables?").unwrap();
            request.comment(&may, (text, None), Actor::person(iris().who), at)
        });
        commit(&*house.ports.requests, story.last()).await;
        house.deliver().await;
    }
    let to_ada = |mails: &[(String, String)]| -> Vec<String> {
        mails.iter().filter(|(to, _)| to == RESEARCHER).map(|(_, subject)| subject.clone()).collect()
    };
    let (received, word) =
        ("Received: Marriage survey-egress-store", "A word on your request: Marriage survey-egress-store");
    assert_eq!(to_ada(&house.post.take()), [word, received, received], "the other request's receipt came too");
    house.pass("1h");
    house.deliver().await;
    assert_eq!(to_ada(&house.post.take()), ["8 letters in one"]);
    assert_eq!(house.drawer(Drawer::Due).await, []);
}
