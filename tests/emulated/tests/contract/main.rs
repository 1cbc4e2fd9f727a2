//! Every port's contract, on the adapters of an AWS account.

mod rows;
mod services;

tests::request_store_contract!(crate::rows::records);
tests::outbox_contract!(crate::rows::records);
tests::egress_store_contract!(crate::rows::stores);
tests::people_contract!(crate::rows::people);
tests::policies_contract!(crate::rows::policies);
tests::intake_contract!(crate::rows::intake);
tests::access_log_contract!(crate::rows::access_log);
tests::object_store_contract!(crate::services::files);
tests::mailer_contract!(crate::services::post);
tests::sealer_contract!(crate::services::keys);
tests::orchestrator_contract!(crate::services::engine::engine);
