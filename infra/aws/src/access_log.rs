//! The access log: one segment a day, many writers. A day that a checkpoint has asked about is closed for good.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;
use workflow::domain::access::{Access, Segment};
use workflow::domain::digest::Digest;
use workflow::ports::{PortResult, access_log as port};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome, unless_unmet};
use crate::place;
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Ask, Table, Terms, Transaction};

const PORT: &str = "AccessLog";
/// The gate says which days are closed. It is there so many times, so that those who write rarely meet at one row.
const GATES: u32 = 8;
/// As often an entry is tried to be written whose day was closed meanwhile.
const ROUNDS: u32 = 5;
/// As many entries are read at once.
const PAGE: usize = 1_000;

/// The access log of an installation.
///
/// An entry that comes when its day is closed goes to the first day that is open, so that what a checkpoint bound
/// stays as it was. The entries of a day are in the order of their instants.
#[derive(Debug, Clone)]
pub struct AccessLog {
    table: Table,
    /// Days that this process has entered into the list of days.
    entered: Arc<Mutex<BTreeSet<Date>>>,
}

impl AccessLog {
    /// The access log in an installation's table.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        Self { table: Table::new(clients.dynamodb.clone(), &settings.tables.access), entered: Arc::default() }
    }

    async fn write(&self, access: &Access) -> Outcome<()> {
        let mut day = access.at.to_zoned(TimeZone::UTC).date();
        for _ in 0..ROUNDS {
            self.enter(day).await?;
            let gate = gate(rand::random_range(0..GATES));
            let row = Row::new(format!("day#{day}"), place::of(access.at, Uuid::now_v7()));
            let row = row.text("body", Segment::line(access));
            let open = Terms::of("attribute_not_exists(#open) OR #open <= :day").with_text("day", day.to_string());
            let transaction = Transaction::default().check(&self.table, gate.clone(), open)?;
            let transaction = transaction.put(&self.table, row, Terms::absent("id"))?;
            if transaction.commit(&self.table).await?.is_ok() {
                return Ok(());
            }
            day = match self.table.get(gate).await? {
                Some(row) => row.parse("open")?,
                None => day,
            };
        }
        Err(Failure::busy("days were closed again and again while an entry was written"))
    }

    /// Enters a day into the list of days before its first entry is written.
    async fn enter(&self, day: Date) -> Outcome<()> {
        if self.entered.lock().unwrap_or_else(PoisonError::into_inner).contains(&day) {
            return Ok(());
        }
        self.table.put(Row::new("days", day.to_string()), Terms::none()).await?;
        self.entered.lock().unwrap_or_else(PoisonError::into_inner).insert(day);
        Ok(())
    }

    /// The lines of a day after the first `after`, at most `first`.
    async fn lines(&self, day: Date, after: usize, first: usize) -> Outcome<Vec<Row>> {
        let wanted = after.saturating_add(first);
        let mut rows = self.table.list(&Ask::of_id(format!("day#{day}")), wanted).await?;
        Ok(rows.split_off(after.min(rows.len())))
    }

    async fn close(&self, before: Date) -> Outcome<()> {
        for number in 0..GATES {
            let later = Terms::of("attribute_not_exists(#open) OR #open < :day").with_text("day", before.to_string());
            unless_unmet(self.table.update(gate(number), "SET #open = :day", later).await.map(drop))?;
        }
        Ok(())
    }

    async fn closed(&self, before: Date) -> Outcome<Vec<(Date, Digest)>> {
        self.close(before).await?;
        let earlier = |id: &str| {
            Ask::of(Terms::of("#id = :id AND #sort < :day").with_text("id", id).with_text("day", before.to_string()))
        };
        let kept = self.table.list(&earlier("segments"), usize::MAX).await?;
        let mut segments = Vec::new();
        for row in self.table.list(&earlier("days"), usize::MAX).await? {
            let day: Date = row.parse("sort")?;
            let known = kept.iter().find(|kept| kept.find("sort") == row.find("sort"));
            let digest = match known {
                Some(row) => Some(row.parse("digest")?),
                None => self.seal(day).await?,
            };
            segments.extend(digest.map(|digest| (day, digest)));
        }
        Ok(segments)
    }

    /// Computes the digest of a closed day and keeps it; none for a day without entries.
    async fn seal(&self, day: Date) -> Outcome<Option<Digest>> {
        let mut segment = Segment::default();
        let mut after = String::new();
        loop {
            let keys = Terms::of("#id = :id AND #sort > :after").with_text("id", format!("day#{day}"));
            let rows = self.table.list(&Ask::of(keys.with_text("after", format!("{after}!"))), PAGE).await?;
            for row in &rows {
                segment.push_line(row.get("body")?);
            }
            match rows.last() {
                Some(last) => last.get("sort")?.clone_into(&mut after),
                None if after.is_empty() => return Ok(None),
                None => break,
            }
        }
        let row = Row::new("segments", day.to_string()).text("digest", segment.digest().to_string());
        unless_unmet(self.table.put(row, Terms::absent("id")).await)?;
        Ok(Some(segment.digest()))
    }
}

/// The key of one of the rows that say which days are closed.
fn gate(number: u32) -> Row {
    Row::new("gate", number.to_string())
}

#[async_trait]
impl port::AccessLog for AccessLog {
    async fn append(&self, access: &Access) -> PortResult<()> {
        self.write(access).await.map_err(|e| e.during(PORT, "append"))
    }

    async fn read(&self, day: Date, after: u64, first: u32) -> PortResult<Vec<Access>> {
        let (after, first) =
            (usize::try_from(after).unwrap_or(usize::MAX), usize::try_from(first).unwrap_or(usize::MAX));
        let rows = self.lines(day, after, first).await;
        let entries = rows.and_then(|rows| rows.iter().map(|row| row.read("body")).collect());
        entries.map_err(|e| e.during(PORT, format!("read {day}")))
    }

    async fn segments(&self, before: Date) -> PortResult<Vec<(Date, Digest)>> {
        self.closed(before).await.map_err(|e| e.during(PORT, format!("segments before {before}")))
    }
}
