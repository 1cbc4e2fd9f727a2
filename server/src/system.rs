//! The user of the machine on whose account a command runs.

use nix::unistd::{Uid, User};

/// The name of a user of this machine, or its number if it has none.
pub(crate) fn user_name(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => format!("user {uid}"),
    }
}

/// The user who runs this process.
pub(crate) fn current_user() -> u32 {
    Uid::effective().as_raw()
}
