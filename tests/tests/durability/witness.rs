//! What is looked at after a stop.

use std::path::Path;

use infra_embedded::database::Mode;
use infra_embedded::{Database, Outbox, RequestStore};
use workflow::domain::audit::verify_chain;
use workflow::domain::id::RequestId;
use workflow::ports::outbox::Drawer;
use workflow::ports::request_store::{Pattern, Query};
use workflow::ports::{Outbox as _, RequestStore as _};

/// The name of the file in its folder.
pub(crate) const FILE: &str = "lockgate.db";

/// Opens the database as a server does when it starts again.
pub(crate) fn reopen(folder: &Path) -> Database {
    Database::open(&folder.join(FILE), Mode::ReadWrite).unwrap()
}

/// The version of a request that is stored, 0 if it is not: after a check that row, chain and outbox agree.
pub(crate) async fn whole_version(database: &Database, id: RequestId) -> u64 {
    let requests = RequestStore::new(database.clone());
    let events = requests.trail(id, 0, u32::MAX).await.unwrap();
    let Some(request) = requests.find(id).await.unwrap() else {
        assert_eq!(events, [], "events of a request that is not there");
        return 0;
    };
    verify_chain(id, &events, request.head).unwrap();
    let query = Query { pattern: Pattern::All, after: None, first: 10_000 };
    let listed = requests.list(&query).await.unwrap().requests;
    assert!(listed.contains(&request), "the list does not hold the request");
    let postings = Outbox::new(database.clone()).list(Drawer::Due, 10_000).await.unwrap();
    let own = postings.iter().filter(|posting| posting.id.request == id).count();
    assert_eq!(own, 2, "receiving a request begins a run and tells the requester");
    request.version()
}
