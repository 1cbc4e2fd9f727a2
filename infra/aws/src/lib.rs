//! The adapters of an AWS account: one for every port of the workflow, and nothing that decides.
//!
//! Requests and everything around them are rows of `DynamoDB`, files are versions in S3, the engine is Step Functions,
//! keys never leave KMS, mails leave by SES. [`Settings`] names them all, [`ports`] puts the adapters together.

mod access_log;
mod clients;
mod clock;
mod egress_store;
mod failure;
mod house;
mod ids;
mod intake;
mod mailer;
mod object_store;
mod orchestrator;
mod outbox;
mod people;
mod place;
mod policies;
mod request_store;
mod row;
mod sealer;
mod sessions;
mod settings;
mod table;
mod uploads;
mod workers;

pub use access_log::AccessLog;
pub use clients::{Clients, http_client};
pub use clock::Clock;
pub use egress_store::EgressStore;
pub use house::ports;
pub use ids::Ids;
pub use intake::Intake;
pub use mailer::{Mailer, answer_of_ses};
pub use object_store::ObjectStore;
pub use orchestrator::Orchestrator;
pub use outbox::Outbox;
pub use people::People;
pub use policies::Policies;
pub use request_store::RequestStore;
pub use sealer::Keys;
pub use sessions::Sessions;
pub use settings::{OPTIONAL_SETTINGS, SETTINGS, Settings, Unset};
pub use uploads::Uploads;
pub use workers::Workers;
