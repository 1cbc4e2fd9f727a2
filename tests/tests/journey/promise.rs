//! Promises that hold although somebody tampered, or an attempt left things behind.

use jiff::SignedDuration;
use tests::scene::{IRIS, RITA};
use workflow::domain::decision::Opinion;
use workflow::domain::slip::Slip;
use workflow::domain::status::{Status, StatusWord};
use workflow::ports::object_store::{Area, Place};
use workflow::steps::{self, Order};

use crate::checker::Tampered;

/// An order to run a step later than whatever the workflow did.
fn order(request: &workflow::domain::request::Request, state: &str) -> Order {
    Order {
        slip: Slip { turn: 1_000, ..Slip::first(request.id, request.run) },
        state: state.to_owned(),
        entered_at: tests::builders::at(0),
        retries: 0,
        token: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_alone_releases_nothing() {
    let house = Tampered::new().await;
    for approvals in [0, 1] {
        let mut request = house.in_review().await;
        assert_eq!(request.round().decisions.len(), approvals);
        request.status = Status::Releasing;
        house.replace(&request);
        let refused = steps::run("Release", house.scene.ports(), &order(&request, "Release")).await.unwrap();
        let sentence = refused.unwrap_err().to_string();
        assert!(sentence.contains("nothing was released"), "{sentence}");
        let released = house.scene.ports().objects.belongings(Area::Release, request.id).await.unwrap();
        assert!(released.is_empty() && house.scene.ports().objects.assemblies().await.unwrap().is_empty());
        request.status = Status::InReview { stage: 0, round: 1 };
        house.replace(&request);
        if approvals == 0 {
            house.scene.decide(IRIS, Opinion::Approve).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_attempt_at_a_release_left_goes_when_the_request_is_rejected() {
    let house = Tampered::new().await;
    let request = house.in_review().await;
    let ports = house.scene.ports();
    let owner = Some((request.id, request.round().number));
    house.put(Area::Release, &request, &request.release_key()).await;
    ports.objects.begin(&Place { area: Area::Release, owner, key: request.release_key() }).await.unwrap();
    house.scene.decide(IRIS, Opinion::Reject).await.unwrap();
    house.scene.settle().await;
    assert_eq!(house.scene.request().await.unwrap().status, Status::Rejected);
    assert!(ports.objects.belongings(Area::Release, request.id).await.unwrap().is_empty());
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_between_looking_and_deciding_decides_nothing() {
    let house = Tampered::new().await;
    let request = house.in_review().await;
    let caller = house.scene.caller(IRIS).await;
    let email = workflow::domain::email::Email::parse(IRIS).unwrap();
    let people = &house.scene.ports().people;
    let mut iris = people.by_email(&email).await.unwrap().unwrap();
    iris.disabled = true;
    people.save(&iris).await.unwrap();
    let ballot = tests::scene::ballot(&request, Opinion::Approve);
    workflow::actions::decide::run(house.scene.ports(), &caller, request.id, ballot).await.unwrap_err();
    assert!(house.scene.request().await.unwrap().round().decisions.is_empty());
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_is_taken_out_of_the_row_before_the_release_stops_it() {
    let house = Tampered::new().await;
    house.in_review().await;
    house.scene.decide(IRIS, Opinion::Approve).await.unwrap();
    house.scene.settle().await;
    let mut request = house.scene.request().await.unwrap();
    request.rounds.last_mut().unwrap().decisions.clear();
    house.replace(&request);
    let _ = house.scene.decide(RITA, Opinion::Approve).await;
    house.scene.pass(SignedDuration::from_mins(5)).await;
    let request = house.scene.request().await.unwrap();
    assert_ne!(request.status.word(), StatusWord::Released);
    assert!(house.scene.ports().objects.belongings(Area::Release, request.id).await.unwrap().is_empty());
}
