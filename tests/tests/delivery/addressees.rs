//! Who gets a letter, and who does not.

use tests::builders::{FIRST_GROUP, RESEARCHER, Story, at, person, two_stage};
use workflow::domain::audit::Actor;
use workflow::domain::decision::Opinion;
use workflow::ports::outbox::Drawer;

use crate::house::{House, iris, ivan, notified, olga, review_wanted, text};

const WANTED: &str = "Review wanted: Marriage survey-egress-store";

fn to(address: &str, subject: &str) -> (String, String) {
    (address.to_owned(), subject.to_owned())
}

#[tokio::test]
async fn only_those_who_may_decide_are_asked_to() {
    let requester = person(RESEARCHER).in_group(FIRST_GROUP).build();
    let gone = person("gone@trust.example").in_group(FIRST_GROUP).disabled().build();
    let elsewhere = person("else@trust.example").in_group_of(FIRST_GROUP, &["another-project"]).build();
    let house = House::with_people(&[iris(), ivan(), requester, gone, elsewhere, olga()]).await;
    house.tell(&review_wanted(1, "store")).await;
    let delivered = house.deliver().await;
    assert_eq!((delivered.mails, delivered.settled, delivered.postponed), (3, 3, 0));
    let received = to(RESEARCHER, "Received: Marriage survey-egress-store");
    assert_eq!(house.post.take(), [received, to("iris@trust.example", WANTED), to("ivan@trust.example", WANTED)]);
}

#[tokio::test]
async fn whoever_has_decided_is_not_asked_again() {
    let mut policy = two_stage();
    policy.stages[0].quorum = 2;
    let house = House::with_people(&[iris(), ivan()]).await;
    let story = Story::of_notice(1, "store").admitted_under(policy).staged().decided(&iris(), Opinion::Approve);
    house.tell(&notified(story)).await;
    house.deliver().await;
    let asked: Vec<_> = house.post.take().into_iter().filter(|(_, subject)| subject == WANTED).collect();
    assert_eq!(asked, [to("ivan@trust.example", WANTED)]);
}

#[tokio::test]
async fn a_letter_whose_moment_has_passed_is_done_without_a_mail() {
    let house = House::with_people(&[iris(), ivan()]).await;
    house.tell(&review_wanted(1, "store").decided(&iris(), Opinion::Approve)).await;
    let delivered = house.deliver().await;
    assert_eq!((delivered.mails, delivered.settled), (1, 3));
    assert_eq!(house.drawer(Drawer::Due).await, []);
}

#[tokio::test]
async fn what_nobody_would_get_goes_to_the_operators_and_says_so() {
    let house = House::with_people(&[olga()]).await;
    house.tell(&review_wanted(1, "store")).await;
    house.deliver().await;
    let mails = house.post.mails();
    let to_olga = mails.iter().find(|mail| mail.to == olga().who.email).unwrap();
    assert!(text(to_olga).contains("those of the group InformationGovernance who may decide at the stage Information"));
}

#[tokio::test]
async fn without_an_operator_it_waits_until_there_is_one() {
    let house = House::build().await;
    house.tell(&review_wanted(1, "store")).await;
    let delivered = house.deliver().await;
    assert_eq!((delivered.mails, delivered.postponed), (1, 1));
    let trouble = house.drawer(Drawer::Due).await.remove(0).trouble.unwrap();
    assert!(trouble.contains("there is nobody"), "{trouble}");
    house.ports.people.save(&olga()).await.unwrap();
    house.pass("30s");
    assert_eq!(house.deliver().await.mails, 1);
    assert_eq!(house.drawer(Drawer::Due).await, []);
}

#[tokio::test]
async fn the_requester_is_told_every_reason() {
    let house = House::with_people(&[iris()]).await;
    let story = review_wanted(1, "store").decided(&iris(), Opinion::Return).tallied().put_away().told();
    house.tell(&story).await;
    house.deliver().await;
    let mails = house.post.mails();
    let outcome = mails.iter().map(text).find(|text| text.contains("Subject: Returned to you")).unwrap();
    assert!(outcome.contains("Information Governance, iris@trust.example: returned, with this reason:"));
    assert!(outcome.contains("> Looked at every table."));
}

#[tokio::test]
async fn a_failure_is_told_to_every_operator() {
    let second = person("omar@trust.example").in_group("operators").build();
    let house = House::with_people(&[olga(), second]).await;
    let cause = workflow::domain::status::Cause {
        state: "Stage".into(),
        error: "Lockgate.Missing".into(),
        sentence: "a version is gone".into(),
    };
    let actor = || Actor::Step { state: "RecordFailure".to_owned(), run: 1 };
    let story =
        Story::of_notice(1, "store").admitted().then(|request, at| request.fail(1, cause, actor(), at).unwrap());
    assert!(story.next_at() < at(60));
    house.tell(&story).await;
    house.deliver().await;
    let failed = "Failed, needs an operator: Marriage survey-egress-store";
    assert_eq!(house.post.take()[1..], [to("olga@trust.example", failed), to("omar@trust.example", failed)]);
}
