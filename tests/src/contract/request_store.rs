//! The contract of [`RequestStore`].

mod list;

use futures_util::future::join_all;
use workflow::domain::audit::{Actor, verify_chain};
use workflow::domain::change::Change;
use workflow::domain::decision::Opinion;
use workflow::domain::request::Request;
use workflow::ports::outbox::Drawer;
use workflow::ports::request_store::Commit;

use super::Records;
use crate::builders::{FIRST_GROUP, Story, at, commit, commit_all, notice, person, request_id};

pub use list::*;

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = concat!(include_str!("request_store.rs"), include_str!("request_store/list.rs"));

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! request_store_contract {
    ($make:path) => {
        $crate::contract!(
            request_store,
            $make,
            [
                a_change_is_found_as_it_was_committed,
                a_change_that_is_committed_again_is_done_and_adds_nothing,
                a_change_of_an_older_version_is_stale_and_leaves_nothing,
                a_first_change_of_a_request_that_is_there_is_stale,
                of_racing_changes_one_is_done_and_the_others_are_stale,
                a_store_is_held_by_one_open_request,
                of_requests_that_race_for_a_store_one_holds_it,
                a_notice_is_answered_once_for_ever,
                nothing_of_a_refused_change_is_in_the_outbox,
                a_request_is_found_as_soon_as_its_change_is_acknowledged,
                a_trail_is_read_in_pages_and_its_chain_holds,
                every_list_holds_what_its_pattern_says_in_its_order,
                pages_put_together_are_the_list,
                pages_hold_every_request_once_while_others_come,
                requests_of_one_instant_are_all_listed,
                a_request_leaves_one_list_for_another,
                a_request_is_listed_for_everyone_who_asked,
                a_place_that_no_page_named_is_refused,
            ]
        );
    };
}

/// What is committed is found, with its event and its messages.
pub async fn a_change_is_found_as_it_was_committed(records: &Records) {
    let story = Story::of_notice(1, "store-1");
    assert_eq!(records.requests.find(request_id(1)).await.unwrap(), None);
    assert_eq!(records.requests.trail(request_id(1), 0, 10).await.unwrap(), []);
    commit(&*records.requests, story.last()).await;
    assert_eq!(records.requests.find(request_id(1)).await.unwrap().as_ref(), Some(story.request()));
    assert_eq!(records.requests.trail(request_id(1), 0, 10).await.unwrap(), [story.last().event().clone()]);
    let postings = records.outbox.list(Drawer::Due, 10).await.unwrap();
    let messages: Vec<_> = postings.into_iter().filter_map(|posting| posting.message).collect();
    assert_eq!(messages, story.last().outbox());
}

/// A caller that did not hear the answer asks again, at once or when others have gone on.
pub async fn a_change_that_is_committed_again_is_done_and_adds_nothing(records: &Records) {
    let story = Story::of_notice(1, "store-1").admitted().staged().withdrawn().tallied().put_away().told();
    for change in story.changes() {
        commit(&*records.requests, change).await;
        commit(&*records.requests, change).await;
    }
    let other = Story::of_notice(2, "store-1");
    commit(&*records.requests, other.last()).await;
    commit_all(&*records.requests, &story).await;
    assert_eq!(records.requests.find(request_id(1)).await.unwrap().as_ref(), Some(story.request()));
    let events = records.requests.trail(request_id(1), 0, 100).await.unwrap();
    assert_eq!(events.len(), story.changes().len());
    let messages: usize = story.changes().iter().chain(other.changes()).map(|change| change.outbox().len()).sum();
    assert_eq!(records.outbox.list(Drawer::Due, 100).await.unwrap().len(), messages);
}

/// Who looked at an older version has to look again.
pub async fn a_change_of_an_older_version_is_stale_and_leaves_nothing(records: &Records) {
    let first = Story::of_notice(1, "store-1");
    let (one, other) = (first.clone().admitted(), postponed(&first, 60));
    commit_all(&*records.requests, &one).await;
    assert_eq!(records.requests.commit(&other).await.unwrap(), Commit::Stale);
    assert_eq!(records.requests.find(request_id(1)).await.unwrap().as_ref(), Some(one.request()));
    assert_eq!(records.requests.trail(request_id(1), 0, 10).await.unwrap().len(), 2);
    let unknown = postponed(&Story::of_notice(2, "store-2"), 60);
    assert_eq!(records.requests.commit(&unknown).await.unwrap(), Commit::Stale);
    assert_eq!(records.requests.find(request_id(2)).await.unwrap(), None);
}

/// Two asks under one id are two asks, of which one was first.
pub async fn a_first_change_of_a_request_that_is_there_is_stale(records: &Records) {
    let first = Story::of_person(1, "ada@example.org", "project-1");
    let second = Story::of_person(1, "bob@example.org", "project-2");
    commit(&*records.requests, first.last()).await;
    assert_eq!(records.requests.commit(second.last()).await.unwrap(), Commit::Stale);
    assert_eq!(records.requests.find(request_id(1)).await.unwrap().as_ref(), Some(first.request()));
}

/// Whoever is first wins, whoever is not learns of it, and the row, the event and the messages are of one change.
pub async fn of_racing_changes_one_is_done_and_the_others_are_stale(records: &Records) {
    let mut story = Story::of_notice(1, "store-1").admitted().staged();
    commit_all(&*records.requests, &story).await;
    for _ in 0..5 {
        let rivals: Vec<Change> = (1..=8).map(|seconds| postponed(&story, seconds)).collect();
        let outcomes = join_all(rivals.iter().map(|change| records.requests.commit(change))).await;
        let outcomes: Vec<Commit> = outcomes.into_iter().map(Result::unwrap).collect();
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Commit::Done).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Commit::Stale).count(), 7, "{outcomes:?}");
        let winner = &rivals[outcomes.iter().position(|outcome| *outcome == Commit::Done).unwrap()];
        assert_eq!(records.requests.find(request_id(1)).await.unwrap().as_ref(), Some(winner.after()));
        let last = records.requests.trail(request_id(1), winner.expected(), 10).await.unwrap();
        assert_eq!(last, [winner.event().clone()]);
        story = story.then(|_, _| winner.clone());
    }
}

/// The place of a store's one open request is taken, kept and left.
pub async fn a_store_is_held_by_one_open_request(records: &Records) {
    let first = Story::of_notice(1, "store-1").admitted().staged();
    let second = Story::queued(2, "store-1");
    commit_all(&*records.requests, &first).await;
    let pushing = Story::of_notice(2, "store-1");
    assert_eq!(records.requests.commit(pushing.last()).await.unwrap(), Commit::StoreHeld);
    assert_eq!(records.requests.find(request_id(2)).await.unwrap(), None);
    assert_eq!(records.requests.find_alias(request_id(2)).await.unwrap(), None);
    commit(&*records.requests, second.last()).await;
    let second = second.dequeued();
    assert_eq!(records.requests.commit(second.last()).await.unwrap(), Commit::StoreHeld);
    let over = first.clone().withdrawn().tallied().put_away().told();
    for change in &over.changes()[first.changes().len()..] {
        commit(&*records.requests, change).await;
    }
    commit(&*records.requests, second.last()).await;
    commit(&*records.requests, Story::of_notice(3, "store-3").last()).await;
    let third = Story::of_notice(4, "store-1");
    assert_eq!(records.requests.commit(third.last()).await.unwrap(), Commit::StoreHeld);
}

/// A store has one open request also when several come at once.
pub async fn of_requests_that_race_for_a_store_one_holds_it(records: &Records) {
    let rivals: Vec<Story> = (1..=8).map(|number| Story::of_notice(number, "store-1")).collect();
    let outcomes = join_all(rivals.iter().map(|story| records.requests.commit(story.last()))).await;
    let outcomes: Vec<Commit> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Commit::Done).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Commit::StoreHeld).count(), 7, "{outcomes:?}");
}

/// The platform sends a notice twice, or an operator replays it after years.
pub async fn a_notice_is_answered_once_for_ever(records: &Records) {
    let story = Story::of_notice(1, "store-1");
    commit(&*records.requests, story.last()).await;
    let (again, body) = notice(request_id(1), "store-1");
    let later = Request::receive(&again, body.clone(), at(500));
    assert_eq!(records.requests.commit(&later).await.unwrap(), Commit::NoticeAnswered);
    let (request, alias) = records.requests.find_alias(request_id(1)).await.unwrap().unwrap();
    assert_eq!((request, alias.notice, alias.body), (request_id(1), request_id(1), body));
    assert_eq!(records.requests.find_alias(request_id(9)).await.unwrap(), None);
    a_second_notice_is_answered_by_the_same_request(records, story).await;
}

async fn a_second_notice_is_answered_by_the_same_request(records: &Records, story: Story) {
    let reviewer = person("grace@example.org").in_group(FIRST_GROUP).build();
    let returned = story.admitted().staged().decided(&reviewer, Opinion::Return).tallied().put_away().told();
    let (next, body) = notice(request_id(7), "store-1");
    let resubmitted = returned.then(|request, at| request.resubmit_by_notice(&next, body.clone(), at).unwrap());
    commit_all(&*records.requests, &resubmitted).await;
    let (request, alias) = records.requests.find_alias(request_id(7)).await.unwrap().unwrap();
    assert_eq!((request, alias.body), (request_id(1), body));
    assert_eq!(records.requests.find(request_id(7)).await.unwrap(), None);
}

/// What was refused asks for nothing outside.
pub async fn nothing_of_a_refused_change_is_in_the_outbox(records: &Records) {
    let first = Story::of_notice(1, "store-1");
    commit(&*records.requests, first.last()).await;
    let (again, body) = notice(request_id(1), "store-1");
    let refused = [
        Story::of_notice(2, "store-1").last().clone(),
        Request::receive(&again, body, at(500)),
        Story::of_notice(3, "store-3").withdrawn().last().clone(),
    ];
    for change in &refused {
        assert_ne!(records.requests.commit(change).await.unwrap(), Commit::Done);
    }
    assert_eq!(records.outbox.list(Drawer::Due, 100).await.unwrap().len(), first.last().outbox().len());
}

/// The answer comes when the change is there for everybody, not before.
pub async fn a_request_is_found_as_soon_as_its_change_is_acknowledged(records: &Records) {
    let one = |number: u64| async move {
        let mut story = Story::of_person(number, "ada@example.org", "project-1");
        commit(&*records.requests, story.last()).await;
        for seconds in 1..10 {
            let change = postponed(&story, seconds);
            commit(&*records.requests, &change).await;
            assert_eq!(records.requests.find(request_id(number)).await.unwrap().as_ref(), Some(change.after()));
            story = story.then(|_, _| change);
        }
    };
    join_all((1..=8).map(one)).await;
}

/// Chains are long; they are read a piece at a time.
pub async fn a_trail_is_read_in_pages_and_its_chain_holds(records: &Records) {
    let story = Story::of_notice(1, "store-1").admitted().staged().withdrawn().tallied().put_away().told();
    commit_all(&*records.requests, &story).await;
    commit_all(&*records.requests, &Story::of_notice(2, "store-2").admitted()).await;
    let mut events = Vec::new();
    loop {
        let after = events.len() as u64;
        let page = records.requests.trail(request_id(1), after, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 3);
        events.extend(page);
    }
    let written: Vec<_> = story.changes().iter().map(|change| change.event().clone()).collect();
    assert_eq!(events, written);
    let stored = records.requests.find(request_id(1)).await.unwrap().unwrap();
    verify_chain(request_id(1), &events, stored.head).unwrap();
}

/// A change that can always be made, and that differs by its number.
fn postponed(story: &Story, seconds: u64) -> Change {
    story.request().extend_deadlines(seconds, Actor::chore("sweep"), story.next_at())
}
