//! People as others see them.

use async_graphql::SimpleObject;
use workflow::domain::person::Who;

/// Somebody.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Person")]
pub(crate) struct PersonView {
    /// Their name.
    name: String,
    /// Their address.
    email: String,
}

impl From<&Who> for PersonView {
    fn from(who: &Who) -> Self {
        Self { name: who.name.to_string(), email: who.email.to_string() }
    }
}
