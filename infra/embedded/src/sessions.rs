//! Accounts, sessions and keys of one machine.

mod key;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::person::Identity;
use workflow::ports::sessions::{Account, ApiKey, LOCAL_ISSUER, Session};
use workflow::ports::{PortResult, sessions as port};

use crate::database::{Database, Error, instant_of, nanoseconds};

const PORT: &str = "sessions";

/// Accounts, sessions and keys in a database.
#[derive(Debug, Clone)]
pub struct Sessions {
    database: Database,
}

impl Sessions {
    /// The accounts, sessions and keys in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn write<T: Send + 'static>(
        &self,
        operation: &str,
        job: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> PortResult<T> {
        self.database.write(job).await.map_err(|error| error.during(PORT, operation))
    }

    async fn read<T: Send + 'static>(
        &self,
        operation: &str,
        query: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> PortResult<T> {
        self.database.read(query).await.map_err(|error| error.during(PORT, operation))
    }
}

#[async_trait]
impl port::Sessions for Sessions {
    async fn account(&self, email: &Email) -> PortResult<Option<Account>> {
        let email = email.folded().to_owned();
        let read = move |connection: &rusqlite::Connection| {
            let sql = "SELECT subject, address, password FROM accounts WHERE email = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_row([email], |row| Ok(account(row))).optional()?.transpose()
        };
        self.read("find an account", read).await
    }

    async fn save_account(&self, account: &Account) -> PortResult<()> {
        let Account { identity, email, password } = account.clone();
        let save = move |connection: &rusqlite::Connection| {
            let sql = "INSERT INTO accounts (email, address, subject, password) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (email) DO UPDATE SET
                           address = excluded.address, subject = excluded.subject, password = excluded.password";
            let values = params![email.folded(), email.as_str(), identity.subject, password];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        };
        self.write("save an account", save).await
    }

    async fn open(&self, session: &Session) -> PortResult<()> {
        let session = session.clone();
        let open = move |connection: &rusqlite::Connection| {
            let sql = "INSERT OR IGNORE INTO sessions (token, issuer, subject, opened_at, seen_at, expires_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let Session { token, identity, opened_at, seen_at, expires_at } = session;
            let [opened_at, seen_at, expires_at] = [opened_at, seen_at, expires_at].map(nanoseconds);
            let values = params![token.to_string(), identity.issuer, identity.subject, opened_at, seen_at, expires_at];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        };
        self.write("open a session", open).await
    }

    async fn find(&self, token: &Digest) -> PortResult<Option<Session>> {
        let token = *token;
        let read = move |connection: &rusqlite::Connection| {
            let sql = "SELECT issuer, subject, opened_at, seen_at, expires_at FROM sessions WHERE token = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_row([token.to_string()], |row| Ok(session(token, row))).optional()?.transpose()
        };
        self.read("find a session", read).await
    }

    async fn touch(&self, token: &Digest, at: Timestamp) -> PortResult<()> {
        let (token, at) = (token.to_string(), nanoseconds(at));
        let touch = move |connection: &rusqlite::Connection| {
            let sql = "UPDATE sessions SET seen_at = max(seen_at, ?2) WHERE token = ?1";
            connection.prepare_cached(sql)?.execute(params![token, at])?;
            Ok(())
        };
        self.write("touch a session", touch).await
    }

    async fn close(&self, token: &Digest) -> PortResult<()> {
        let token = token.to_string();
        let close = move |connection: &rusqlite::Connection| {
            connection.prepare_cached("DELETE FROM sessions WHERE token = ?1")?.execute([token])?;
            Ok(())
        };
        self.write("close a session", close).await
    }

    async fn close_all(&self, identity: Option<&Identity>) -> PortResult<u64> {
        let identity = identity.cloned();
        let close = move |connection: &rusqlite::Connection| {
            let closed = match identity {
                Some(Identity { issuer, subject }) => connection
                    .prepare_cached("DELETE FROM sessions WHERE issuer = ?1 AND subject = ?2")?
                    .execute([issuer, subject])?,
                None => connection.prepare_cached("DELETE FROM sessions")?.execute([])?,
            };
            Ok(u64::try_from(closed).unwrap_or(u64::MAX))
        };
        self.write("close sessions", close).await
    }

    async fn prune(&self, ended_by: Timestamp, unused_since: Timestamp) -> PortResult<()> {
        let (ended_by, unused_since) = (nanoseconds(ended_by), nanoseconds(unused_since));
        let prune = move |connection: &rusqlite::Connection| {
            let sql = "DELETE FROM sessions WHERE expires_at <= ?1 OR seen_at <= ?2";
            connection.prepare_cached(sql)?.execute([ended_by, unused_since])?;
            Ok(())
        };
        self.write("forget sessions", prune).await
    }

    async fn add_key(&self, key: &ApiKey) -> PortResult<()> {
        let key = key.clone();
        self.write("add a key", move |connection| key::add(connection, &key)).await
    }

    async fn key(&self, id: &str) -> PortResult<Option<ApiKey>> {
        let id = id.to_owned();
        self.read("find a key", move |connection| key::find(connection, &id)).await
    }

    async fn keys(&self, identity: Option<&Identity>) -> PortResult<Vec<ApiKey>> {
        let identity = identity.cloned();
        self.read("list keys", move |connection| key::list(connection, identity.as_ref())).await
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> PortResult<()> {
        let id = id.to_owned();
        self.write("revoke a key", move |connection| key::revoke(connection, &id, at)).await
    }
}

fn account(row: &Row<'_>) -> Result<Account, Error> {
    let address: String = row.get(1)?;
    Ok(Account {
        identity: Identity { issuer: LOCAL_ISSUER.to_owned(), subject: row.get(0)? },
        email: Email::parse(address).map_err(|error| Error::damaged("the address of an account", error))?,
        password: row.get(2)?,
    })
}

fn session(token: Digest, row: &Row<'_>) -> Result<Session, Error> {
    Ok(Session {
        token,
        identity: Identity { issuer: row.get(0)?, subject: row.get(1)? },
        opened_at: instant_of(row.get(2)?)?,
        seen_at: instant_of(row.get(3)?)?,
        expires_at: instant_of(row.get(4)?)?,
    })
}
