//! Lists of requests: a walk along indexes that keeps what the viewer may see and asked for.

use serde::{Deserialize, Serialize};
use workflow::domain::id::RequestId;
use workflow::domain::permission::may_view;
use workflow::domain::person::Person;
use workflow::domain::request::Request;
use workflow::ports::request_store::{Page, Pattern, Query};
use workflow::ports::{Kind, PortError, Ports};

use crate::limits::EXAMINED;

/// The fewest rows that are read at once.
const CHUNK: usize = 20;
/// The most rows that are read at once: what a page can have.
const LARGEST_CHUNK: usize = 100;

/// A place in a list: which of its indexes, from which row of it, and after which request that was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    index: usize,
    after: Option<String>,
    shown: Option<RequestId>,
}

/// Which rows are wanted: asked of a row that the person may see, with the number of its index.
pub(crate) type Wants<'a> = Box<dyn Fn(&Request, usize) -> bool + Send + Sync + 'a>;

/// A list: some indexes, one after the other, and which of their rows are wanted.
pub(crate) struct List<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) person: &'a Person,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) wants: Wants<'a>,
}

/// A page of a list.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) rows: Vec<Request>,
    /// Where the next page begins; none if the list is at its end.
    pub(crate) next: Option<Place>,
    /// How many rows were examined that the person may see.
    pub(crate) examined: u32,
    /// Whether the page is full or the list at its end, not cut short because enough was examined.
    pub(crate) complete: bool,
}

/// Why a page cannot be answered.
#[derive(Debug)]
pub(crate) enum NoPage {
    /// The place is none of this list.
    BadPlace,
    /// The store failed.
    Port(PortError),
}

impl List<'_> {
    /// Answers at most `first` rows from a place on.
    pub(crate) async fn page(&self, first: usize, start: Place) -> Result<Found, NoPage> {
        let mut found = Found::default();
        let (mut place, mut walked) = (start, 0_usize);
        while let Some(pattern) = self.patterns.get(place.index) {
            if found.rows.len() == first || walked >= EXAMINED as usize {
                found.complete = found.rows.len() == first;
                found.next = Some(place);
                return Ok(found);
            }
            let page = self.read(pattern, &place, first - found.rows.len()).await?;
            let skipped = place.shown.and_then(|shown| page.requests.iter().position(|row| row.id == shown));
            for row in page.requests.into_iter().skip(skipped.map_or(0, |at| at + 1)) {
                if found.rows.len() == first {
                    place.shown = found.rows.last().map(|row| row.id);
                    (found.next, found.complete) = (Some(place), true);
                    return Ok(found);
                }
                walked += 1;
                self.examine(row, place.index, &mut found);
            }
            place = match page.next {
                Some(next) => Place { after: Some(next), shown: None, ..place },
                None => Place { index: place.index + 1, after: None, shown: None },
            };
        }
        found.complete = true;
        Ok(found)
    }

    async fn read(&self, pattern: &Pattern, place: &Place, wanted: usize) -> Result<Page, NoPage> {
        // The row that was shown last lies among as many rows as were ever read at once.
        let rows = if place.shown.is_some() { LARGEST_CHUNK } else { wanted.clamp(CHUNK, LARGEST_CHUNK) };
        let first = u32::try_from(rows).unwrap_or(EXAMINED);
        let query = Query { pattern: pattern.clone(), after: place.after.clone(), first };
        self.ports.requests.list(&query).await.map_err(|error| match error.kind {
            Kind::Corrupt if place.after.is_some() => NoPage::BadPlace,
            _ => NoPage::Port(error),
        })
    }

    fn examine(&self, row: Request, index: usize, found: &mut Found) {
        if may_view(self.person, &row).is_err() {
            return;
        }
        found.examined += 1;
        if (self.wants)(&row, index) {
            found.rows.push(row);
        }
    }
}
