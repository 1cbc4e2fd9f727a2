//! Cores: pure work that takes long runs beside the others.

use futures_channel::oneshot;

/// Runs pure work on all cores.
pub trait Workers: Send + Sync {
    /// Runs some work. It may begin at once or later, and runs once.
    fn spawn(&self, work: Box<dyn FnOnce() + Send>);
}

/// Runs some work and waits for what it gives; none if the house is stopping.
pub async fn run<T: Send + 'static>(workers: &dyn Workers, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = oneshot::channel();
    workers.spawn(Box::new(move || {
        // Whoever asked may have gone: then the result is not wanted.
        let _ = sender.send(work());
    }));
    receiver.await.ok()
}
