//! How failures of the machine become failures of a port.

use std::io;

use workflow::ports::{Kind, PortError, PortResult};

/// What a failure of the file system means for whoever asked.
///
/// A full disk can be emptied and a broken one can be replaced: both are worth another attempt.
pub(crate) fn kind_of(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::NotFound => Kind::Missing,
        io::ErrorKind::PermissionDenied => Kind::Denied,
        io::ErrorKind::AlreadyExists => Kind::Conflict,
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Kind::Corrupt,
        _ => Kind::Transient,
    }
}

/// Says in words of ours what people meet most.
pub(crate) fn explain(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            io::Error::new(error.kind(), format!("the disk is full, nothing was changed ({error})"))
        }
        io::ErrorKind::CrossesDevices => io::Error::new(
            error.kind(),
            format!("the folders of the data directory have to be on one disk, and are not ({error})"),
        ),
        _ => error,
    }
}

/// Turns a failure of the file system into one of a port.
pub(crate) trait OfPort<T> {
    /// Names the port and what it was doing.
    fn of_port(self, port: &'static str, operation: impl FnOnce() -> String) -> PortResult<T>;
}

impl<T> OfPort<T> for io::Result<T> {
    fn of_port(self, port: &'static str, operation: impl FnOnce() -> String) -> PortResult<T> {
        self.map_err(|error| PortError::new(port, operation(), kind_of(&error)).because(explain(error)))
    }
}

/// Runs what blocks beside the asynchronous threads. A panic stays a panic.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await, // The runtime is going away, and this task with it.
        },
    }
}
