//! The journal: what happened to each execution, in order.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use infra_asl::{Definition, Event, Machine, Outcome};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use workflow::domain::digest::Digest;
use workflow::domain::id::ExecutionName;
use workflow::ports::orchestrator::Execution as Standing;

use super::definition;
use super::execution::Execution;
use crate::database::{Database, Error, nanoseconds, to_json};

/// After this long a write that did not fit the disk is tried again.
const UNTIL_THERE_IS_ROOM: Duration = Duration::from_secs(1);

/// What is in the journal.
pub(super) struct Loaded {
    pub(super) executions: Vec<Execution>,
    /// What cannot be understood.
    pub(super) damaged: Vec<(ExecutionName, String)>,
}

/// The journal.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    database: Database,
}

impl Journal {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    #[cfg(test)]
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Keeps a definition for as long as executions of it may run, and longer; gives its name.
    pub(super) async fn keep_definition(&self, text: &str) -> Result<String, Error> {
        let (digest, text) = (Digest::of(text.as_bytes()).to_string(), text.to_owned());
        let name = digest.clone();
        let sql = "INSERT OR IGNORE INTO definitions (digest, text) VALUES (?1, ?2)";
        self.database.write(move |c| Ok(c.prepare_cached(sql)?.execute([name, text]).map(drop)?)).await?;
        Ok(digest)
    }

    /// Begins an execution with its first event; none if there is one of that name, whatever became of it.
    pub(super) async fn begin(
        &self,
        name: ExecutionName,
        definition: &str,
        event: &Event,
    ) -> Result<Option<i64>, Error> {
        let (name, definition, event) = (name.to_string(), definition.to_owned(), (event.at(), to_json(event)?));
        let begin = move |c: &Connection| {
            let sql = "INSERT OR IGNORE INTO executions (name, definition, begun_at) VALUES (?1, ?2, ?3)";
            let is_new = c.prepare_cached(sql)?.execute(params![name, definition, nanoseconds(event.0)])? > 0;
            if !is_new {
                return Ok(None);
            }
            let number = c.last_insert_rowid();
            insert(c, (number, 0), &event.1)?;
            Ok(Some(number))
        };
        self.database.write(begin).await
    }

    /// Appends an event. While the disk is full it waits; it fails only if the writer has stopped for good.
    pub(super) async fn append(&self, place: (i64, i64), event: &Event) -> Result<(), Error> {
        let event: Arc<str> = to_json(event)?.into();
        loop {
            let event = Arc::clone(&event);
            match self.database.write(move |c| insert(c, place, &event)).await {
                Err(error) if self.can_retry(&error) => tokio::time::sleep(UNTIL_THERE_IS_ROOM).await,
                done => return done,
            }
        }
    }

    /// Ends an execution: its outcome stays, its journal goes. Fails as [`Journal::append`] does.
    pub(super) async fn end(&self, number: i64, outcome: &Outcome, at: Timestamp) -> Result<(), Error> {
        let outcome: Arc<str> = outcome_as_json(outcome).to_string().into();
        loop {
            let outcome = Arc::clone(&outcome);
            match self.database.write(move |c| finish(c, number, &outcome, at)).await {
                Err(error) if self.can_retry(&error) => tokio::time::sleep(UNTIL_THERE_IS_ROOM).await,
                done => return done,
            }
        }
    }

    fn can_retry(&self, error: &Error) -> bool {
        matches!(error, Error::Sqlite(_) | Error::Unknown(_)) && !self.database.is_broken()
    }

    pub(crate) async fn describe(&self, name: ExecutionName) -> Result<Standing, Error> {
        let sql = "SELECT ended_at IS NOT NULL FROM executions WHERE name = ?1";
        let name = name.to_string();
        let query = move |c: &Connection| {
            Ok(c.prepare_cached(sql)?.query_row([name], |row| row.get::<_, bool>(0)).optional()?)
        };
        Ok(match self.database.read(query).await? {
            None => Standing::Unknown,
            Some(true) => Standing::Ended,
            Some(false) => Standing::Running,
        })
    }

    /// Replays every execution that is not over. `known` are the definitions that are parsed already.
    pub(super) async fn load(&self, known: HashMap<String, Arc<Definition>>) -> Result<Loaded, Error> {
        self.database.read(move |c| load(c, known)).await
    }
}

fn insert(connection: &Connection, (execution, sequence): (i64, i64), event: &str) -> Result<(), Error> {
    let sql = "INSERT OR REPLACE INTO journal (execution, sequence, event) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![execution, sequence, event])?;
    Ok(())
}

fn finish(connection: &Connection, number: i64, outcome: &str, at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE executions SET ended_at = ?2, outcome = ?3 WHERE number = ?1 AND ended_at IS NULL";
    connection.prepare_cached(sql)?.execute(params![number, nanoseconds(at), outcome])?;
    connection.prepare_cached("DELETE FROM journal WHERE execution = ?1")?.execute([number])?;
    Ok(())
}

fn outcome_as_json(outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Succeeded { output } => json!({ "outcome": "succeeded", "output": output }),
        Outcome::Failed { error, cause } => json!({ "outcome": "failed", "error": error, "cause": cause }),
        Outcome::TimedOut => json!({ "outcome": "timed_out" }),
        Outcome::Aborted { error, cause } => json!({ "outcome": "aborted", "error": error, "cause": cause }),
    }
}

/// An execution whose events are being read.
struct Reading {
    number: i64,
    events: i64,
    last_at: Timestamp,
    machine: Result<Machine, String>,
}

impl Reading {
    fn take(&mut self, event: &str) {
        self.events += 1;
        let Ok(machine) = &mut self.machine else { return };
        let applied = serde_json::from_str::<Event>(event)
            .map_err(|error| error.to_string())
            .and_then(|event| machine.apply(&event).map(|_| event.at()).map_err(|illegal| illegal.to_string()));
        match applied {
            Ok(at) => self.last_at = at,
            Err(problem) => self.machine = Err(format!("its event {} cannot be taken in: {problem}", self.events)),
        }
    }
}

fn load(connection: &Connection, mut known: HashMap<String, Arc<Definition>>) -> Result<Loaded, Error> {
    let mut loaded = Loaded { executions: Vec::new(), damaged: Vec::new() };
    let sql = "SELECT number, name, definition FROM executions WHERE ended_at IS NULL ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (number, name, digest): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let name = name.parse().map_err(|error| Error::damaged("the name of an execution", error))?;
        let machine = find_definition(connection, &mut known, &digest)?.map(Machine::new);
        let reading = replay(connection, Reading { number, events: 0, last_at: Timestamp::MIN, machine })?;
        match reading.machine {
            Ok(machine) => {
                loaded.executions.push(Execution::replayed(name, machine, (number, reading.events, reading.last_at)));
            }
            Err(problem) => {
                tracing::error!(execution = %name, problem, "the journal of an execution is damaged");
                loaded.damaged.push((name, problem));
            }
        }
    }
    Ok(loaded)
}

fn replay(connection: &Connection, mut reading: Reading) -> Result<Reading, Error> {
    let mut statement =
        connection.prepare_cached("SELECT event FROM journal WHERE execution = ?1 ORDER BY sequence")?;
    let mut rows = statement.query([reading.number])?;
    while let Some(row) = rows.next()? {
        reading.take(row.get_ref(0)?.as_str().map_err(|error| Error::damaged("an event", error))?);
    }
    Ok(reading)
}

fn find_definition(
    connection: &Connection,
    known: &mut HashMap<String, Arc<Definition>>,
    digest: &str,
) -> Result<Result<Arc<Definition>, String>, Error> {
    if let Some(definition) = known.get(digest) {
        return Ok(Ok(Arc::clone(definition)));
    }
    let sql = "SELECT text FROM definitions WHERE digest = ?1";
    let text: String = connection.prepare_cached(sql)?.query_row([digest], |row| row.get(0))?;
    match definition::parse(&text) {
        Ok(definition) => {
            known.insert(digest.to_owned(), Arc::clone(&definition));
            Ok(Ok(definition))
        }
        Err(bad) => Ok(Err(format!("this release cannot run its definition any more: {bad}"))),
    }
}
