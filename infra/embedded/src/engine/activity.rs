//! Counts what is under way, so that somebody can wait until nothing is.

use tokio::sync::watch;

/// What is under way.
#[derive(Debug, Clone)]
pub(super) struct Activity(watch::Sender<usize>);

impl Default for Activity {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Activity {
    /// Something begins; it ends when the answer is dropped.
    pub(super) fn enter(&self) -> Active {
        self.0.send_modify(|count| *count += 1);
        Active(self.0.clone())
    }

    /// Returns when nothing is under way.
    pub(super) async fn idle(&self) {
        // The sender lives as long as `self`, so the wait ends only when the count is 0.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// Something that is under way.
#[derive(Debug)]
pub(super) struct Active(watch::Sender<usize>);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.send_if_modified(|count| {
            *count = count.saturating_sub(1);
            *count == 0
        });
    }
}
