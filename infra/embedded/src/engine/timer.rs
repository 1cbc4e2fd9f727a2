//! Timers: absolute instants of the house's clock, whatever the machine's own timers think.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use infra_asl::TimerId;
use jiff::Timestamp;
use tokio::sync::Notify;
use workflow::domain::id::ExecutionName;

use super::{Core, Course, drive};

/// The clock is looked at again after at most this long: it may have been set, or the machine may have slept.
const LONGEST_NAP: Duration = Duration::from_secs(10);
/// A clock that stands still, as in a test, must not keep a core busy.
const SHORTEST_NAP: Duration = Duration::from_millis(5);

/// A timer that is set, the earliest first.
type Due = (Timestamp, ExecutionName, TimerId);

#[derive(Debug, Default)]
pub(super) struct Timers {
    set: Mutex<BTreeSet<Due>>,
    changed: Notify,
}

impl Timers {
    pub(super) fn set(&self, at: Timestamp, name: ExecutionName, timer: TimerId) {
        let mut set = self.lock();
        let is_first = set.first().is_none_or(|first| at < first.0);
        set.insert((at, name, timer));
        drop(set);
        if is_first {
            self.changed.notify_one();
        }
    }

    pub(super) fn clear(&self, at: Timestamp, name: ExecutionName, timer: TimerId) {
        self.lock().remove(&(at, name, timer));
    }

    /// Takes out the timers that are due. Each is given out once.
    pub(super) fn take_due(&self, now: Timestamp) -> Vec<Due> {
        let mut set = self.lock();
        let mut due = Vec::new();
        while let Some(first) = set.first().copied().filter(|first| first.0 <= now) {
            set.remove(&first);
            due.push(first);
        }
        due
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.lock().first().map(|first| first.0)
    }

    /// Lets whoever looks after the timers look again.
    pub(super) fn wake(&self) {
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<Due>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fires timers when they are due, until the engine stops or is gone.
pub(super) async fn look_after(engine: Weak<Core>) {
    while let Some(core) = engine.upgrade() {
        if core.course() != Course::Running {
            return;
        }
        drive::fire_due(&core);
        let nap = nap_before(core.timers.next(), core.clock.now());
        tokio::select! {
            () = core.timers.changed.notified() => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
}

fn nap_before(next: Option<Timestamp>, now: Timestamp) -> Duration {
    let Some(next) = next else { return LONGEST_NAP };
    let rest = Duration::try_from(next.duration_since(now)).unwrap_or_default();
    rest.clamp(SHORTEST_NAP, LONGEST_NAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_looked_at_often_and_never_without_pause() {
        let now = Timestamp::from_second(1_000).unwrap();
        let after = |seconds: i64| Timestamp::from_second(1_000 + seconds).ok();
        assert_eq!(nap_before(None, now), LONGEST_NAP);
        assert_eq!(nap_before(after(86_400), now), LONGEST_NAP);
        assert_eq!(nap_before(after(3), now), Duration::from_secs(3));
        assert_eq!(nap_before(after(-3), now), SHORTEST_NAP);
    }
}
