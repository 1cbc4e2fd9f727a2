//! What could not be taken in: a row for each text, and a row beside it for its name.

use async_trait::async_trait;
use uuid::Uuid;
use workflow::domain::digest::Digest;
use workflow::ports::PortResult;
use workflow::ports::intake::{self as port, Quarantined};

use crate::clients::Clients;
use crate::failure::{Outcome, unless_unmet};
use crate::place;
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Ask, Table, Terms};

const PORT: &str = "Intake";

/// What an installation could not take in.
#[derive(Debug, Clone)]
pub struct Intake {
    table: Table,
}

impl Intake {
    /// The quarantine in an installation's table.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        Self { table: Table::new(clients.dynamodb.clone(), &settings.tables.intake) }
    }

    async fn keep(&self, item: &Quarantined) -> Outcome<()> {
        let body = Digest::of(item.body.as_bytes()).hex();
        let terms = Terms::none()
            .with_text("reason", &item.reason)
            .with_text("name", item.id.to_string())
            .with_text("came_at", item.at.to_string())
            .with_text("body", &item.body)
            .with_text("list", "kept")
            .with_text("place", place::of(item.at, item.id));
        let change = "SET #reason = :reason, #name = if_not_exists(#name, :name), \
                      #came_at = if_not_exists(#came_at, :came_at), #body = if_not_exists(#body, :body), \
                      #list = if_not_exists(#list, :list), #place = if_not_exists(#place, :place)";
        let kept = self.table.update(text_key(&body), change, terms).await?;
        // The name leads to the text; whether the text still has that name, its own row says.
        self.table.put(name_key(kept.get("name")?).text("text", body), Terms::none()).await
    }

    async fn kept(&self, first: u32) -> Outcome<Vec<Quarantined>> {
        let ask = Ask::by("list", Terms::of("#list = :list").with_text("list", "kept"));
        let listed = self.table.list(&ask, usize::try_from(first).unwrap_or(usize::MAX)).await?;
        let keys = listed.iter().map(|row| row.get("id").map(|id| Row::new(id, "text"))).collect::<Outcome<_>>()?;
        let mut rows = self.table.get_all(keys).await?;
        rows.sort_by(|one, other| one.find("place").cmp(&other.find("place")));
        rows.iter().map(read).collect()
    }

    async fn row(&self, id: Uuid) -> Outcome<Option<Row>> {
        let Some(name) = self.table.get(name_key(&id.to_string())).await? else { return Ok(None) };
        let row = self.table.get(text_key(name.get("text")?)).await?;
        Ok(row.filter(|row| row.find("name") == Some(&id.to_string())))
    }

    async fn let_go(&self, id: Uuid) -> Outcome<()> {
        if let Some(row) = self.row(id).await? {
            let named = Terms::of("#name = :name").with_text("name", id.to_string());
            unless_unmet(self.table.delete(Row::new(row.get("id")?, "text"), named).await)?;
        }
        self.table.delete(name_key(&id.to_string()), Terms::none()).await
    }
}

fn text_key(digest: &str) -> Row {
    Row::new(format!("text#{digest}"), "text")
}

fn name_key(name: &str) -> Row {
    Row::new(format!("name#{name}"), "name")
}

fn read(row: &Row) -> Outcome<Quarantined> {
    Ok(Quarantined {
        id: row.parse("name")?,
        at: row.parse("came_at")?,
        reason: row.get("reason")?.to_owned(),
        body: row.get("body")?.to_owned(),
    })
}

#[async_trait]
impl port::Intake for Intake {
    async fn quarantine(&self, item: &Quarantined) -> PortResult<()> {
        self.keep(item).await.map_err(|e| e.during(PORT, "quarantine"))
    }

    async fn list(&self, first: u32) -> PortResult<Vec<Quarantined>> {
        self.kept(first).await.map_err(|e| e.during(PORT, "list"))
    }

    async fn find(&self, id: Uuid) -> PortResult<Option<Quarantined>> {
        let found = self.row(id).await.and_then(|row| row.as_ref().map(read).transpose());
        found.map_err(|e| e.during(PORT, format!("find {id}")))
    }

    async fn release(&self, id: Uuid) -> PortResult<()> {
        self.let_go(id).await.map_err(|e| e.during(PORT, format!("release {id}")))
    }
}
