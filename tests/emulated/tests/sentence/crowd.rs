//! Many requests at once: everything is asked of at the same time, and nothing of one gets into another.

use futures_util::future::join_all;
use tests::scene::{IRIS, RITA};
use tests_emulated::cloud::waits;
use tests_emulated::{Cloud, Way};
use workflow::domain::decision::Opinion::{Approve, Reject};
use workflow::domain::id::RequestId;
use workflow::domain::status::StatusWord;

use super::multi;

/// So many, and the whole number where there is time.
const FEW: u64 = 8;
const MANY: u64 = 50;
/// Of each function.
const PROCESSES: usize = 3;
/// As many notices as the queue hands over at once.
const BATCH: usize = 10;

#[test]
fn many_requests_at_once_each_go_their_own_way() {
    multi(async {
        let cloud = Cloud::start_on(Way::Straight, PROCESSES).await;
        let number = if tests::process::is_long() { MANY } else { FEW };
        let prepared = join_all((1..=number).map(|number| cloud.prepare(number))).await;
        let notices: Vec<String> = prepared.iter().map(|(_, notice)| notice.to_string()).collect();
        let taken = join_all(notices.chunks(BATCH).map(|batch| cloud.bring(batch))).await;
        assert!(taken.iter().all(|failed| failed.as_array().is_some_and(Vec::is_empty)), "{taken:?}");
        let ids: Vec<RequestId> = prepared.into_iter().map(|(id, _)| id).collect();
        let lives = ids.iter().enumerate().map(|(number, id)| live(&cloud, *id, number));
        let ended = tokio::select! {
            ended = join_all(lives) => ended,
            () = cloud.deliver_on() => unreachable!("delivery goes on"),
        };
        for (id, (expected, ended)) in ids.iter().zip(ended) {
            assert_eq!(ended, expected, "{id}");
        }
        cloud.hold_flooded(ids).await;
    });
}

/// Every third is rejected at the second stage, and the others are released.
async fn live(cloud: &Cloud, id: RequestId, number: usize) -> (StatusWord, StatusWord) {
    let (last, expected) =
        if number % 3 == 2 { (Reject, StatusWord::Rejected) } else { (Approve, StatusWord::Released) };
    for (stage, who, opinion) in [(0, IRIS, Approve), (1, RITA, last)] {
        cloud.until_seen(id, |request| waits(request, stage)).await;
        cloud.decide(who, id, opinion).await.unwrap();
    }
    (expected, cloud.until_seen(id, |request| request.told).await.status.word())
}
