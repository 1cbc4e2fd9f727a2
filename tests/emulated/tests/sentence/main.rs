//! The sentence from end to end: the state machine by another party's executor, the real functions, the stack's own
//! template, and the checker of what must never happen.

use tests::scene::{IRIS, RITA};
use tests_emulated::Cloud;
use workflow::actions;
use workflow::domain::decision::Opinion::Approve;
use workflow::domain::status::Status;

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
