//! The outbox: a message is due until it is settled or given up; a lease moves the instant at which it is due.

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;
use workflow::domain::email::Email;
use workflow::domain::outbox::{Message, MessageId};
use workflow::ports::outbox::{self as port, Delivery, Drawer, Leased, Posting};
use workflow::ports::{Kind, PortResult};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome, unless_unmet};
use crate::place;
use crate::row::{Row, number, text};
use crate::settings::Settings;
use crate::table::{Ask, Table, Terms, Transaction};

const PORT: &str = "Outbox";
/// The part of a message's key that its own row has; rows of whom it reached have an address there.
const MESSAGE: &str = "message";
const REACHED: &str = "to#";

/// The outbox of an installation.
#[derive(Debug, Clone)]
pub struct Outbox {
    table: Table,
}

/// A message's row, as a change writes it: due from the instant of the change.
pub(crate) fn message_row(message: &Message) -> Outcome<Row> {
    let MessageId { request, sequence, index } = message.id;
    // Messages of one change come in the order of the change.
    let place = place::of(message.created_at, format!("{request}.{sequence:012}.{index:04}"));
    let due = place::of(message.created_at, message.id);
    let row = key(message.id).json("body", message)?.number("attempts", 0_u64);
    Ok(row.text("list", word(Drawer::Due)).text("place", place).text("due", "due").text("due_place", due))
}

fn key(id: MessageId) -> Row {
    Row::new(id.to_string(), MESSAGE)
}

fn word(drawer: Drawer) -> &'static str {
    match drawer {
        Drawer::Due => "due",
        Drawer::Undeliverable => "undeliverable",
        Drawer::Settled => "settled",
    }
}

impl Outbox {
    /// The outbox in an installation's table.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        Self { table: Table::new(clients.dynamodb.clone(), &settings.tables.outbox) }
    }

    /// Walks what is due once, and claims what nobody else claims first.
    async fn claim(&self, now: Timestamp, until: Timestamp, first: usize) -> Outcome<Vec<Leased>> {
        let mut leased = Vec::new();
        let mut after = String::new();
        while leased.len() < first {
            let keys = Terms::of("#due = :due AND #due_place BETWEEN :after AND :now").with_text("due", "due");
            let keys = keys.with_text("after", &after).with_text("now", place::of(now, '~'));
            let due = self.table.list(&Ask::by("due", keys), first - leased.len()).await?;
            let Some(last) = due.last() else { break };
            after = format!("{}!", last.get("due_place")?);
            for row in &due {
                leased.extend(self.claim_one(row, until).await?);
            }
        }
        Ok(leased)
    }

    async fn claim_one(&self, found: &Row, until: Timestamp) -> Outcome<Option<Leased>> {
        let id = found.get("id")?;
        let seen = Terms::of("#due_place = :seen").with_text("seen", found.get("due_place")?);
        let lease = Uuid::new_v4().to_string();
        let terms = seen.with_text("until", place::of(until, id)).with("one", number(1_u64)).with_text("lease", &lease);
        let change = "SET #due_place = :until, #attempts = #attempts + :one, #lease = :lease";
        let row = match self.table.update(Row::new(id, MESSAGE), change, terms).await {
            Ok(row) => Some(row),
            // Somebody else's, or our own: the answer may have been lost on the way, and the call made again.
            Err(failure) if failure.is_unmet() => {
                let now = self.table.get(Row::new(id, MESSAGE)).await?;
                now.filter(|row| row.find("lease") == Some(&lease))
            }
            Err(failure) => return Err(failure),
        };
        let Some(row) = row else { return Ok(None) };
        match row.read("body") {
            Ok(message) => self.leased(message, id, &row).await.map(Some),
            Err(unreadable) => self.put_aside(id, &unreadable).await.map(|()| None),
        }
    }

    async fn leased(&self, message: Message, id: &str, row: &Row) -> Outcome<Leased> {
        let attempts = attempts(row)?.saturating_sub(1);
        // What was never tried has reached nobody.
        let is_new = attempts == 0 && row.find("retried").is_none();
        let reached = if is_new { Vec::new() } else { self.reached_by(id).await? };
        Ok(Leased {
            message,
            attempts,
            delivered_to: reached.into_iter().map(|delivery| delivery.to).collect(),
            was_held: row.find("held").is_some(),
        })
    }

    /// Gives up a message that cannot be read: operators find it in their list, and the others go on.
    async fn put_aside(&self, id: &str, unreadable: &Failure) -> Outcome<()> {
        let trouble = format!("what is stored of it cannot be read: {unreadable}");
        let terms = Terms::none().with_text("given_up", word(Drawer::Undeliverable)).with_text("trouble", trouble);
        let change = "SET #list = :given_up, #trouble = :trouble REMOVE #due, #due_place";
        self.table.update(Row::new(id, MESSAGE), change, terms).await.map(drop)
    }

    async fn delivery_rows(&self, id: &str) -> Outcome<Vec<Row>> {
        let keys = Terms::of("#id = :id AND begins_with(#sort, :to)").with_text("id", id).with_text("to", REACHED);
        self.table.list(&Ask::of(keys), usize::MAX).await
    }

    async fn reached_by(&self, id: &str) -> Outcome<Vec<Delivery>> {
        let mut rows = self.delivery_rows(id).await?;
        rows.sort_by(|one, other| one.find("delivered_at").cmp(&other.find("delivered_at")));
        rows.iter().map(read_delivery).collect()
    }

    async fn posting(&self, id: &str) -> Outcome<Option<Posting>> {
        let Some(row) = self.table.get(Row::new(id, MESSAGE)).await? else { return Ok(None) };
        Ok(Some(Posting {
            id: row.parse("id")?,
            message: row.read("body").ok(),
            attempts: attempts(&row)?,
            next_at: row.find("due_place").map(place::read_instant).transpose()?,
            trouble: row.find("trouble").map(str::to_owned),
            deliveries: self.reached_by(id).await?,
            undeliverable: row.find("list") == Some(word(Drawer::Undeliverable)),
            settled: row.find("list") == Some(word(Drawer::Settled)),
        }))
    }

    async fn open(&self, drawer: Drawer, first: u32) -> Outcome<Vec<Posting>> {
        let keys = Terms::of("#list = :list").with_text("list", word(drawer));
        let rows = self.table.list(&Ask::by("list", keys), usize::try_from(first).unwrap_or(usize::MAX)).await?;
        let mut postings = Vec::new();
        for row in rows {
            postings.extend(self.posting(row.get("id")?).await?);
        }
        // The index is a moment behind; the rows are not.
        postings.retain(|posting| match drawer {
            Drawer::Due => !posting.settled && !posting.undeliverable,
            Drawer::Undeliverable => posting.undeliverable,
            Drawer::Settled => posting.settled,
        });
        Ok(postings)
    }

    /// Records one mail: its rows are written together, but for those that are there.
    async fn record(&self, ids: &[MessageId], delivery: &Delivery) -> Outcome<()> {
        let mut rows: Vec<Row> = ids.iter().map(|id| delivery_row(*id, delivery)).collect();
        while !rows.is_empty() {
            let mut transaction = Transaction::default();
            for row in &rows {
                transaction = transaction.put(&self.table, row.clone(), Terms::absent("id"))?;
            }
            let Err(canceled) = transaction.commit(&self.table).await? else { return Ok(()) };
            let numbered = rows.into_iter().enumerate();
            rows = numbered.filter(|(number, _)| !canceled.names(*number)).map(|(_, row)| row).collect();
        }
        Ok(())
    }

    async fn hold_back(&self, id: MessageId, until: Timestamp, why: &str) -> Outcome<()> {
        let terms = Terms::of("#list = :due").with_text("due", word(Drawer::Due)).with_text("trouble", why);
        let terms = terms.with_text("at", place::of(until, id)).with_text("held", "held");
        let change = "SET #due_place = :at, #trouble = :trouble, #held = :held";
        unless_unmet(self.table.update(key(id), change, terms).await.map(drop)).map(drop)
    }

    /// Each step may be taken again; the last one says that all were.
    async fn mark_bounced(&self, id: MessageId, to: &Email, why: &str) -> Outcome<()> {
        let delivery = || Row::new(id.to_string(), format!("{REACHED}{}", to.folded()));
        let is_new = |row: &Row| row.find("came_back").is_none();
        if !self.table.get(delivery()).await?.as_ref().is_some_and(is_new) {
            return Ok(());
        }
        let trouble = port::trouble_of_bounce(to, why);
        let terms = Terms::of("attribute_exists(#id)").with_text("trouble", trouble).with_text("bounced", "bounced");
        let change = "SET #bounced = :bounced, #trouble = :trouble";
        unless_unmet(self.table.update(key(id), change, terms).await.map(drop))?;
        // What is still due for others stays so, and is given up when it is settled.
        let settled = Terms::of("#list = :settled").with_text("settled", word(Drawer::Settled));
        let terms = settled.with_text("given_up", word(Drawer::Undeliverable));
        unless_unmet(self.table.update(key(id), "SET #list = :given_up", terms).await.map(drop))?;
        let terms = Terms::of("attribute_exists(#id)").with_text("why", why);
        unless_unmet(self.table.update(delivery(), "SET #came_back = :why", terms).await.map(drop)).map(drop)
    }

    /// Done; or given up, if a mail of it came back.
    async fn finish(&self, id: MessageId) -> Outcome<()> {
        let terms = Terms::of("attribute_exists(#id) AND attribute_not_exists(#bounced)");
        let terms = terms.with("settled", text(word(Drawer::Settled)));
        let settled = self.table.update(key(id), "SET #list = :settled REMOVE #due, #due_place", terms).await;
        if !unless_unmet(settled.map(drop))? {
            let terms = Terms::of("attribute_exists(#id)").with_text("given_up", word(Drawer::Undeliverable));
            let given_up = self.table.update(key(id), "SET #list = :given_up REMOVE #due, #due_place", terms).await;
            unless_unmet(given_up.map(drop))?;
        }
        Ok(())
    }

    async fn put_away(&self, id: MessageId, next_at: Option<Timestamp>, trouble: &str) -> Outcome<()> {
        // What is settled or given up meanwhile stays so.
        let terms = Terms::of("#list = :due").with_text("due", word(Drawer::Due)).with_text("trouble", trouble);
        let (change, terms) = match next_at {
            Some(at) => {
                ("SET #due_place = :at, #trouble = :trouble REMOVE #held", terms.with_text("at", place::of(at, id)))
            }
            None => (
                "SET #list = :given_up, #trouble = :trouble REMOVE #due, #due_place, #held",
                terms.with_text("given_up", word(Drawer::Undeliverable)),
            ),
        };
        unless_unmet(self.table.update(key(id), change, terms).await.map(drop)).map(drop)
    }

    async fn take_up(&self, id: MessageId, now: Timestamp) -> Outcome<()> {
        let missing = || Failure::refused(Kind::Missing, format!("there is no message {id}"));
        let message = self.table.get(key(id)).await?.ok_or_else(missing)?;
        if message.find("list") != Some(word(Drawer::Undeliverable)) {
            return Ok(());
        }
        // Whom it came back from is written to again.
        for row in self.delivery_rows(&id.to_string()).await? {
            if row.find("came_back").is_some() {
                self.table.delete(Row::new(id.to_string(), row.get("sort")?), Terms::none()).await?;
            }
        }
        let terms = Terms::of("#list = :given_up").with_text("given_up", word(Drawer::Undeliverable));
        let terms = terms.with_text("due", word(Drawer::Due)).with_text("at", place::of(now, id));
        let terms = terms.with("none", number(0_u64));
        let change = "SET #list = :due, #due = :due, #due_place = :at, #attempts = :none, #retried = :at \
                      REMOVE #held, #bounced";
        unless_unmet(self.table.update(key(id), change, terms).await.map(drop)).map(drop)
    }
}

fn attempts(row: &Row) -> Outcome<u32> {
    u32::try_from(row.count("attempts")?).map_err(|error| Failure::damaged("attempts", error))
}

/// The row of whom a message reached.
fn delivery_row(id: MessageId, Delivery { to, at, answer, .. }: &Delivery) -> Row {
    let row = Row::new(id.to_string(), format!("{REACHED}{}", to.folded()));
    let row = row.text("email", to.folded()).text("address", to.as_str());
    row.text("delivered_at", place::instant(*at)).text("answer", answer)
}

fn read_delivery(row: &Row) -> Outcome<Delivery> {
    Ok(Delivery {
        to: Email::parse(row.get("address")?).map_err(|e| Failure::damaged("an address", e))?,
        at: place::read_instant(row.get("delivered_at")?)?,
        answer: row.find("answer").unwrap_or_default().to_owned(),
        came_back: row.find("came_back").map(str::to_owned),
    })
}

#[async_trait]
impl port::Outbox for Outbox {
    async fn lease(&self, now: Timestamp, until: Timestamp, first: u32) -> PortResult<Vec<Leased>> {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        self.claim(now, until, first).await.map_err(|e| e.during(PORT, "lease"))
    }

    async fn deliver(&self, ids: &[MessageId], delivery: &Delivery) -> PortResult<()> {
        self.record(ids, delivery).await.map_err(|e| e.during(PORT, "record a delivery"))
    }

    async fn reached(&self, to: &Email, from: Timestamp) -> PortResult<Vec<MessageId>> {
        let keys = Terms::of("#email = :email AND #delivered_at >= :from").with_text("email", to.folded());
        let ask = Ask::by("reached", keys.with_text("from", place::instant(from)));
        let rows = self.table.list(&ask, usize::MAX).await;
        let ids = rows.and_then(|rows| rows.iter().map(|row| row.parse("id")).collect());
        ids.map_err(|e| e.during(PORT, "find what reached somebody"))
    }

    async fn bounce(&self, id: MessageId, to: &Email, why: &str) -> PortResult<()> {
        self.mark_bounced(id, to, why).await.map_err(|e| e.during(PORT, format!("record that {id} came back")))
    }

    async fn settle(&self, id: MessageId) -> PortResult<()> {
        self.finish(id).await.map_err(|e| e.during(PORT, format!("settle {id}")))
    }

    async fn postpone(&self, id: MessageId, next_at: Option<Timestamp>, trouble: &str) -> PortResult<()> {
        self.put_away(id, next_at, trouble).await.map_err(|e| e.during(PORT, format!("postpone {id}")))
    }

    async fn hold(&self, id: MessageId, until: Timestamp, why: &str) -> PortResult<()> {
        self.hold_back(id, until, why).await.map_err(|e| e.during(PORT, format!("hold {id}")))
    }

    async fn find(&self, id: MessageId) -> PortResult<Option<Posting>> {
        self.posting(&id.to_string()).await.map_err(|e| e.during(PORT, format!("find {id}")))
    }

    async fn list(&self, drawer: Drawer, first: u32) -> PortResult<Vec<Posting>> {
        self.open(drawer, first).await.map_err(|e| e.during(PORT, "list"))
    }

    async fn retry(&self, id: MessageId, now: Timestamp) -> PortResult<()> {
        self.take_up(id, now).await.map_err(|e| e.during(PORT, format!("retry {id}")))
    }
}
