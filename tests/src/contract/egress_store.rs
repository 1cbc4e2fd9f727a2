//! The contract of [`EgressStore`].

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use workflow::domain::outward::UpstreamStatus;
use workflow::domain::text::StoreId;
use workflow::ports::{EgressStore, Kind};

use crate::builders::{request_id, store};

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("egress_store.rs");

/// What the platform does, outside of our reach.
#[async_trait]
pub trait Platform: Send + Sync {
    /// A researcher makes a store.
    async fn enter(&self, store: &StoreId);
}

/// The port, and the platform on its other side.
pub struct Stores {
    /// The port.
    pub egress_stores: Arc<dyn EgressStore>,
    /// The platform.
    pub platform: Arc<dyn Platform>,
}

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! egress_store_contract {
    ($make:path) => {
        $crate::contract!(
            egress_store,
            $make,
            [
                a_store_that_the_platform_does_not_have_is_missing_and_stays_so,
                a_store_is_claimed_by_one_request,
                of_requests_that_claim_at_once_one_gets_the_store,
                only_the_request_that_works_on_a_store_frees_it,
                a_store_whose_content_was_released_is_not_claimed_again,
                a_store_that_came_free_is_claimed_by_the_next,
            ]
        );
    };
}

/// No row of the platform's is ever made by us.
pub async fn a_store_that_the_platform_does_not_have_is_missing_and_stays_so(stores: &Stores) {
    let (port, gone) = (&stores.egress_stores, store("gone"));
    assert_eq!(port.status(&gone).await.unwrap(), None);
    assert_eq!(port.claim(&gone, request_id(1)).await.unwrap_err().kind, Kind::Missing);
    assert!(!port.free(&gone, request_id(1), UpstreamStatus::Pending).await.unwrap());
    assert_eq!(port.status(&gone).await.unwrap(), None);
}

/// A claim is repeated when its answer was lost.
pub async fn a_store_is_claimed_by_one_request(stores: &Stores) {
    let (port, id) = (&stores.egress_stores, store("store-1"));
    stores.platform.enter(&id).await;
    assert_eq!(port.status(&id).await.unwrap().as_deref(), Some("PENDING"));
    port.claim(&id, request_id(1)).await.unwrap();
    port.claim(&id, request_id(1)).await.unwrap();
    assert_eq!(port.status(&id).await.unwrap().as_deref(), Some("PROCESSING"));
    assert_eq!(port.claim(&id, request_id(2)).await.unwrap_err().kind, Kind::Conflict);
    assert_eq!(port.status(&id).await.unwrap().as_deref(), Some("PROCESSING"));
}

/// Of those who lose, each learns it.
pub async fn of_requests_that_claim_at_once_one_gets_the_store(stores: &Stores) {
    let id = store("store-1");
    stores.platform.enter(&id).await;
    let claims = join_all((1..=8).map(|number| stores.egress_stores.claim(&id, request_id(number)))).await;
    assert_eq!(claims.iter().filter(|claim| claim.is_ok()).count(), 1);
    assert!(claims.into_iter().filter_map(Result::err).all(|error| error.kind == Kind::Conflict));
}

/// What another request works on is left alone.
pub async fn only_the_request_that_works_on_a_store_frees_it(stores: &Stores) {
    let (port, id) = (&stores.egress_stores, store("store-1"));
    stores.platform.enter(&id).await;
    assert!(!port.free(&id, request_id(1), UpstreamStatus::Processed).await.unwrap());
    port.claim(&id, request_id(1)).await.unwrap();
    assert!(!port.free(&id, request_id(2), UpstreamStatus::Pending).await.unwrap());
    assert_eq!(port.status(&id).await.unwrap().as_deref(), Some("PROCESSING"));
    assert!(port.free(&id, request_id(1), UpstreamStatus::Pending).await.unwrap());
    assert!(port.free(&id, request_id(1), UpstreamStatus::Pending).await.unwrap());
    assert_eq!(port.status(&id).await.unwrap().as_deref(), Some("PENDING"));
}

/// What left once does not leave twice.
pub async fn a_store_whose_content_was_released_is_not_claimed_again(stores: &Stores) {
    let (port, id) = (&stores.egress_stores, store("store-1"));
    stores.platform.enter(&id).await;
    port.claim(&id, request_id(1)).await.unwrap();
    assert!(port.free(&id, request_id(1), UpstreamStatus::Processed).await.unwrap());
    assert_eq!(port.claim(&id, request_id(2)).await.unwrap_err().kind, Kind::Conflict);
    assert_eq!(port.status(&id).await.unwrap().as_deref(), Some("PROCESSED"));
}

/// The next request takes over, and the one before has no say any longer.
pub async fn a_store_that_came_free_is_claimed_by_the_next(stores: &Stores) {
    let (port, id) = (&stores.egress_stores, store("store-1"));
    stores.platform.enter(&id).await;
    port.claim(&id, request_id(1)).await.unwrap();
    port.free(&id, request_id(1), UpstreamStatus::Pending).await.unwrap();
    port.claim(&id, request_id(2)).await.unwrap();
    assert!(!port.free(&id, request_id(1), UpstreamStatus::Pending).await.unwrap());
    assert_eq!(port.status(&id).await.unwrap().as_deref(), Some("PROCESSING"));
}
