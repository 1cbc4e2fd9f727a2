//! Every port's contract, on the adapters of one machine.

mod embedded;

tests::request_store_contract!(crate::embedded::records);
tests::outbox_contract!(crate::embedded::records);
tests::egress_store_contract!(crate::embedded::stores);
tests::people_contract!(crate::embedded::people);
tests::policies_contract!(crate::embedded::policies);
tests::intake_contract!(crate::embedded::intake);
tests::sessions_contract!(crate::embedded::sessions);
tests::access_log_contract!(crate::embedded::access_log);
tests::object_store_contract!(crate::embedded::files::files);
tests::mailer_contract!(crate::embedded::files::post);
tests::sealer_contract!(crate::embedded::files::keys);
tests::orchestrator_contract!(crate::embedded::engine::engine);
