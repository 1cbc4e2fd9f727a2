//! Errands that are not letters.

use tests::builders::{Story, commit, request_id};
use workflow::domain::decision::Opinion;
use workflow::domain::id::ExecutionName;
use workflow::domain::status::Status;
use workflow::ports::orchestrator::Execution;

use crate::house::{House, iris, olga, review_wanted};

async fn status(house: &House, number: u64) -> Status {
    house.ports.requests.find(request_id(number)).await.unwrap().unwrap().status
}

#[tokio::test]
async fn a_run_that_was_promised_begins() {
    let house = House::build().await;
    let story = Story::of_notice(1, "store");
    house.tell(&story).await;
    house.deliver().await;
    let name = ExecutionName { request: request_id(1), run: 1 };
    assert_eq!(house.ports.orchestrator.describe(name).await.unwrap(), Execution::Running);
}

#[tokio::test]
async fn a_store_that_comes_free_lets_the_oldest_in_and_no_other() {
    let house = House::with_people(&[iris(), olga()]).await;
    let first = review_wanted(1, "store").decided(&iris(), Opinion::Reject).tallied().put_away();
    house.tell(&first).await;
    house.tell(&Story::queued(2, "store")).await;
    house.tell(&Story::queued(3, "store")).await;
    house.deliver().await;
    assert_eq!((status(&house, 2).await, status(&house, 3).await), (Status::Queued, Status::Queued));
    commit(&*house.ports.requests, first.told().last()).await;
    house.deliver().await;
    house.deliver().await;
    assert_eq!((status(&house, 2).await, status(&house, 3).await), (Status::Received, Status::Queued));
    let name = ExecutionName { request: request_id(2), run: 1 };
    assert_eq!(house.ports.orchestrator.describe(name).await.unwrap(), Execution::Running);
}

#[tokio::test]
async fn a_request_that_was_queued_as_its_store_came_free_is_not_forgotten() {
    let house = House::build().await;
    house.tell(&Story::queued(1, "store")).await;
    house.deliver().await;
    assert_eq!(status(&house, 1).await, Status::Received);
}
