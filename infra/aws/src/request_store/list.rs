//! Lists of requests: each pattern walks its index from where the page before ended, and shows the rows as they are.

use std::collections::HashMap;

use workflow::domain::request::Request;
use workflow::ports::Kind;
use workflow::ports::request_store::{Page, Pattern, Query};

use super::{RequestStore, key, read};
use crate::failure::{Failure, Outcome};
use crate::place;
use crate::row::Row;
use crate::table::{Ask, Terms};

/// Where the rows of a pattern are found.
struct Listing {
    index: Option<&'static str>,
    /// The attribute by which rows are told apart, and what it must say.
    which: (&'static str, String),
    /// The attribute by which they are sorted, where they are found and in the request's own row.
    order: &'static str,
    own_order: &'static str,
    newest_first: bool,
    /// The place after which nothing belongs to the list.
    until: Option<String>,
}

impl RequestStore {
    pub(super) async fn page(&self, query: &Query) -> Outcome<Page> {
        let listing = Listing::of(&query.pattern);
        let after = query.after.as_deref().map(named).transpose()?;
        let first = usize::try_from(query.first).unwrap_or(usize::MAX);
        // One row more than is asked for tells whether there is a next page.
        let table = if listing.index.is_some() { &self.requests } else { &self.ledger };
        let mut found = table.list(&listing.ask(after), first.saturating_add(1)).await?;
        let has_more = found.len() > first;
        found.truncate(first);
        let places = found.iter().map(|row| row.get(listing.order).map(str::to_owned)).collect::<Outcome<Vec<_>>>()?;
        let next = places.last().filter(|_| has_more).cloned();
        Ok(Page { requests: self.rows(&listing, &places).await?, next })
    }

    /// The requests at some places of a list, as they are now, without those that have left it.
    async fn rows(&self, listing: &Listing, places: &[String]) -> Outcome<Vec<Request>> {
        let ids = places.iter().filter_map(|place| place.split_once('.')).map(|(_, id)| id);
        let keys: Vec<Row> =
            ids.map(|id| id.parse().map(key)).collect::<Result<_, _>>().map_err(|e| Failure::damaged("a place", e))?;
        let rows = self.requests.get_all(keys).await?.into_iter();
        let mut by_place: HashMap<String, Row> =
            rows.filter_map(|row| Some((row.find(listing.own_order)?.to_owned(), row))).collect();
        let there = places.iter().filter_map(|place| by_place.remove(place));
        there.filter(|row| listing.has(row)).map(|row| read(&row)).collect()
    }
}

impl Listing {
    fn of(pattern: &Pattern) -> Self {
        let by = |index: &'static str, attribute: &'static str, value: &dyn ToString| Self {
            index: Some(index),
            which: (attribute, value.to_string()),
            order: "place",
            own_order: "place",
            newest_first: false,
            until: None,
        };
        match pattern {
            Pattern::All => Self { newest_first: true, ..by("all", "listed", &"all") },
            Pattern::Open => by("open", "open", &"open"),
            Pattern::InStatus(word) => by("status", "status", word),
            Pattern::OfProject(project) => Self { newest_first: true, ..by("project", "project_id", project) },
            Pattern::OfStore(store) => Self { newest_first: true, ..by("store", "swb_egress_store_id", store) },
            Pattern::WaitingFor(group) => by("waiting", "waiting_for", group),
            Pattern::DueBy(at) => Self {
                order: "due_place",
                own_order: "due_place",
                until: Some(place::of(*at, '~')),
                ..by("due", "due", &"due")
            },
            Pattern::OfRequester(email) => Self {
                index: None,
                order: "sort",
                newest_first: true,
                ..by("", "id", &format!("requester#{}", email.folded()))
            },
        }
    }

    fn ask(&self, after: Option<&str>) -> Ask {
        let (which, value) = &self.which;
        let order = self.order;
        let keys = match (after, &self.until, self.newest_first) {
            (None, None, _) => Terms::of(format!("#{which} = :which")),
            (None, Some(until), _) => {
                Terms::of(format!("#{which} = :which AND #{order} <= :until")).with_text("until", until)
            }
            (Some(after), None, true) => {
                Terms::of(format!("#{which} = :which AND #{order} < :after")).with_text("after", after)
            }
            (Some(after), None, false) => {
                Terms::of(format!("#{which} = :which AND #{order} > :after")).with_text("after", after)
            }
            // A place and the character before every letter of a name: what follows it is what comes next.
            (Some(after), Some(until), _) => {
                Terms::of(format!("#{which} = :which AND #{order} BETWEEN :after AND :until"))
                    .with_text("after", format!("{after}!"))
                    .with_text("until", until)
            }
        };
        let keys = keys.with_text("which", value);
        let ask = match self.index {
            Some(index) => Ask::by(index, keys),
            None => Ask::of(keys),
        };
        if self.newest_first { ask.newest_first() } else { ask }
    }

    /// Tells whether a row still belongs to the list: an index is a moment behind.
    fn has(&self, row: &Row) -> bool {
        let (which, value) = &self.which;
        self.index.is_none() || row.find(which) == Some(value)
    }
}

fn named(after: &str) -> Outcome<&str> {
    let strange = "the place at which the page should begin is none that a page named";
    if place::is_place(after) { Ok(after) } else { Err(Failure::refused(Kind::Corrupt, strange)) }
}
