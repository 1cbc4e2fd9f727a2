//! How a command gets at the data directory: through the server that has it open, alone, or read-only.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use infra_embedded::house::OpenError;
use tokio::time::{Instant, sleep};

use crate::command::{Command, Need};
use crate::control;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::log;
use crate::open::Open;
use crate::output::Output;
use crate::system;

/// How long a command waits for another one that is at work in the directory.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it waits before it looks again: locks give no notice.
const PAUSE: Duration = Duration::from_millis(50);

/// Does a command, here or by the server of the directory, and ends the output.
pub(crate) async fn execute(dir: &Path, command: Command, as_json: bool, output: &Output) {
    if command.need() != Need::Itself {
        log::begin_if_asked();
    }
    let done = match command.need() {
        Need::Nothing => command.run_alone(output).await,
        Need::Itself => command.run_itself(dir, output).await,
        need @ (Need::Reading | Need::Writing) => match reach(dir, need).await {
            Ok(Reached::Server(connection)) => match connection.ask(command, as_json, output).await {
                Ok(()) => return,
                Err(failure) => Err(failure),
            },
            Ok(Reached::House(house)) => alone(house, &command, output).await,
            Err(failure) => Err(failure),
        },
    };
    output.end(done).await;
}

enum Reached {
    Server(control::Connection),
    House(Open),
}

/// Finds the server, or opens the house. Somebody else's short command is waited for.
async fn reach(dir: &Path, need: Need) -> Result<Reached, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(connection) = control::connect(dir).await? {
            return Ok(Reached::Server(connection));
        }
        let opened = if need == Need::Reading { Open::looking(dir) } else { Open::writing(dir, true).await };
        match opened {
            Ok(house) => return Ok(Reached::House(house)),
            Err(OpenError::InUse { .. }) if Instant::now() < deadline => sleep(PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Does a command in a house that is open for it alone. What the command set off is finished before the house closes.
async fn alone(house: Open, command: &Command, output: &Output) -> Result<(), Failure> {
    let house = Arc::new(house);
    let desk = Desk::new(Arc::clone(&house), system::user_name(system::current_user()));
    let done = command.run(&desk, output).await;
    drop(desk);
    house.rest().await;
    if let Some(house) = Arc::into_inner(house) {
        house.close().await;
    }
    done
}
