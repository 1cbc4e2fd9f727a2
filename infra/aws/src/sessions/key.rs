//! Rows of keys.

use jiff::Timestamp;
use workflow::domain::person::Identity;
use workflow::domain::text::Title;
use workflow::ports::Kind;
use workflow::ports::sessions::ApiKey;

use crate::failure::{Failure, Outcome, unless_unmet};
use crate::place;
use crate::row::Row;
use crate::table::{Ask, Table, Terms};

pub(super) async fn add(table: &Table, key: &ApiKey) -> Outcome<()> {
    let row = key_of(&key.id)
        .text("secret", key.secret.to_string())
        .text("label", key.label.as_str())
        .text("issuer", &key.identity.issuer)
        .text("subject", &key.identity.subject)
        .json("scopes", &key.scopes)?
        .text("created_at", key.created_at.to_string())
        .text("expires_at", key.expires_at.to_string())
        .text_if("revoked_at", key.revoked_at.map(|at| at.to_string()))
        .text("list", "keys")
        .text("place", place::of(key.created_at, &key.id));
    if unless_unmet(table.put(row, Terms::absent("id")).await)? {
        return Ok(());
    }
    match find(table, &key.id).await? {
        Some(there) if there.secret == key.secret => Ok(()),
        _ => Err(Failure::refused(Kind::Conflict, format!("there is another key of the name {}", key.id))),
    }
}

pub(super) async fn find(table: &Table, id: &str) -> Outcome<Option<ApiKey>> {
    table.get(key_of(id)).await?.as_ref().map(read).transpose()
}

pub(super) async fn list(table: &Table, identity: Option<&Identity>) -> Outcome<Vec<ApiKey>> {
    let ask = Ask::by("list", Terms::of("#list = :list").with_text("list", "keys"));
    let keys = table.list(&ask, usize::MAX).await?.iter().map(read).collect::<Outcome<Vec<_>>>()?;
    Ok(keys.into_iter().filter(|key| identity.is_none_or(|identity| key.identity == *identity)).collect())
}

pub(super) async fn revoke(table: &Table, id: &str, at: Timestamp) -> Outcome<()> {
    let terms = Terms::of("attribute_exists(#id)").with_text("at", at.to_string());
    let change = "SET #revoked_at = if_not_exists(#revoked_at, :at)";
    if unless_unmet(table.update(key_of(id), change, terms).await.map(drop))? {
        return Ok(());
    }
    Err(Failure::refused(Kind::Missing, format!("there is no key of the name {id}")))
}

fn key_of(id: &str) -> Row {
    Row::new(format!("key#{id}"), "key")
}

fn read(row: &Row) -> Outcome<ApiKey> {
    let id = row.get("id")?;
    Ok(ApiKey {
        id: id.strip_prefix("key#").unwrap_or(id).to_owned(),
        secret: row.parse("secret")?,
        label: Title::parse(row.get("label")?).map_err(|error| Failure::damaged("the label of a key", error))?,
        identity: Identity { issuer: row.get("issuer")?.to_owned(), subject: row.get("subject")?.to_owned() },
        scopes: row.read("scopes")?,
        created_at: row.parse("created_at")?,
        expires_at: row.parse("expires_at")?,
        revoked_at: row.find("revoked_at").map(|_| row.parse("revoked_at")).transpose()?,
    })
}
