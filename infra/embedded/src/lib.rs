//! The house of one machine: every port of the workflow on one directory, and the engine that runs the definition.

pub mod access_log;
pub mod backup;
pub mod clock;
pub mod database;
pub mod disk;
pub mod egress_store;
pub mod engine;
pub mod house;
pub mod ids;
pub mod intake;
pub mod mailer;
pub mod object_store;
pub mod outbox;
pub mod people;
pub mod policies;
pub mod request_store;
pub mod sealer;
pub mod sessions;
pub mod source;
pub mod uploads;
pub mod workers;

mod failure;

pub use access_log::AccessLog;
pub use clock::Clock;
pub use database::Database;
pub use disk::Disk;
pub use egress_store::EgressStore;
pub use engine::Engine;
pub use house::{House, Options, ReadOnlyHouse};
pub use ids::Ids;
pub use intake::Intake;
pub use mailer::{OutboxFolder, Smtp};
pub use object_store::ObjectStore;
pub use outbox::Outbox;
pub use people::People;
pub use policies::Policies;
pub use request_store::RequestStore;
pub use sealer::Keys;
pub use sessions::Sessions;
pub use source::SourceArea;
pub use uploads::Uploads;
pub use workers::Workers;
