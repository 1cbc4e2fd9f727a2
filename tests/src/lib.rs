//! What tests of more than one crate share: worlds to act in, builders for what is in them, the contract of every port,
//! and the one checker of what must never happen.

pub mod builders;
pub mod client;
pub mod contract;
pub mod invariants;
pub mod machine;
pub mod observation;
pub mod process;
pub mod scene;
pub mod sink;
pub mod template;
pub mod watch;
pub mod world;
