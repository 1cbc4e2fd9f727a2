//! A small pool of threads for pure work: one for each core.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use workflow::ports;

type Work = Box<dyn FnOnce() + Send>;

/// How much work may wait for each thread before whoever brings more does it themselves.
const WAITING_PER_THREAD: usize = 8;

/// A pool of threads. Work that panics is reported as a bug and takes no thread with it; what waits when the pool is
/// dropped is still done.
#[derive(Debug)]
pub struct Workers {
    queue: SyncSender<Work>,
}

impl Workers {
    /// Starts one thread for each core.
    pub fn start() -> std::io::Result<Self> {
        Self::with_threads(thread::available_parallelism().map_or(1, NonZeroUsize::get))
    }

    /// Starts this many threads, at least one.
    pub fn with_threads(threads: usize) -> std::io::Result<Self> {
        let (queue, receiver) = sync_channel(threads.max(1) * WAITING_PER_THREAD);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads.max(1) {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new().name(format!("worker-{number}")).spawn(move || work_off(&receiver))?;
        }
        Ok(Self { queue })
    }
}

impl ports::Workers for Workers {
    fn spawn(&self, work: Work) {
        match self.queue.try_send(work) {
            Ok(()) => {}
            // A full queue slows down whoever fills it: that is what bounds the memory.
            Err(TrySendError::Full(work) | TrySendError::Disconnected(work)) => perform(work),
        }
    }
}

fn work_off(queue: &Mutex<Receiver<Work>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => perform(work),
            Err(_) => return,
        }
    }
}

fn perform(work: Work) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        tracing::error!("work on a worker thread panicked: this is a bug");
    }
}

#[cfg(test)]
mod tests {
    use workflow::ports::Workers as _;
    use workflow::ports::workers::run;

    use super::*;

    #[tokio::test]
    async fn a_panic_costs_neither_the_thread_nor_the_work_after_it() {
        let workers = Workers::with_threads(1).unwrap();
        assert_eq!(run(&workers, || -> u32 { panic!("on purpose") }).await, None);
        assert_eq!(run(&workers, || 7).await, Some(7));
    }

    #[test]
    fn more_work_than_may_wait_is_done_all_the_same_and_once() {
        let workers = Workers::with_threads(2).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        for number in 0..500 {
            let sender = sender.clone();
            workers.spawn(Box::new(move || sender.send(number).unwrap()));
        }
        drop(sender);
        let mut done: Vec<_> = receiver.iter().collect();
        done.sort_unstable();
        assert!(done.iter().copied().eq(0..500));
    }
}
