//! Cores of a function.

use workflow::ports;

/// Runs pure work on the threads that the runtime keeps for what takes long.
#[derive(Debug, Clone, Copy, Default)]
pub struct Workers;

impl ports::Workers for Workers {
    fn spawn(&self, work: Box<dyn FnOnce() + Send>) {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(work)),
            // Outside of a runtime nobody else waits for this thread.
            Err(_) => work(),
        }
    }
}
