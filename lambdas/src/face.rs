//! Who calls: what every face of the house has in common.

pub(crate) mod appsync;
pub(crate) mod client;
pub mod entry;
pub(crate) mod keys;
pub(crate) mod page;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod url;

pub use appsync::resolve;
pub use keys::Prover;
pub use token::{Audience, BadToken, Claims};
