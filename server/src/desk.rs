//! What a command works with: an open house, and on whose account it runs.

use std::sync::Arc;

use workflow::actions::Caller;
use workflow::actions::administer::Hand;
use workflow::domain::email::Email;
use workflow::domain::permission::may_operate;
use workflow::domain::person::Person;
use workflow::ports::Ports;

use crate::failure::Failure;
use crate::open::Open;

/// Where a person came in.
const ORIGIN: &str = "command line";

/// An open house, and on whose account a command runs in it.
pub(crate) struct Desk {
    pub(crate) house: Arc<Open>,
    pub(crate) ports: Ports,
    /// The user of the machine.
    system_user: String,
}

impl Desk {
    pub(crate) fn new(house: Arc<Open>, system_user: String) -> Self {
        Self { ports: house.ports().clone(), house, system_user }
    }

    /// Somebody who acts. Who may write to the data directory may act for anybody in it: both are recorded.
    pub(crate) async fn caller(&self, email: &Email) -> Result<Caller, Failure> {
        let person = self.person(email).await?;
        Ok(Caller {
            who: person.who,
            claimed: None,
            system_user: Some(self.system_user.clone()),
            origin: Some(ORIGIN.to_owned()),
        })
    }

    /// Somebody in the directory.
    pub(crate) async fn person(&self, email: &Email) -> Result<Person, Failure> {
        let missing = || {
            Failure::not_found(format!(
                "There is nobody with the address {email} in the directory. Nothing was changed. 'lockgate person list' shows who there is."
            ))
        };
        self.ports.people.by_email(email).await?.ok_or_else(missing)
    }

    /// Somebody who runs the house, as they are put on record.
    pub(crate) async fn operator(&self, email: &Email) -> Result<Hand, Failure> {
        may_operate(&self.person(email).await?)?;
        Ok(Hand { person: Some(email.clone()), ..self.hand() })
    }

    /// Whoever may write to the data directory, as they are put on record.
    pub(crate) fn hand(&self) -> Hand {
        Hand { person: None, system_user: Some(self.system_user.clone()), origin: Some(ORIGIN.to_owned()) }
    }
}
