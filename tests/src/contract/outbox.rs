//! The contract of [`Outbox`](workflow::ports::Outbox).

use std::collections::BTreeSet;

use futures_util::future::join_all;
use workflow::domain::outbox::{Message, MessageId};
use workflow::ports::Kind;
use workflow::ports::outbox::{Delivery, Drawer};

use super::Records;
use crate::builders::{Story, at, commit, email, request_id};

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("outbox.rs");

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! outbox_contract {
    ($make:path) => {
        $crate::contract!(
            outbox,
            $make,
            [
                messages_are_leased_oldest_first,
                a_message_is_not_due_before_its_time,
                a_leased_message_is_nobody_elses_until_the_lease_runs_out,
                two_who_lease_at_once_never_get_the_same_message,
                a_settled_message_never_comes_back,
                a_postponed_message_comes_back_at_its_time,
                a_message_that_was_given_up_waits_for_an_operator,
                whom_a_message_reached_is_remembered_once,
                what_reached_somebody_is_known_from_an_instant_on,
                one_mail_with_several_messages_is_recorded_whole_and_with_its_answer,
                a_message_that_was_held_back_says_so_when_it_comes_again,
                a_mail_that_came_back_puts_its_message_on_the_operators_list,
                what_is_due_for_others_when_a_mail_comes_back_goes_on_and_is_given_up_then,
                a_mail_that_nobody_sent_does_not_come_back,
                only_a_message_that_is_there_can_be_retried,
            ]
        );
    };
}

/// Nobody waits longer than who came later.
pub async fn messages_are_leased_oldest_first(records: &Records) {
    let messages = fill(records, 5).await;
    let first = records.outbox.lease(at(100), at(200), 3).await.unwrap();
    let rest = records.outbox.lease(at(100), at(200), 100).await.unwrap();
    assert_eq!(first.len(), 3);
    let leased: Vec<_> = first.into_iter().chain(rest).collect();
    assert!(leased.iter().all(|leased| leased.attempts == 0 && leased.delivered_to.is_empty()));
    assert_eq!(leased.into_iter().map(|leased| leased.message).collect::<Vec<_>>(), messages);
}

/// A message is due from the instant of its change.
pub async fn a_message_is_not_due_before_its_time(records: &Records) {
    fill(records, 1).await;
    assert_eq!(records.outbox.lease(at(0), at(200), 10).await.unwrap(), []);
    assert!(!records.outbox.lease(at(1), at(200), 10).await.unwrap().is_empty());
}

/// A deliverer that dies takes no message with it.
pub async fn a_leased_message_is_nobody_elses_until_the_lease_runs_out(records: &Records) {
    let messages = fill(records, 2).await;
    assert_eq!(records.outbox.lease(at(100), at(200), 10).await.unwrap().len(), messages.len());
    assert_eq!(records.outbox.lease(at(199), at(300), 10).await.unwrap(), []);
    let again = records.outbox.lease(at(200), at(300), 10).await.unwrap();
    assert_eq!(again.len(), messages.len());
    assert!(again.iter().all(|leased| leased.attempts == 1));
}

/// However many deliver at once.
pub async fn two_who_lease_at_once_never_get_the_same_message(records: &Records) {
    let messages = fill(records, 20).await;
    let deliverers = (0..12).map(|_| records.outbox.lease(at(100), at(200), 5));
    let leases = join_all(deliverers).await;
    let ids: Vec<MessageId> =
        leases.into_iter().flat_map(|lease| lease.unwrap().into_iter().map(|leased| leased.message.id)).collect();
    assert_eq!(ids.len(), messages.len());
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), messages.len());
}

/// What is done is done, whoever says what later.
pub async fn a_settled_message_never_comes_back(records: &Records) {
    let messages = fill(records, 1).await;
    records.outbox.lease(at(100), at(200), 10).await.unwrap();
    for message in &messages {
        records.outbox.settle(message.id).await.unwrap();
        records.outbox.settle(message.id).await.unwrap();
        // Another deliverer, whose lease ran out long ago, comes late with bad news.
        records.outbox.postpone(message.id, Some(at(300)), "no route").await.unwrap();
        records.outbox.postpone(message.id, None, "no route").await.unwrap();
        records.outbox.retry(message.id, at(300)).await.unwrap();
    }
    assert_eq!(records.outbox.lease(at(9_999), at(10_000), 10).await.unwrap(), []);
    let settled = records.outbox.list(Drawer::Settled, 10).await.unwrap();
    assert_eq!(settled.len(), messages.len());
    assert!(settled.iter().all(|posting| posting.settled && posting.next_at.is_none() && !posting.undeliverable));
    assert_eq!(records.outbox.list(Drawer::Due, 10).await.unwrap(), []);
    assert_eq!(records.outbox.list(Drawer::Undeliverable, 10).await.unwrap(), []);
}

/// A mail server is down for a while.
pub async fn a_postponed_message_comes_back_at_its_time(records: &Records) {
    let messages = fill(records, 1).await;
    records.outbox.lease(at(100), at(200), 10).await.unwrap();
    records.outbox.postpone(messages[0].id, Some(at(150)), "the mail server is down").await.unwrap();
    assert_eq!(records.outbox.lease(at(149), at(300), 10).await.unwrap(), []);
    let due = records.outbox.list(Drawer::Due, 10).await.unwrap();
    let posting = due.iter().find(|posting| posting.id == messages[0].id).unwrap();
    assert_eq!((posting.next_at, posting.attempts), (Some(at(150)), 1));
    assert_eq!(posting.trouble.as_deref(), Some("the mail server is down"));
    let again = records.outbox.lease(at(150), at(300), 10).await.unwrap();
    assert_eq!(again.iter().map(|leased| leased.message.id).collect::<Vec<_>>(), [messages[0].id]);
}

/// An address does not exist.
pub async fn a_message_that_was_given_up_waits_for_an_operator(records: &Records) {
    let messages = fill(records, 1).await;
    let id = messages[0].id;
    records.outbox.lease(at(100), at(200), 10).await.unwrap();
    records.outbox.postpone(id, None, "no such address").await.unwrap();
    assert!(records.outbox.lease(at(9_999), at(10_000), 10).await.unwrap().iter().all(|l| l.message.id != id));
    let given_up = records.outbox.list(Drawer::Undeliverable, 10).await.unwrap();
    assert_eq!(given_up.len(), 1);
    assert!(given_up[0].undeliverable && !given_up[0].settled && given_up[0].next_at.is_none());
    assert_eq!(records.outbox.find(id).await.unwrap().as_ref(), given_up.first());
    records.outbox.retry(id, at(20_000)).await.unwrap();
    records.outbox.retry(id, at(30_000)).await.unwrap();
    assert_eq!(records.outbox.list(Drawer::Undeliverable, 10).await.unwrap(), []);
    let leased = records.outbox.lease(at(20_000), at(20_100), 10).await.unwrap();
    assert!(leased.iter().any(|leased| leased.message.id == id && leased.attempts == 0), "it begins anew");
}

/// A letter to many that failed half-way is not sent again to those who have it.
pub async fn whom_a_message_reached_is_remembered_once(records: &Records) {
    let messages = fill(records, 1).await;
    let id = messages[0].id;
    records.outbox.lease(at(100), at(200), 10).await.unwrap();
    for address in ["Ada@Example.org", "bob@example.org", "ada@example.org"] {
        records.outbox.deliver(&[id], &reaches(address, 110)).await.unwrap();
    }
    let again = records.outbox.lease(at(200), at(300), 10).await.unwrap();
    let mut reached = again.into_iter().find(|leased| leased.message.id == id).unwrap().delivered_to;
    reached.sort();
    assert_eq!(reached, [email("ada@example.org"), email("bob@example.org")]);
}

/// Nobody is flooded.
pub async fn what_reached_somebody_is_known_from_an_instant_on(records: &Records) {
    let messages = fill(records, 3).await;
    for (message, second) in messages.iter().zip([110, 120, 130]) {
        records.outbox.deliver(&[message.id], &reaches("Ada@Example.org", second)).await.unwrap();
        records.outbox.deliver(&[message.id], &reaches("bob@example.org", second)).await.unwrap();
    }
    let reached = async |address: &str, from| records.outbox.reached(&email(address), at(from)).await.unwrap().len();
    assert_eq!((reached("ada@example.org", 110).await, reached("ada@example.org", 111).await), (3, 2));
    assert_eq!((reached("ada@example.org", 131).await, reached("cy@example.org", 0).await), (0, 0));
}

/// A digest reached somebody, or it did not.
pub async fn one_mail_with_several_messages_is_recorded_whole_and_with_its_answer(records: &Records) {
    let messages = fill(records, 3).await;
    let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    let delivery = Delivery { answer: "250 queued as 7".into(), ..reaches("ada@example.org", 110) };
    records.outbox.deliver(&ids, &delivery).await.unwrap();
    records.outbox.deliver(&ids, &reaches("ada@example.org", 120)).await.unwrap();
    let postings = records.outbox.list(Drawer::Due, 10).await.unwrap();
    assert_eq!(postings.len(), messages.len());
    assert!(postings.iter().all(|posting| posting.deliveries == [delivery.clone()]));
}

/// What was held back may come in a digest, what was perhaps sent may not.
pub async fn a_message_that_was_held_back_says_so_when_it_comes_again(records: &Records) {
    let messages = fill(records, 2).await;
    let leased = records.outbox.lease(at(100), at(200), 10).await.unwrap();
    assert!(leased.iter().all(|leased| !leased.was_held));
    for message in &messages {
        records.outbox.hold(message.id, at(300), "enough for now").await.unwrap();
    }
    assert_eq!(records.outbox.lease(at(299), at(400), 10).await.unwrap(), []);
    let held = records.outbox.lease(at(300), at(400), 10).await.unwrap();
    assert_eq!((held.len(), held.iter().all(|leased| leased.was_held)), (messages.len(), true));
    let again = records.outbox.lease(at(400), at(500), 10).await.unwrap();
    assert!(again.iter().all(|leased| leased.was_held), "a deliverer that dies changes nothing about it");
    for message in &messages {
        records.outbox.postpone(message.id, Some(at(600)), "no answer").await.unwrap();
    }
    assert!(records.outbox.lease(at(600), at(700), 10).await.unwrap().iter().all(|leased| !leased.was_held));
}

/// The mail server took it, and the next one did not.
pub async fn a_mail_that_came_back_puts_its_message_on_the_operators_list(records: &Records) {
    let id = fill(records, 1).await[0].id;
    let (ada, bob) = (email("ada@example.org"), email("bob@example.org"));
    records.outbox.lease(at(100), at(200), 10).await.unwrap();
    for address in ["Ada@Example.org", "bob@example.org"] {
        records.outbox.deliver(&[id], &reaches(address, 110)).await.unwrap();
    }
    records.outbox.settle(id).await.unwrap();
    for why in ["no such mailbox", "and again"] {
        records.outbox.bounce(id, &ada, why).await.unwrap();
    }
    let posting = records.outbox.find(id).await.unwrap().unwrap();
    assert!(posting.undeliverable && !posting.settled && posting.next_at.is_none());
    assert!(posting.trouble.unwrap().contains("no such mailbox"));
    let came_back: Vec<_> = posting.deliveries.iter().map(|one| (one.to.clone(), one.came_back.as_deref())).collect();
    assert_eq!(came_back, [(ada, Some("no such mailbox")), (bob.clone(), None)]);
    assert_eq!(records.outbox.list(Drawer::Undeliverable, 10).await.unwrap().len(), 1);
    records.outbox.retry(id, at(300)).await.unwrap();
    let leased = records.outbox.lease(at(300), at(400), 10).await.unwrap();
    let leased = leased.iter().find(|leased| leased.message.id == id).expect("it is due again");
    assert_eq!(leased.delivered_to, [bob], "whom it came back from is written to again, and nobody else");
    records.outbox.deliver(&[id], &reaches("ada@example.org", 310)).await.unwrap();
    records.outbox.settle(id).await.unwrap();
    assert!(records.outbox.find(id).await.unwrap().unwrap().settled);
}

/// Somebody else's mail server is down meanwhile.
pub async fn what_is_due_for_others_when_a_mail_comes_back_goes_on_and_is_given_up_then(records: &Records) {
    let id = fill(records, 1).await[0].id;
    let ada = email("ada@example.org");
    records.outbox.lease(at(100), at(200), 10).await.unwrap();
    records.outbox.deliver(&[id], &reaches("ada@example.org", 110)).await.unwrap();
    records.outbox.postpone(id, Some(at(150)), "bob@example.org: no answer").await.unwrap();
    records.outbox.bounce(id, &ada, "no such mailbox").await.unwrap();
    records.outbox.retry(id, at(140)).await.unwrap();
    assert_eq!(records.outbox.lease(at(149), at(300), 10).await.unwrap(), [], "it is not due before its time");
    let leased = records.outbox.lease(at(150), at(300), 10).await.unwrap();
    assert!(leased.iter().any(|leased| leased.message.id == id && leased.delivered_to == [ada.clone()]));
    records.outbox.deliver(&[id], &reaches("bob@example.org", 160)).await.unwrap();
    records.outbox.settle(id).await.unwrap();
    let posting = records.outbox.find(id).await.unwrap().unwrap();
    assert!(posting.undeliverable && !posting.settled);
}

/// Mail services tell of other people's mails, too.
pub async fn a_mail_that_nobody_sent_does_not_come_back(records: &Records) {
    let id = fill(records, 1).await[0].id;
    records.outbox.lease(at(100), at(200), 10).await.unwrap();
    records.outbox.settle(id).await.unwrap();
    records.outbox.bounce(id, &email("ada@example.org"), "no such mailbox").await.unwrap();
    records
        .outbox
        .bounce(MessageId { request: request_id(99), sequence: 1, index: 0 }, &email("ada@example.org"), "no")
        .await
        .unwrap();
    assert!(records.outbox.find(id).await.unwrap().unwrap().settled);
}

/// Operators mistype names.
pub async fn only_a_message_that_is_there_can_be_retried(records: &Records) {
    fill(records, 1).await;
    let unknown = MessageId { request: request_id(99), sequence: 1, index: 0 };
    assert_eq!(records.outbox.retry(unknown, at(1)).await.unwrap_err().kind, Kind::Missing);
    assert_eq!(records.outbox.find(unknown).await.unwrap(), None);
}

fn reaches(address: &str, second: i64) -> Delivery {
    Delivery { to: email(address), at: at(second), answer: "taken".into(), came_back: None }
}

/// Receives so many requests and gives their messages, oldest first.
async fn fill(records: &Records, requests: u64) -> Vec<Message> {
    let mut messages = Vec::new();
    for number in 1..=requests {
        let story = Story::of_notice(number, &format!("store-{number}"));
        commit(&*records.requests, story.last()).await;
        messages.extend(story.last().outbox().iter().cloned());
    }
    assert!(!messages.is_empty());
    messages
}
