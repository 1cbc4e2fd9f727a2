//! Accounts, sessions and keys of an installation.

mod key;

use async_trait::async_trait;
use jiff::Timestamp;
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::person::Identity;
use workflow::ports::sessions::{Account, ApiKey, LOCAL_ISSUER, Session};
use workflow::ports::{PortResult, sessions as port};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome, unless_unmet};
use crate::place;
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Ask, Table, Terms, Transaction};

const PORT: &str = "Sessions";

/// Accounts, sessions and keys in a table. A session has a row beside it under its owner, so that all of somebody's
/// are closed without missing the newest.
#[derive(Debug, Clone)]
pub struct Sessions {
    table: Table,
}

impl Sessions {
    /// The accounts, sessions and keys in an installation's table.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        Self { table: Table::new(clients.dynamodb.clone(), &settings.tables.sessions) }
    }

    async fn find_account(&self, email: &Email) -> Outcome<Option<Account>> {
        let Some(row) = self.table.get(account_key(email)).await? else { return Ok(None) };
        Ok(Some(Account {
            identity: Identity { issuer: LOCAL_ISSUER.to_owned(), subject: row.get("subject")?.to_owned() },
            email: Email::parse(row.get("address")?).map_err(|e| Failure::damaged("the address of an account", e))?,
            password: row.get("password")?.to_owned(),
        }))
    }

    async fn enter_account(&self, account: &Account) -> Outcome<()> {
        let row = account_key(&account.email).text("subject", &account.identity.subject);
        let row = row.text("address", account.email.as_str()).text("password", &account.password);
        self.table.put(row, Terms::none()).await
    }

    async fn enter(&self, session: &Session) -> Outcome<()> {
        let token = session.token.to_string();
        let row = key(&token)
            .text("issuer", &session.identity.issuer)
            .text("subject", &session.identity.subject)
            .text("opened_at", session.opened_at.to_string())
            .text("seen_at", place::instant(session.seen_at))
            .text("expires_at", session.expires_at.to_string())
            .number("ends", place::second(session.expires_at))
            .text("list", "sessions")
            .text("place", place::of(session.expires_at, &token));
        let beside = owned(&session.identity, &token).number("ends", place::second(session.expires_at));
        let transaction = Transaction::default().put(&self.table, row, Terms::absent("id"))?;
        let transaction = transaction.put(&self.table, beside, Terms::none())?;
        // One that is there already stays as it is.
        transaction.commit(&self.table).await.map(drop)
    }

    async fn find_session(&self, token: &Digest) -> Outcome<Option<Session>> {
        self.table.get(key(&token.to_string())).await?.as_ref().map(read).transpose()
    }

    async fn note_use(&self, token: &Digest, at: Timestamp) -> Outcome<()> {
        let newer = Terms::of("#seen_at < :at").with_text("at", place::instant(at));
        let noted = self.table.update(key(&token.to_string()), "SET #seen_at = :at", newer).await;
        unless_unmet(noted.map(drop)).map(drop)
    }

    async fn end(&self, session: &Session) -> Outcome<()> {
        let token = session.token.to_string();
        self.table.delete(key(&token), Terms::none()).await?;
        self.table.delete(owned(&session.identity, &token), Terms::none()).await
    }

    async fn of_owner(&self, identity: &Identity) -> Outcome<Vec<Session>> {
        let rows = self.table.list(&Ask::of_id(owner(identity)), usize::MAX).await?;
        let keys = rows.iter().map(|row| row.get("sort").map(key)).collect::<Outcome<Vec<_>>>()?;
        self.table.get_all(keys).await?.iter().map(read).collect()
    }

    async fn all(&self) -> Outcome<Vec<Session>> {
        let ask = Ask::by("list", Terms::of("#list = :list").with_text("list", "sessions"));
        self.table.list(&ask, usize::MAX).await?.iter().map(read).collect()
    }

    async fn end_all(&self, identity: Option<&Identity>) -> Outcome<u64> {
        let sessions = match identity {
            Some(identity) => self.of_owner(identity).await?,
            None => self.all().await?,
        };
        for session in &sessions {
            self.end(session).await?;
        }
        Ok(sessions.len() as u64)
    }

    async fn forget(&self, ended_by: Timestamp, unused_since: Timestamp) -> Outcome<()> {
        for session in self.all().await? {
            if session.expires_at <= ended_by || session.seen_at <= unused_since {
                self.end(&session).await?;
            }
        }
        Ok(())
    }
}

fn account_key(email: &Email) -> Row {
    Row::new(format!("account#{}", email.folded()), "account")
}

fn key(token: &str) -> Row {
    Row::new(format!("session#{token}"), "session")
}

fn owner(identity: &Identity) -> String {
    format!("owner#{identity}")
}

fn owned(identity: &Identity, token: &str) -> Row {
    Row::new(owner(identity), token)
}

fn read(row: &Row) -> Outcome<Session> {
    let id = row.get("id")?;
    let token = id.strip_prefix("session#").unwrap_or(id);
    Ok(Session {
        token: token.parse().map_err(|error| Failure::damaged("the digest of a session", error))?,
        identity: Identity { issuer: row.get("issuer")?.to_owned(), subject: row.get("subject")?.to_owned() },
        opened_at: row.parse("opened_at")?,
        seen_at: place::read_instant(row.get("seen_at")?)?,
        expires_at: row.parse("expires_at")?,
    })
}

#[async_trait]
impl port::Sessions for Sessions {
    async fn account(&self, email: &Email) -> PortResult<Option<Account>> {
        self.find_account(email).await.map_err(|e| e.during(PORT, "find an account"))
    }

    async fn save_account(&self, account: &Account) -> PortResult<()> {
        self.enter_account(account).await.map_err(|e| e.during(PORT, "save an account"))
    }

    async fn open(&self, session: &Session) -> PortResult<()> {
        self.enter(session).await.map_err(|e| e.during(PORT, "open a session"))
    }

    async fn find(&self, token: &Digest) -> PortResult<Option<Session>> {
        self.find_session(token).await.map_err(|e| e.during(PORT, "find a session"))
    }

    async fn touch(&self, token: &Digest, at: Timestamp) -> PortResult<()> {
        self.note_use(token, at).await.map_err(|e| e.during(PORT, "touch a session"))
    }

    async fn close(&self, token: &Digest) -> PortResult<()> {
        let closed = match self.find_session(token).await {
            Ok(Some(session)) => self.end(&session).await,
            Ok(None) => Ok(()),
            Err(failure) => Err(failure),
        };
        closed.map_err(|e| e.during(PORT, "close a session"))
    }

    async fn close_all(&self, identity: Option<&Identity>) -> PortResult<u64> {
        self.end_all(identity).await.map_err(|e| e.during(PORT, "close sessions"))
    }

    async fn prune(&self, ended_by: Timestamp, unused_since: Timestamp) -> PortResult<()> {
        self.forget(ended_by, unused_since).await.map_err(|e| e.during(PORT, "forget sessions"))
    }

    async fn add_key(&self, key: &ApiKey) -> PortResult<()> {
        key::add(&self.table, key).await.map_err(|e| e.during(PORT, "add a key"))
    }

    async fn key(&self, id: &str) -> PortResult<Option<ApiKey>> {
        key::find(&self.table, id).await.map_err(|e| e.during(PORT, "find a key"))
    }

    async fn keys(&self, identity: Option<&Identity>) -> PortResult<Vec<ApiKey>> {
        key::list(&self.table, identity).await.map_err(|e| e.during(PORT, "list keys"))
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> PortResult<()> {
        key::revoke(&self.table, id, at).await.map_err(|e| e.during(PORT, "revoke a key"))
    }
}
