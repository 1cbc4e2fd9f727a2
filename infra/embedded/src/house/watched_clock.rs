//! The machine's clock, watched: where it cannot be believed, deadlines are held until an operator says that it is right.
//!
//! INVARIANT: whoever asks for the time has it compared with the last look first, so that nothing is done about a
//! deadline between a jump and its discovery.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use workflow::ports::Clock;
use workflow::ports::clock::Held;

use crate::database::{Database, Error, instant_of, nanoseconds};

/// A clock that looks at itself.
pub(super) struct WatchedClock {
    clock: Arc<dyn Clock>,
    /// How far the clock may be from the last look; none: however far.
    limit: Option<SignedDuration>,
    watch: Mutex<Watch>,
}

struct Watch {
    seen_at: Timestamp,
    seen: Instant,
    held: Option<Held>,
}

/// The last look that is on record.
#[derive(Debug)]
struct Record {
    seen_at: Option<Timestamp>,
    boot: Option<Boot>,
    held: Option<Held>,
}

/// A start of the machine, and seconds since then. They pass also while the machine sleeps and while no house runs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Boot {
    name: String,
    uptime: i64,
}

impl WatchedClock {
    /// Goes on from the look that is on record.
    pub(super) fn open(clock: Arc<dyn Clock>, limit: SignedDuration, database: &Database) -> Result<Arc<Self>, Error> {
        let record = database.look(read)?;
        let limit = Some(limit).filter(SignedDuration::is_positive);
        let at = clock.now();
        let gap = record.seen_at.map(|before| (before, at.duration_since(before)));
        let found = gap.filter(|(_, gap)| limit.is_some_and(|limit| gap.abs() > limit));
        let found = found.map(|(since, gap)| Held { since, because: away(gap, record.boot.as_ref()) });
        let watch = Watch { seen_at: at, seen: Instant::now(), held: record.held.or(found) };
        Ok(Arc::new(Self { clock, limit, watch: Mutex::new(watch) }))
    }

    /// Puts the look on record. The caller does so often, so that a stop of the house is seen as what it is.
    pub(super) async fn record(&self, database: &Database) -> Result<(), Error> {
        let record = Record { seen_at: Some(self.now()), boot: Boot::now(), held: self.held() };
        database.write(move |connection| write(connection, &record)).await
    }

    /// Lets deadlines pass again, durably first.
    pub(super) async fn release(&self, database: &Database) -> Result<(), Error> {
        let record = Record { seen_at: Some(self.now()), boot: Boot::now(), held: None };
        database.write(move |connection| write(connection, &record)).await?;
        self.watch().held = None;
        Ok(())
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, at: Timestamp) {
        let mut watch = self.watch();
        let gap = at.duration_since(watch.seen_at);
        if watch.held.is_none() && self.limit.is_some_and(|limit| gap.abs() > limit) {
            let because = at_work(gap, watch.seen.elapsed());
            tracing::error!(%because, "deadlines are held until an operator releases them");
            watch.held = Some(Held { since: watch.seen_at, because });
        }
        watch.seen_at = at;
        watch.seen = Instant::now();
    }
}

impl Clock for WatchedClock {
    fn now(&self) -> Timestamp {
        let at = self.clock.now();
        self.look(at);
        at
    }

    fn held(&self) -> Option<Held> {
        self.now();
        self.watch().held.clone()
    }
}

impl std::fmt::Debug for WatchedClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchedClock").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// What a gap between two looks of one process means: its own steady clock says whether it stood still.
fn at_work(gap: SignedDuration, steadily: std::time::Duration) -> String {
    let steadily = SignedDuration::try_from(steadily).unwrap_or(SignedDuration::MAX);
    if gap.is_negative() {
        format!("the clock went back by {}", length(gap))
    } else if steadily.saturating_mul(2) > gap {
        format!("the house stood still for {}", length(gap))
    } else {
        format!("the clock went forward by {}, or the machine slept as long", length(gap))
    }
}

/// What a gap between two processes means: the machine's time since its start says whether its clock was moved.
fn away(gap: SignedDuration, before: Option<&Boot>) -> String {
    let elapsed = before.zip(Boot::now()).filter(|(before, now)| before.name == now.name);
    let elapsed = elapsed.map(|(before, now)| SignedDuration::from_secs(now.uptime - before.uptime));
    let is_moved = elapsed.is_some_and(|elapsed| (gap - elapsed).abs().saturating_mul(2) > gap.abs());
    match (gap.is_negative(), is_moved) {
        (true, _) => format!("the clock went back by {} while the house was not at work", length(gap)),
        (false, true) => format!("the clock went forward by {} while the house was not at work", length(gap)),
        (false, false) => format!("the house was not at work for {}", length(gap)),
    }
}

/// A length in the two largest units that say something.
fn length(gap: SignedDuration) -> String {
    let minutes = gap.abs().as_mins();
    let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

impl Boot {
    /// None where the system does not tell.
    fn now() -> Option<Self> {
        let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
        let seconds = uptime.split('.').next()?.parse().ok()?;
        Some(Self { name: name.trim().to_owned(), uptime: seconds })
    }
}

fn read(connection: &Connection) -> Result<Record, Error> {
    let sql = "SELECT seen_at, boot, uptime, held_since, held_because FROM house";
    let row = |row: &rusqlite::Row<'_>| {
        let boot: Option<(String, i64)> = row.get::<_, Option<String>>(1)?.zip(row.get::<_, Option<i64>>(2)?);
        Ok((row.get::<_, Option<i64>>(0)?, boot, row.get::<_, Option<i64>>(3)?, row.get::<_, Option<String>>(4)?))
    };
    let (seen_at, boot, since, because) = connection.query_row(sql, [], row)?;
    Ok(Record {
        seen_at: seen_at.map(instant_of).transpose()?,
        boot: boot.map(|(name, uptime)| Boot { name, uptime }),
        held: since.map(instant_of).transpose()?.zip(because).map(|(since, because)| Held { since, because }),
    })
}

fn write(connection: &Connection, record: &Record) -> Result<(), Error> {
    let sql = "UPDATE house SET seen_at = ?1, boot = ?2, uptime = ?3, held_since = ?4, held_because = ?5";
    let (boot, held) = (record.boot.as_ref(), record.held.as_ref());
    connection.prepare_cached(sql)?.execute(params![
        record.seen_at.map(nanoseconds),
        boot.map(|boot| boot.name.as_str()),
        boot.map(|boot| boot.uptime),
        held.map(|held| nanoseconds(held.since)),
        held.map(|held| held.because.as_str()),
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_called_what_it_was() {
        let (hours, short) = (SignedDuration::from_hours(49), std::time::Duration::from_secs(1));
        assert_eq!(at_work(hours, short), "the clock went forward by 2 d 1 h, or the machine slept as long");
        assert_eq!(at_work(hours, std::time::Duration::from_hours(49)), "the house stood still for 2 d 1 h");
        assert_eq!(at_work(-hours, short), "the clock went back by 2 d 1 h");
        let now = Boot::now();
        let before = |ago: i64| now.clone().map(|boot| Boot { uptime: boot.uptime - ago, ..boot });
        if now.is_some() {
            assert!(away(hours, before(49 * 3_600).as_ref()).contains("not at work for 2 d 1 h"));
            assert!(away(hours, before(60).as_ref()).contains("went forward"));
        }
        assert!(away(hours, None).contains("not at work"));
    }
}
