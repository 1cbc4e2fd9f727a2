//! The side of the command.

use std::io;
use std::path::Path;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use super::address::Address;
use super::{Call, LONGEST_CALL, version};
use crate::command::Command;
use crate::failure::Failure;
use crate::output::{Frame, Output};

/// A connection to the server of a data directory.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: UnixStream,
}

/// Connects to the server of a data directory; none if no server is at work there.
pub(crate) async fn connect(dir: &Path) -> Result<Option<Connection>, Failure> {
    let Ok(address) = Address::of(dir) else { return Ok(None) };
    match UnixStream::connect(address.path()).await {
        Ok(stream) => Ok(Some(Connection { stream })),
        Err(error) if is_nobody_there(&error) => Ok(None),
        Err(error) => Err(Failure::unreachable(format!(
            "The server of {} cannot be reached: {error}. Nothing was changed. Run the command as the user whose server it is.",
            dir.display()
        ))),
    }
}

/// No socket, or one that a server left behind when it died.
fn is_nobody_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory)
}

impl Connection {
    /// Has a command done by the server, and passes on what it says, its exit code included.
    pub(crate) async fn ask(self, command: Command, as_json: bool, output: &Output) -> Result<(), Failure> {
        let call = Call { version: version(), as_json, command };
        let mut line = serde_json::to_vec(&call)
            .map_err(|error| Failure::usage(format!("An argument cannot be passed on: {error}.")))?;
        line.push(b'\n');
        if u64::try_from(line.len()).unwrap_or(u64::MAX) > LONGEST_CALL {
            return Err(Failure::usage("The arguments are too long for one command. Nothing was changed."));
        }
        let (reader, mut writer) = self.stream.into_split();
        writer.write_all(&line).await.map_err(|error| broken(&error))?;
        let mut lines = BufReader::new(reader).lines();
        while let Some(line) = lines.next_line().await.map_err(|error| broken(&error))? {
            let frame: Frame = serde_json::from_str(&line).map_err(|error| broken(&error.into()))?;
            let is_last = matches!(frame, Frame::Exit(_));
            output.forward(frame).await;
            if is_last {
                return Ok(());
            }
        }
        Err(broken(&io::ErrorKind::UnexpectedEof.into()))
    }
}

fn broken(error: &io::Error) -> Failure {
    Failure::unreachable(format!(
        "The server stopped before it had answered ({error}). What was asked for may or may not have been done: look at the request, then try again."
    ))
}
