//! What tests of more than one crate share: worlds to act in, builders for what is in them, and the contract of every
//! port.

pub mod builders;
pub mod contract;
pub mod world;
