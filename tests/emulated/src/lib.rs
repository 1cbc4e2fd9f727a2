//! The AWS house against stand-ins on loopback: `DynamoDB` by one that is right about transactions, the rest by moto.
//!
//! What the stand-ins do not show: refusals by the account's own rules, presigned addresses that ended, a checksum that
//! S3 itself refuses, indexes that are a moment behind.

pub mod cloud;
pub mod dynamo;
pub mod installation;
pub mod moto;
mod program;
pub mod proxy;
pub mod runtime;
pub mod scene;
pub mod subject;

pub use cloud::Cloud;
pub use dynamo::Dynamo;
pub use installation::{Installation, Way};
pub use moto::Moto;
pub use proxy::Proxy;
pub use runtime::{Answer, Runtime};
