//! The side of the server.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::address::Address;
use super::{Call, Greeting, LONGEST_CALL, version};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::open::Open;
use crate::output::{Frame, Output};
use crate::system;

/// How long commands that are being done are waited for when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// How long nobody is let in after there were no file handles left.
const PAUSE: Duration = Duration::from_millis(200);

/// The socket of a server.
pub(crate) struct Listener {
    socket: UnixListener,
    path: PathBuf,
    calls: JoinSet<()>,
}

impl Listener {
    /// Opens the socket. The caller holds the directory's lock, so a socket that is there was left by a dead server.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join("control.sock");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let address = Address::of(dir)?;
        let socket = UnixListener::bind(address.path())?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { socket, path, calls: JoinSet::new() })
    }

    /// Takes commands until the answer is dropped.
    pub(crate) async fn serve(&mut self, house: &Arc<Open>) -> io::Error {
        loop {
            // Those that are done are let go.
            while self.calls.try_join_next().is_some() {}
            match self.socket.accept().await {
                Ok((stream, _)) => {
                    let house = Arc::clone(house);
                    self.calls.spawn(async move { answer(stream, house).await });
                }
                // Whoever called may have gone again, or there are no file handles: those that are busy give theirs back.
                Err(error) if passes(&error) => tokio::time::sleep(PAUSE).await,
                Err(error) => return error,
            }
        }
    }

    /// Takes no more commands, waits for those that are being done, and takes the socket away.
    pub(crate) async fn close(mut self) {
        let _ = std::fs::remove_file(&self.path);
        drop(self.socket);
        let done = async { while self.calls.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, done).await;
    }
}

/// Tells failures of one connection, or of this moment, from those of the socket.
fn passes(error: &io::Error) -> bool {
    use nix::errno::Errno;
    let passing = [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM, Errno::ECONNABORTED, Errno::EINTR];
    error.raw_os_error().is_some_and(|raw| passing.contains(&Errno::from_raw(raw)))
}

/// Does one command for one peer. A peer that has gone is no error: what it asked for is done.
async fn answer(mut stream: UnixStream, house: Arc<Open>) {
    let called = call(&mut stream).await;
    let as_json = called.as_ref().is_ok_and(|(call, _)| call.as_json);
    let (output, mut frames) = Output::new(as_json);
    let work = tokio::spawn(async move {
        let done = match called {
            Ok((call, system_user)) => call.command.run(&Desk::new(house, system_user), &output).await,
            Err(failure) => Err(failure),
        };
        output.end(done).await;
    });
    while let Some(frame) = frames.recv().await {
        if write(&mut stream, &frame).await.is_err() {
            break;
        }
    }
    drop(frames);
    if work.await.is_err() {
        let failure = Failure::bug("the server's log says what happened");
        let text = format!("{}\n", failure.written(as_json));
        for frame in [Frame::Err(text), Frame::Exit(failure.exit_code())] {
            // A peer that has gone is not told.
            let _ = write(&mut stream, &frame).await;
        }
    }
}

/// Reads the command, and who sends it.
async fn call(stream: &mut UnixStream) -> Result<(Call, String), Failure> {
    let unreadable = |error: io::Error| Failure::unreachable(format!("The command did not arrive: {error}."));
    let peer = stream.peer_cred().map_err(unreadable)?.uid();
    if peer != 0 && peer != system::current_user() {
        return Err(Failure::refused("NOT_YOURS", "This server belongs to another user. Nothing was changed."));
    }
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_CALL)).read_line(&mut line).await.map_err(unreadable)?;
    let strange = |error: serde_json::Error| {
        Failure::usage(format!("The command cannot be understood: {error}. Nothing was changed."))
    };
    let greeting: Greeting = serde_json::from_str(&line).map_err(strange)?;
    if greeting.version != version() {
        let sentence = format!(
            "The server runs Lockgate {}, this command is of {}. Nothing was changed. Use the server's release, or restart it.",
            version(),
            greeting.version
        );
        return Err(Failure::conflict(sentence));
    }
    Ok((serde_json::from_str(&line).map_err(strange)?, system::user_name(peer)))
}

async fn write(stream: &mut UnixStream, frame: &Frame) -> io::Result<()> {
    let mut line = serde_json::to_vec(frame)?;
    line.push(b'\n');
    stream.write_all(&line).await
}
