//! The sentence from end to end: the state machine by another party's executor, the real functions, the stack's own
//! template, and the checker of what must never happen.

mod crowd;
mod predecessor;
mod privilege;

use serde_json::json;
use tests::scene::{IRIS, OLGA, RITA};
use tests_emulated::Cloud;
use workflow::actions;
use workflow::domain::decision::Opinion::{Approve, Reject, Return};
use workflow::domain::policy::Policy;
use workflow::domain::status::{Status, StatusWord};

fn multi<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test)
}

#[test]
fn two_approve_and_the_archive_is_where_it_belongs() {
    multi(async {
        let cloud = Cloud::start().await;
        let id = cloud.submit(1).await;
        cloud.until_waiting(id, 0).await;
        let own = cloud.decide(tests::builders::RESEARCHER, id, Approve).await;
        assert!(matches!(own, Err(actions::ActionError::Refused(_))), "{own:?}");
        cloud.decide(IRIS, id, Approve).await.unwrap();
        cloud.until_waiting(id, 1).await;
        cloud.decide(RITA, id, Approve).await.unwrap();
        let request = cloud.until_told(id).await;
        assert_eq!(request.status, Status::Released);
        let store = request.store.clone().unwrap();
        assert_eq!(cloud.ports.egress_stores.status(&store).await.unwrap().as_deref(), Some("PROCESSED"));
        cloud.hold(vec![id]).await;
    });
}

#[test]
fn a_request_is_rejected_at_either_stage_returned_and_taken_back() {
    multi(async {
        let cloud = Cloud::start().await;
        let mut ids = Vec::new();
        for number in 1..=4 {
            ids.push(cloud.submit(number).await);
        }
        for id in &ids {
            cloud.until_waiting(*id, 0).await;
        }
        cloud.decide(IRIS, ids[0], Reject).await.unwrap();
        assert_eq!(cloud.until_told(ids[0]).await.status.word(), StatusWord::Rejected);
        cloud.decide(IRIS, ids[1], Approve).await.unwrap();
        cloud.until_waiting(ids[1], 1).await;
        cloud.decide(RITA, ids[1], Reject).await.unwrap();
        assert_eq!(cloud.until_told(ids[1]).await.status.word(), StatusWord::Rejected);
        cloud.decide(IRIS, ids[2], Return).await.unwrap();
        assert_eq!(cloud.until_told(ids[2]).await.status, Status::Returned);
        let ada = cloud.caller(tests::builders::RESEARCHER).await;
        actions::withdraw::run(&cloud.ports, &ada, ids[3], None).await.unwrap();
        assert_eq!(cloud.until_told(ids[3]).await.status.word(), StatusWord::Withdrawn);
        for (id, status) in [(ids[0], "PENDING"), (ids[1], "PENDING"), (ids[2], "PENDING"), (ids[3], "PENDING")] {
            let store = cloud.request(id).await.store.unwrap();
            assert_eq!(cloud.ports.egress_stores.status(&store).await.unwrap().as_deref(), Some(status));
        }
        cloud.hold(ids).await;
    });
}

#[test]
fn what_was_returned_comes_again_as_the_next_round() {
    multi(async {
        let cloud = Cloud::start().await;
        let id = cloud.submit(1).await;
        cloud.until_waiting(id, 0).await;
        cloud.decide(IRIS, id, Return).await.unwrap();
        cloud.until_told(id).await;
        // The platform knows no rounds: a submission has an id of its own.
        let (_, notice) = cloud.prepare_of(9, 1).await;
        assert_eq!(cloud.bring(&[notice.to_string()]).await, json!([]));
        let again = cloud.until_waiting(id, 0).await;
        assert_eq!((again.round().number, again.run), (2, 2));
        cloud.decide(IRIS, id, Approve).await.unwrap();
        cloud.until_waiting(id, 1).await;
        cloud.decide(RITA, id, Approve).await.unwrap();
        assert_eq!(cloud.until(id, |r| r.told && r.status.is_over()).await.status, Status::Released);
        cloud.hold(vec![id]).await;
    });
}

#[test]
fn one_approval_is_enough_where_the_policy_says_so() {
    multi(async {
        let cloud = Cloud::start().await;
        let single = Policy::parse(Policy::SINGLE).unwrap();
        cloud.ports.policies.assign(&single.name, None).await.unwrap();
        let id = cloud.submit(1).await;
        cloud.until_waiting(id, 0).await;
        cloud.decide(IRIS, id, Approve).await.unwrap();
        assert_eq!(cloud.until_told(id).await.status, Status::Released);
        cloud.hold(vec![id]).await;
    });
}

#[test]
fn a_batch_with_a_repeated_and_a_poisoned_record_loses_nothing() {
    multi(async {
        let cloud = Cloud::start().await;
        let (first, one) = cloud.prepare(1).await;
        let (second, two) = cloud.prepare(2).await;
        let batch = [one.to_string(), "no notice at all".to_owned(), one.to_string(), two.to_string()];
        assert_eq!(cloud.bring(&batch).await, json!([]));
        assert_eq!(cloud.bring(&[one.to_string()]).await, json!([]));
        let kept = cloud.ports.intake.list(10).await.unwrap();
        assert_eq!(kept.iter().map(|item| item.body.as_str()).collect::<Vec<_>>(), ["no notice at all"]);
        for id in [first, second] {
            assert_eq!(cloud.until_waiting(id, 0).await.run, 1);
        }
    });
}

#[test]
fn a_step_that_failed_is_on_the_request_and_goes_on_when_an_operator_says_so() {
    multi(async {
        let cloud = Cloud::start().await;
        let (id, notice) = cloud.prepare(1).await;
        // The platform does not know the store yet: nothing can be claimed.
        cloud.forget_store(notice["egress_store_id"].as_str().unwrap()).await;
        assert_eq!(cloud.bring(&[notice.to_string()]).await, json!([]));
        let failed = cloud.until(id, |request| request.status.word() == StatusWord::Failed).await;
        let Status::Failed { cause, .. } = &failed.status else { panic!("{:?}", failed.status) };
        assert_eq!((cause.state.as_str(), cause.error.as_str()), ("Admit", "Lockgate.Missing"));
        cloud.enter_store(notice["egress_store_id"].as_str().unwrap()).await;
        let olga = cloud.caller(OLGA).await;
        actions::retry::run(&cloud.ports, &olga, id, None).await.unwrap();
        cloud.until_waiting(id, 0).await;
        cloud.decide(IRIS, id, Approve).await.unwrap();
        cloud.until_waiting(id, 1).await;
        cloud.decide(RITA, id, Approve).await.unwrap();
        assert_eq!(cloud.until_told(id).await.status, Status::Released);
        cloud.hold(vec![id]).await;
    });
}

#[test]
fn time_reminds_and_then_ends_what_nobody_decides() {
    multi(async {
        let cloud = Cloud::start().await;
        // Two reminders: more in so short a time would be held back, as what floods people is.
        let hasty =
            Policy::TWO_STAGE.replacen("2 working days", "8 seconds", 1).replacen("10 working days", "20 seconds", 1);
        let mut hasty = Policy::parse(&hasty).unwrap();
        hasty.version = 9;
        cloud.ports.policies.publish(&hasty).await.unwrap();
        cloud.ports.policies.assign(&hasty.name, None).await.unwrap();
        let id = cloud.submit(1).await;
        cloud.until(id, |request| request.round().entry.as_ref().is_some_and(|entry| entry.reminders > 0)).await;
        assert_eq!(cloud.until_told(id).await.status.word(), StatusWord::Expired);
        cloud.hold(vec![id]).await;
    });
}
