//! Lists of requests: each pattern walks its index from where the page before ended.

use rusqlite::types::Value;
use rusqlite::{Connection, params};
use workflow::domain::request::Request;
use workflow::domain::status::StatusWord;
use workflow::ports::Kind;
use workflow::ports::request_store::{Census, Page, Pattern, Query};

use crate::database::{Error, from_json, nanoseconds};

/// A page that is asked for, as SQL.
pub(super) struct Listing {
    sql: &'static str,
    filter: Value,
    after: Cursor,
    first: u32,
}

/// The place of a row in its list. Rows that come or go leave the places of the others as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    instant: i64,
    number: i64,
}

// ?1 is what the pattern asks for, ?2 and ?3 the place after which the page begins, ?4 the number of rows.
macro_rules! oldest_first {
    ($which:literal) => {
        concat!(
            "SELECT body, received_at, number FROM requests WHERE ",
            $which,
            " AND (received_at, number) > (?2, ?3) ORDER BY received_at, number LIMIT ?4"
        )
    };
}
macro_rules! newest_first {
    ($which:literal) => {
        concat!(
            "SELECT body, received_at, number FROM requests WHERE ",
            $which,
            "(received_at, number) < (?2, ?3) ORDER BY received_at DESC, number DESC LIMIT ?4"
        )
    };
}

const ALL: &str = newest_first!("");
const OPEN: &str = oldest_first!("is_over = 0");
const IN_STATUS: &str = oldest_first!("status = ?1");
const OF_PROJECT: &str = newest_first!("project = ?1 AND ");
const OF_STORE: &str = newest_first!("store = ?1 AND ");
const WAITING_FOR: &str = oldest_first!("waiting_for = ?1");
const OF_REQUESTER: &str = "SELECT requests.body, requesters.received_at, requesters.request
    FROM requesters CROSS JOIN requests ON requests.number = requesters.request
    WHERE requesters.email = ?1 AND (requesters.received_at, requesters.request) < (?2, ?3)
    ORDER BY requesters.received_at DESC, requesters.request DESC LIMIT ?4";
const DUE_BY: &str = "SELECT body, due_at, number FROM requests
    WHERE due_at <= ?1 AND (due_at, number) > (?2, ?3) ORDER BY due_at, number LIMIT ?4";

impl Listing {
    pub(super) fn of(query: &Query) -> Result<Self, Error> {
        let (sql, filter, start) = match &query.pattern {
            Pattern::All => (ALL, Value::Null, Cursor::LAST),
            Pattern::Open => (OPEN, Value::Null, Cursor::FIRST),
            Pattern::InStatus(word) => (IN_STATUS, text(word), Cursor::FIRST),
            Pattern::OfProject(project) => (OF_PROJECT, text(project), Cursor::LAST),
            Pattern::OfRequester(email) => (OF_REQUESTER, text(email.folded()), Cursor::LAST),
            Pattern::OfStore(store) => (OF_STORE, text(store), Cursor::LAST),
            Pattern::WaitingFor(group) => (WAITING_FOR, text(group), Cursor::FIRST),
            Pattern::DueBy(instant) => (DUE_BY, Value::Integer(nanoseconds(*instant)), Cursor::FIRST),
        };
        let after = query.after.as_deref().map_or(Ok(start), Cursor::parse)?;
        Ok(Self { sql, filter, after, first: query.first })
    }

    pub(super) fn page(&self, connection: &Connection) -> Result<Page, Error> {
        let mut statement = connection.prepare_cached(self.sql)?;
        // One row more than is asked for tells whether there is a next page.
        let limit = i64::from(self.first) + 1;
        let mut rows = statement.query(params![self.filter, self.after.instant, self.after.number, limit])?;
        let mut requests: Vec<Request> = Vec::new();
        let mut last = self.after;
        while let Some(row) = rows.next()? {
            if requests.len() >= self.first as usize {
                return Ok(Page { requests, next: Some(last.to_string()) });
            }
            requests.push(from_json("a request", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
            last = Cursor { instant: row.get(1)?, number: row.get(2)? };
        }
        Ok(Page { requests, next: None })
    }
}

fn text(value: &(impl ToString + ?Sized)) -> Value {
    Value::Text(value.to_string())
}

impl Cursor {
    const FIRST: Self = Self { instant: i64::MIN, number: i64::MIN };
    const LAST: Self = Self { instant: i64::MAX, number: i64::MAX };

    fn parse(text: &str) -> Result<Self, Error> {
        let parts = text
            .split_once('.')
            .and_then(|(instant, number)| Some(Self { instant: instant.parse().ok()?, number: number.parse().ok()? }));
        parts.ok_or_else(|| {
            Error::refused(Kind::Corrupt, "the place at which the page should begin is none that a page named")
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.instant, self.number)
    }
}

/// How many requests are open in each status, and since when the longest waits for a decision.
pub(super) fn census(connection: &Connection) -> Result<Census, Error> {
    let strange = || Error::damaged("the status of a request", "it is none that we write");
    let mut counted =
        connection.prepare_cached("SELECT status, count(*) FROM requests WHERE is_over = 0 GROUP BY 1")?;
    let rows = counted.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let open = rows.map(|row| {
        let (word, count) = row?;
        Ok((StatusWord::parse(&word).ok_or_else(strange)?, count.unsigned_abs()))
    });
    let sql = "SELECT min(json_extract(body, '$.rounds[#-1].entry.entered_at')) FROM requests WHERE status = ?1";
    let word = StatusWord::InReview.as_str();
    let oldest: Option<String> = connection.prepare_cached(sql)?.query_row([word], |row| row.get(0))?;
    let waiting_since = oldest.map(|text| text.parse()).transpose();
    Ok(Census {
        open: open.collect::<Result<_, Error>>()?,
        waiting_since: waiting_since.map_err(|error| Error::damaged("the entry of a stage", error))?,
    })
}

#[cfg(test)]
mod tests {
    use workflow::domain::email::Email;
    use workflow::domain::status::StatusWord;
    use workflow::domain::text::{Group, ProjectId, StoreId};

    use super::*;
    use crate::database::{Database, Mode};

    #[tokio::test]
    async fn every_pattern_walks_an_index_in_the_order_of_its_list() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("lockgate.db"), Mode::ReadWrite).unwrap();
        for (pattern, index) in [
            (Pattern::All, "INDEX requests_all "),
            (Pattern::Open, "INDEX requests_open "),
            (Pattern::InStatus(StatusWord::Queued), "INDEX requests_in_status "),
            (Pattern::OfProject(ProjectId::parse("p").unwrap()), "INDEX requests_of_project "),
            (Pattern::OfRequester(Email::parse("a@b.c").unwrap()), "SEARCH requesters USING PRIMARY KEY"),
            (Pattern::OfStore(StoreId::parse("s").unwrap()), "INDEX requests_of_store "),
            (Pattern::WaitingFor(Group::parse("g").unwrap()), "INDEX requests_waiting_for "),
            (Pattern::DueBy("2026-01-05T09:00:00Z".parse().unwrap()), "INDEX requests_due "),
        ] {
            let listing = Listing::of(&Query { pattern, after: None, first: 10 }).unwrap();
            let plan = database.read(move |connection| explain(connection, &listing)).await.unwrap();
            assert!(plan.contains(index), "{index}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{index}: {plan}");
        }
    }

    fn explain(connection: &Connection, listing: &Listing) -> Result<String, Error> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", listing.sql))?;
        let values = params![listing.filter, 0, 0, 10];
        let steps = statement.query_map(values, |row| row.get::<_, String>(3))?;
        Ok(steps.collect::<Result<Vec<_>, _>>()?.join("\n"))
    }
}
