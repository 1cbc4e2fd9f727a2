//! Lists of requests; what is asked for is in the address.

use askama::Template;
use axum::extract::Query;
use axum::routing::get;
use axum::{Extension, Router};
use jiff::Timestamp;
use serde::Deserialize;

use super::{Shown, filled, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Requests, requests};
use crate::fault::Fault;
use crate::frame::{Frame, frame};
use crate::show::encode;
use crate::word::{RequestPattern, StatusWord};

pub(super) fn routes() -> Router {
    Router::new().route("/requests", get(show))
}

/// The lists that the page offers, each with the order it is kept in.
const LISTS: [(RequestPattern, &str); 5] = [
    (RequestPattern::WaitingForMe, "oldest first"),
    (RequestPattern::Mine, "newest first"),
    (RequestPattern::Open, "oldest first"),
    (RequestPattern::DueBy, "earliest first"),
    (RequestPattern::All, "newest first"),
];

/// Far enough that every date lies before it.
const END_OF_TIME: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// What the address asks for. What it does not understand, it leaves out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Wish {
    list: String,
    q: String,
    project: String,
    requester: String,
    status: String,
    overdue: String,
    after: String,
}

impl Wish {
    fn pattern(&self) -> RequestPattern {
        let offered = RequestPattern::parse(&self.list).filter(|wish| LISTS.iter().any(|(list, _)| list == wish));
        offered.unwrap_or(RequestPattern::WaitingForMe)
    }

    fn list(&self) -> requests::RequestListInput {
        let pattern = self.pattern();
        let due_by = (pattern == RequestPattern::DueBy).then_some(END_OF_TIME);
        requests::RequestListInput {
            pattern,
            due_by,
            group: None,
            project: None,
            requester: None,
            status: None,
            store: None,
        }
    }

    fn filter(&self) -> requests::RequestFilter {
        requests::RequestFilter {
            decidable: None,
            overdue: (self.overdue == "yes").then_some(true),
            project: filled(&self.project),
            received_before: None,
            received_from: None,
            requester: filled(&self.requester),
            status: StatusWord::parse(&self.status).map(|status| vec![status]),
            text: filled(&self.q),
            updated_before: None,
            updated_from: None,
            workspace: None,
        }
    }

    /// The conditions beyond the list itself, as people read them.
    fn conditions(&self) -> Vec<(&'static str, String)> {
        let status = StatusWord::parse(&self.status).map(|status| status.label().to_owned());
        let overdue = (self.overdue == "yes").then(|| "yes".to_owned());
        let all = [
            ("text", filled(&self.q)),
            ("project", filled(&self.project)),
            ("requester", filled(&self.requester)),
            ("status", status),
            ("overdue", overdue),
        ];
        all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
    }

    /// The address of the page after this one.
    fn next(&self, cursor: &str) -> String {
        let mut address = format!("/requests?list={}", self.pattern().word());
        let fields = [
            ("q", &self.q),
            ("project", &self.project),
            ("requester", &self.requester),
            ("status", &self.status),
            ("overdue", &self.overdue),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            address = address + "&" + name + "=" + &encode(value);
        }
        address + "&after=" + &encode(cursor)
    }
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    frame: Frame,
    wish: Wish,
    pattern: RequestPattern,
    lists: [(RequestPattern, &'static str); 5],
    statuses: &'static [StatusWord],
    conditions: Vec<(&'static str, String)>,
    rows: Vec<requests::Row>,
    refused: Option<String>,
    examined: Option<i64>,
    next: Option<String>,
}

/// The first open requests of all that the visitor may see, oldest first, and whether there are more.
pub(super) async fn open(visit: &Visit) -> Result<(Vec<requests::Row>, bool), Fault> {
    let wish = Wish { list: RequestPattern::Open.word(), ..Wish::default() };
    let variables = requests::Variables { list: wish.list(), where_: None, after: None };
    Ok(match ask::<Requests>(visit, variables).await?.requests {
        requests::RequestsRequests::RequestConnection(page) => (page.nodes, page.page_info.has_next_page),
        requests::RequestsRequests::Refused(_) => (Vec::new(), false),
    })
}

async fn show(Extension(visit): Extension<Visit>, Query(wish): Query<Wish>) -> Shown {
    let variables = requests::Variables { list: wish.list(), where_: Some(wish.filter()), after: filled(&wish.after) };
    let data = ask::<Requests>(&visit, variables).await?;
    let frame = frame!(data.viewer, "requests");
    let mut page = RequestsPage {
        frame,
        pattern: wish.pattern(),
        lists: LISTS,
        statuses: StatusWord::ALL,
        conditions: wish.conditions(),
        rows: Vec::new(),
        refused: None,
        examined: None,
        next: None,
        wish,
    };
    match data.requests {
        requests::RequestsRequests::RequestConnection(found) => {
            page.examined = (!found.complete).then_some(found.examined);
            page.next = found
                .page_info
                .end_cursor
                .as_deref()
                .filter(|_| found.page_info.has_next_page)
                .map(|c| page.wish.next(c));
            page.rows = found.nodes;
        }
        requests::RequestsRequests::Refused(refused) => page.refused = Some(refused.sentence),
    }
    Ok(html(&page))
}
