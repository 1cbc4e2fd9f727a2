//! The house of one machine: every port of the workflow on one directory, and the engine that runs the definition.

pub mod access_log;
pub mod database;
pub mod egress_store;
pub mod intake;
pub mod outbox;
pub mod people;
pub mod policies;
pub mod request_store;
pub mod sessions;

pub use access_log::AccessLog;
pub use database::Database;
pub use egress_store::EgressStore;
pub use intake::Intake;
pub use outbox::Outbox;
pub use people::People;
pub use policies::Policies;
pub use request_store::RequestStore;
pub use sessions::Sessions;
