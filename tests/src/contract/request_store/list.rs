//! Lists: every pattern, its order and its pages.

use workflow::domain::decision::Opinion;
use workflow::domain::request::Request;
use workflow::domain::status::{Status, StatusWord};
use workflow::ports::request_store::{Pattern, Query};
use workflow::ports::{Kind, RequestStore};

use super::Records;
use crate::builders::{
    FIRST_GROUP, RESEARCHER, SECOND_GROUP, Story, at, commit, commit_all, email, group, notice, person, project,
    request_id, store,
};

/// What each pattern promises, asked of a world with requests in many places.
pub async fn every_list_holds_what_its_pattern_says_in_its_order(records: &Records) {
    let world = populate(&*records.requests).await;
    // Reminders are due by then, deletions are not.
    let due_by = at(5 * 24 * 3_600);
    check(records, &world, Pattern::All, true, |_| true).await;
    check(records, &world, Pattern::Open, false, |request| !request.status.is_over()).await;
    for word in StatusWord::ALL {
        check(records, &world, Pattern::InStatus(word), false, |request| request.status.word() == word).await;
    }
    for name in ["project-1", "project-2", "nowhere"] {
        check(records, &world, Pattern::OfProject(project(name)), true, |r| r.project.as_str() == name).await;
    }
    for address in [RESEARCHER, "bob@example.org", "nobody@example.org"] {
        let pattern = Pattern::OfRequester(email(address));
        check(records, &world, pattern, true, |r| r.requesters.iter().any(|who| who.email == email(address))).await;
    }
    let in_store = |r: &Request| r.store == Some(store("store-1"));
    check(records, &world, Pattern::OfStore(store("store-1")), true, in_store).await;
    for name in [FIRST_GROUP, SECOND_GROUP, "nobody"] {
        check(records, &world, Pattern::WaitingFor(group(name)), false, |r| waits_for(r, name)).await;
    }
    let due: Vec<_> = world.iter().filter(|request| request.due_at.is_some_and(|at| at <= due_by)).collect();
    assert!(!due.is_empty() && world.iter().any(|request| request.due_at > Some(due_by)));
    let mut expected: Vec<_> = due.iter().map(|request| (request.due_at.unwrap(), request.id)).collect();
    expected.sort_by_key(|(at, _)| *at);
    let listed = pages(&*records.requests, Pattern::DueBy(due_by), 2).await;
    let listed: Vec<_> = listed.iter().map(|request| (request.due_at.unwrap(), request.id)).collect();
    assert_eq!(listed, expected);
}

/// However long the pages are.
pub async fn pages_put_together_are_the_list(records: &Records) {
    let world = populate(&*records.requests).await;
    for pattern in [Pattern::All, Pattern::Open, Pattern::OfRequester(email(RESEARCHER))] {
        let whole = records.requests.list(&Query { pattern: pattern.clone(), after: None, first: 100 }).await.unwrap();
        assert_eq!(whole.next, None);
        assert!(whole.requests.len() > 3);
        for first in [1, 2, 3, u32::try_from(whole.requests.len()).unwrap()] {
            assert_eq!(
                pages(&*records.requests, pattern.clone(), first).await,
                whole.requests,
                "{pattern:?} by {first}"
            );
        }
    }
    assert!(world.len() > 3);
}

/// A list is walked while the platform goes on sending.
pub async fn pages_hold_every_request_once_while_others_come(records: &Records) {
    for number in (0..20).map(|n| 100 + 10 * n) {
        commit(&*records.requests, Story::of_person(number, "ada@example.org", "project-1").last()).await;
    }
    for pattern in [Pattern::All, Pattern::Open, Pattern::OfProject(project("project-1"))] {
        let before = pages(&*records.requests, pattern.clone(), 7).await;
        let mut walked: Vec<Request> = Vec::new();
        let mut after = None;
        let mut fresh = 1_000 * (1 + before.len() as u64);
        loop {
            let page = records.requests.list(&Query { pattern: pattern.clone(), after, first: 3 }).await.unwrap();
            walked.extend(page.requests);
            for number in [fresh, fresh % 997 + 3] {
                let story = Story::of_person(number, "ada@example.org", "project-1");
                records.requests.commit(story.last()).await.unwrap();
            }
            fresh += 1;
            after = page.next;
            if after.is_none() || walked.len() > 200 {
                break;
            }
        }
        assert!(walked.len() <= 200, "the walk does not end");
        let mut ids: Vec<_> = walked.iter().map(|request| request.id).collect();
        let kept: Vec<_> = walked.iter().filter(|request| before.contains(request)).cloned().collect();
        assert_eq!(kept, before, "{pattern:?}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), walked.len(), "{pattern:?} names a request twice");
    }
}

/// Many requests come in one instant, and no page ends between two of them in a way that loses one.
pub async fn requests_of_one_instant_are_all_listed(records: &Records) {
    let mut ids = Vec::new();
    for number in 1..=9 {
        let (notice, body) = notice(request_id(number), &format!("store-{number}"));
        commit(&*records.requests, &Request::receive(&notice, body, at(5))).await;
        ids.push(request_id(number));
    }
    for pattern in [Pattern::All, Pattern::Open] {
        let mut listed: Vec<_> = pages(&*records.requests, pattern, 2).await.iter().map(|request| request.id).collect();
        listed.sort_unstable();
        assert_eq!(listed, ids);
    }
}

/// A request is in the lists of where it stands, and in no list of where it stood.
pub async fn a_request_leaves_one_list_for_another(records: &Records) {
    let requests = &*records.requests;
    let story = Story::of_notice(1, "store-1").admitted().staged();
    commit_all(requests, &story).await;
    assert_eq!(pages(requests, Pattern::WaitingFor(group(FIRST_GROUP)), 10).await.len(), 1);
    let reviewer = person("grace@example.org").in_group(FIRST_GROUP).build();
    let passed = story.decided(&reviewer, Opinion::Approve).tallied();
    commit_all(requests, &passed).await;
    assert_eq!(pages(requests, Pattern::WaitingFor(group(FIRST_GROUP)), 10).await, []);
    assert_eq!(pages(requests, Pattern::WaitingFor(group(SECOND_GROUP)), 10).await, [passed.request().clone()]);
    let over = passed.withdrawn().tallied().put_away().told();
    commit_all(requests, &over).await;
    assert_eq!(pages(requests, Pattern::WaitingFor(group(SECOND_GROUP)), 10).await, []);
    assert_eq!(pages(requests, Pattern::InStatus(StatusWord::InReview), 10).await, []);
    assert_eq!(pages(requests, Pattern::Open, 10).await, []);
    assert_eq!(pages(requests, Pattern::InStatus(StatusWord::Withdrawn), 10).await, [over.request().clone()]);
}

/// The store's creator and who submitted may be two people, and addresses are compared without regard to case.
pub async fn a_request_is_listed_for_everyone_who_asked(records: &Records) {
    let (_, body) = notice(request_id(1), "store-1");
    let body = body.replacen(RESEARCHER, "Creator@Example.org", 1).replacen("u-7Qb3sT1xYz", "u-2", 1);
    let notice = workflow::domain::notice::Notice::parse(body.as_bytes()).unwrap();
    let change = Request::receive(&notice, body, at(1));
    assert_eq!(change.after().requesters.len(), 2);
    commit(&*records.requests, &change).await;
    for address in ["creator@example.org", "CREATOR@EXAMPLE.ORG", RESEARCHER] {
        let listed = pages(&*records.requests, Pattern::OfRequester(email(address)), 10).await;
        assert_eq!(listed, [change.after().clone()], "{address}");
    }
}

/// A place is what a page said; anything else is an answer, not a guess.
pub async fn a_place_that_no_page_named_is_refused(records: &Records) {
    let query = Query { pattern: Pattern::All, after: Some("'; DROP TABLE requests".to_owned()), first: 10 };
    assert_eq!(records.requests.list(&query).await.unwrap_err().kind, Kind::Corrupt);
}

/// Requests in many places; each as it stands.
async fn populate(requests: &dyn RequestStore) -> Vec<Request> {
    let grace = person("grace@example.org").in_group(FIRST_GROUP).build();
    let stories = [
        Story::of_notice(1, "store-1").admitted().staged().withdrawn().tallied().put_away().told(),
        Story::of_notice(2, "store-1").admitted().staged(),
        Story::queued(3, "store-1"),
        Story::of_notice(4, "store-4"),
        Story::of_notice(5, "store-5").admitted().staged().decided(&grace, Opinion::Approve).tallied(),
        Story::of_notice(6, "store-6").admitted().staged().decided(&grace, Opinion::Return).tallied().put_away(),
        Story::of_person(7, "bob@example.org", "project-1").admitted().staged(),
        Story::of_person(8, "bob@example.org", "project-2").admitted(),
        Story::of_person(9, "eve@example.org", "project-2"),
        Story::queued(10, "store-5").withdrawn(),
    ];
    for story in &stories {
        commit_all(requests, story).await;
    }
    stories.iter().map(|story| story.request().clone()).collect()
}

fn waits_for(request: &Request, name: &str) -> bool {
    matches!(request.status, Status::InReview { stage, .. }
        if request.policy().unwrap().stage(stage).unwrap().group.as_str() == name)
}

async fn check(
    records: &Records,
    world: &[Request],
    pattern: Pattern,
    newest_first: bool,
    belongs: impl Fn(&Request) -> bool,
) {
    let mut expected: Vec<Request> = world.iter().filter(|request| belongs(request)).cloned().collect();
    if newest_first {
        expected.reverse();
    }
    assert_eq!(pages(&*records.requests, pattern.clone(), 2).await, expected, "{pattern:?}");
}

/// A whole list, a page at a time.
async fn pages(requests: &dyn RequestStore, pattern: Pattern, first: u32) -> Vec<Request> {
    let mut listed = Vec::new();
    let mut after = None;
    for _ in 0..1_000 {
        let page = requests.list(&Query { pattern: pattern.clone(), after, first }).await.unwrap();
        assert!(page.requests.len() <= first as usize);
        listed.extend(page.requests);
        after = page.next;
        if after.is_none() {
            return listed;
        }
    }
    panic!("{pattern:?} does not end")
}
