//! Every port's contract, on the adapters of an AWS account.

mod pool;
mod upload;

use tests_emulated::{Way, subject};

macro_rules! on_the_way {
    ($($name:ident: $subject:ty;)*) => {$(
        async fn $name() -> tests::contract::Subject<$subject> {
            subject::$name(Way::Straight).await
        }
    )*};
}

on_the_way! {
    records: tests::contract::Records;
    stores: tests::contract::egress_store::Stores;
    people: dyn workflow::ports::People;
    policies: dyn workflow::ports::Policies;
    intake: dyn workflow::ports::Intake;
    access_log: dyn workflow::ports::AccessLog;
    sessions: dyn workflow::ports::Sessions;
    files: tests::contract::object_store::Files;
    post: tests::contract::mailer::Post;
    keys: dyn workflow::ports::Sealer;
    engine: tests::contract::orchestrator::Engine;
}

tests::request_store_contract!(crate::records);
tests::outbox_contract!(crate::records);
tests::egress_store_contract!(crate::stores);
tests::people_contract!(crate::people);
tests::policies_contract!(crate::policies);
tests::intake_contract!(crate::intake);
tests::access_log_contract!(crate::access_log);
tests::sessions_contract!(crate::sessions);
tests::object_store_contract!(crate::files);
tests::mailer_contract!(crate::post);
tests::sealer_contract!(crate::keys);
tests::orchestrator_contract!(crate::engine);
