//! Writing a change: the request's row, the event, the messages, the hold and the alias, or nothing.

use rusqlite::{Connection, OptionalExtension, params};
use workflow::domain::change::{Change, Hold};
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::ports::request_store::Commit;

use crate::database::{Error, nanoseconds, signed, to_json};

/// A change as rows, made before the writer is asked: its thread does nothing but write.
pub(super) struct Rows {
    id: String,
    expected: i64,
    status: &'static str,
    waiting_for: Option<String>,
    project: String,
    store: Option<String>,
    received_at: i64,
    due_at: Option<i64>,
    is_over: bool,
    body: String,
    requesters: Vec<String>,
    event: EventRow,
    outbox: Vec<MessageRow>,
    hold: HoldRow,
    alias: Option<(String, String)>,
}

struct EventRow {
    sequence: i64,
    hash: String,
    body: String,
}

struct MessageRow {
    id: String,
    due_at: i64,
    body: String,
}

enum HoldRow {
    Keep,
    Take(String),
    Free(String),
}

impl Rows {
    pub(super) fn of(change: &Change) -> Result<Self, Error> {
        let (request, event) = (change.after(), change.event());
        let message = |message: &workflow::domain::outbox::Message| {
            let (id, due_at) = (message.id.to_string(), nanoseconds(message.created_at));
            Ok(MessageRow { id, due_at, body: to_json(message)? })
        };
        Ok(Self {
            id: request.id.to_string(),
            expected: signed(change.expected()),
            status: request.status.word().as_str(),
            waiting_for: waiting_for(request),
            project: request.project.to_string(),
            store: request.store.as_ref().map(ToString::to_string),
            received_at: nanoseconds(request.received_at),
            due_at: request.due_at.map(nanoseconds),
            is_over: request.status.is_over(),
            body: to_json(request)?,
            requesters: addresses(request),
            event: EventRow { sequence: signed(event.sequence), hash: event.hash.to_string(), body: to_json(event)? },
            outbox: change.outbox().iter().map(message).collect::<Result<_, Error>>()?,
            hold: match change.hold() {
                Hold::Keep => HoldRow::Keep,
                Hold::Take(store) => HoldRow::Take(store.to_string()),
                Hold::Free(store) => HoldRow::Free(store.to_string()),
            },
            alias: change.alias().map(|alias| (alias.notice.to_string(), alias.body.clone())),
        })
    }

    /// Writes the change, or says why it cannot be. A change that is stored already is done.
    pub(super) fn commit(&self, connection: &Connection) -> Result<Commit, Error> {
        let obstacle = match self.obstacle(connection)? {
            Some(obstacle) => obstacle,
            None => match self.write_request(connection)? {
                Some(number) => {
                    self.write_beside(connection, number)?;
                    return Ok(Commit::Done);
                }
                None => Commit::Stale,
            },
        };
        Ok(if self.is_stored(connection)? { Commit::Done } else { obstacle })
    }

    /// What stands in the way, apart from the request's own row.
    fn obstacle(&self, connection: &Connection) -> Result<Option<Commit>, Error> {
        if let Some((notice, _)) = &self.alias {
            let mut statement = connection.prepare_cached("SELECT 1 FROM aliases WHERE notice = ?1")?;
            if statement.exists([notice])? {
                return Ok(Some(Commit::NoticeAnswered));
            }
        }
        let HoldRow::Take(store) = &self.hold else { return Ok(None) };
        let mut statement = connection.prepare_cached("SELECT 1 FROM holds WHERE store = ?1 AND request <> ?2")?;
        if !statement.exists(params![store, self.id])? {
            return Ok(None);
        }
        // Whoever comes late has to look again before it is worth telling them about the store.
        Ok(Some(if self.version(connection)? == self.expected { Commit::StoreHeld } else { Commit::Stale }))
    }

    fn version(&self, connection: &Connection) -> Result<i64, Error> {
        let mut statement = connection.prepare_cached("SELECT version FROM requests WHERE id = ?1")?;
        Ok(statement.query_row([&self.id], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    fn is_stored(&self, connection: &Connection) -> Result<bool, Error> {
        let mut statement = connection.prepare_cached(
            "SELECT 1 FROM requests JOIN events ON events.request = requests.number
             WHERE requests.id = ?1 AND events.sequence = ?2 AND events.hash = ?3",
        )?;
        Ok(statement.exists(params![self.id, self.event.sequence, self.event.hash])?)
    }

    /// Writes the request's own row if it has the expected version, and gives its number.
    fn write_request(&self, connection: &Connection) -> Result<Option<i64>, Error> {
        if self.expected == 0 {
            return self.insert(connection);
        }
        // Most changes leave every list as it is; then no index is touched.
        match self.update_body(connection)? {
            Some(number) => Ok(Some(number)),
            None => self.update(connection),
        }
    }

    fn insert(&self, connection: &Connection) -> Result<Option<i64>, Error> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO requests
                 (id, version, status, waiting_for, project, store, received_at, due_at, is_over, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING RETURNING number",
        )?;
        let values = params![
            self.id,
            self.event.sequence,
            self.status,
            self.waiting_for,
            self.project,
            self.store,
            self.received_at,
            self.due_at,
            self.is_over,
            self.body
        ];
        Ok(statement.query_row(values, |row| row.get(0)).optional()?)
    }

    fn update_body(&self, connection: &Connection) -> Result<Option<i64>, Error> {
        let mut statement = connection.prepare_cached(
            "UPDATE requests SET version = ?3, body = ?4
             WHERE id = ?1 AND version = ?2 AND status = ?5 AND waiting_for IS ?6 AND due_at IS ?7 RETURNING number",
        )?;
        let values =
            params![self.id, self.expected, self.event.sequence, self.body, self.status, self.waiting_for, self.due_at];
        Ok(statement.query_row(values, |row| row.get(0)).optional()?)
    }

    fn update(&self, connection: &Connection) -> Result<Option<i64>, Error> {
        let mut statement = connection.prepare_cached(
            "UPDATE requests SET version = ?3, body = ?4, status = ?5, waiting_for = ?6, due_at = ?7, is_over = ?8
             WHERE id = ?1 AND version = ?2 RETURNING number",
        )?;
        let values = params![
            self.id,
            self.expected,
            self.event.sequence,
            self.body,
            self.status,
            self.waiting_for,
            self.due_at,
            self.is_over
        ];
        Ok(statement.query_row(values, |row| row.get(0)).optional()?)
    }

    fn write_beside(&self, connection: &Connection, number: i64) -> Result<(), Error> {
        let mut event =
            connection.prepare_cached("INSERT INTO events (request, sequence, hash, body) VALUES (?1, ?2, ?3, ?4)")?;
        event.execute(params![number, self.event.sequence, self.event.hash, self.event.body])?;
        let mut requester = connection
            .prepare_cached("INSERT OR IGNORE INTO requesters (email, received_at, request) VALUES (?1, ?2, ?3)")?;
        for email in &self.requesters {
            requester.execute(params![email, self.received_at, number])?;
        }
        let mut message = connection.prepare_cached("INSERT INTO outbox (id, due_at, body) VALUES (?1, ?2, ?3)")?;
        for row in &self.outbox {
            message.execute(params![row.id, row.due_at, row.body])?;
        }
        if let Some((notice, body)) = &self.alias {
            let mut alias =
                connection.prepare_cached("INSERT INTO aliases (notice, request, body) VALUES (?1, ?2, ?3)")?;
            alias.execute(params![notice, self.id, body])?;
        }
        self.write_hold(connection)
    }

    fn write_hold(&self, connection: &Connection) -> Result<(), Error> {
        let (sql, store) = match &self.hold {
            HoldRow::Keep => return Ok(()),
            HoldRow::Take(store) => ("INSERT OR IGNORE INTO holds (store, request) VALUES (?1, ?2)", store),
            HoldRow::Free(store) => ("DELETE FROM holds WHERE store = ?1 AND request = ?2", store),
        };
        connection.prepare_cached(sql)?.execute(params![store, self.id])?;
        Ok(())
    }
}

/// The group whose decision is wanted.
fn waiting_for(request: &Request) -> Option<String> {
    match request.status {
        Status::InReview { stage, .. } => Some(request.policy()?.stage(stage)?.group.to_string()),
        _ => None,
    }
}

/// Every address that a requester can be looked for by, case-folded.
fn addresses(request: &Request) -> Vec<String> {
    let all = request.requesters.iter().flat_map(|who| who.verified_emails.iter().chain([&who.email]));
    let mut folded: Vec<String> = all.map(|email| email.folded().to_owned()).collect();
    folded.sort_unstable();
    folded.dedup();
    folded
}
