//! The rules: what a request is, what may happen to it, and who may make it happen.

pub mod access;
pub mod audit;
pub mod calendar;
pub mod change;
pub mod content;
pub mod decision;
pub mod digest;
pub mod email;
pub mod id;
pub mod manifest;
pub mod notice;
pub mod outbox;
pub mod outward;
pub mod path;
pub mod permission;
pub mod person;
pub mod policy;
pub mod release;
pub mod request;
pub mod slip;
pub mod span;
pub mod status;
pub mod text;
pub mod verdict;
pub mod version_list;
