//! Lists of requests.

use async_graphql::{Result, SimpleObject, Union};

use super::filter::{RequestFilter, RequestListInput, RequestOrder};
use crate::context::Context;
use crate::fault::fault;
use crate::list::{List, NoPage, Place};
use crate::page::{self, PageInfo};
use crate::refused::Refused;
use crate::request::RequestView;

/// A page of a list of requests.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct RequestConnection {
    /// The rows.
    nodes: Vec<RequestView>,
    /// Where the page ends.
    page_info: PageInfo,
    /// How many rows were examined for this page, of those that the viewer may see.
    examined: u32,
    /// Whether the page is full or the list at its end. If not, enough was examined, and the next page goes on.
    complete: bool,
}

/// A page of a list, or why there is none.
#[derive(Debug, Clone, Union)]
pub(crate) enum RequestsPayload {
    /// The page.
    Page(RequestConnection),
    /// The refusal.
    Refused(Refused),
}

/// A list with its conditions and the order that is expected.
type Asked = (RequestListInput, Option<RequestFilter>, Option<RequestOrder>);

pub(super) async fn answer(
    call: &Context,
    asked: Asked,
    (first, after): (i32, Option<String>),
) -> Result<RequestsPayload> {
    let start = match after.map(|cursor| page::decode(&cursor)).transpose() {
        Ok(start) => start.unwrap_or_default(),
        Err(refused) => return Ok(RequestsPayload::Refused(refused)),
    };
    page(call, asked, (page::rows(first), start)).await
}

async fn page(call: &Context, (list, filter, order): Asked, (first, start): (usize, Place)) -> Result<RequestsPayload> {
    let person = call.person().await?;
    let filter = filter.unwrap_or_default();
    let asked = list.resolve(person).and_then(|asked| asked.require(order).and(filter.require()).map(|()| asked));
    let asked = match asked {
        Ok(asked) => asked,
        Err(refused) => return Ok(RequestsPayload::Refused(refused)),
    };
    let now = call.ports.clock.now();
    let list = List {
        ports: &call.ports,
        person,
        patterns: asked.patterns.clone(),
        wants: Box::new(|row, index| asked.holds(person, row, index) && filter.accepts(person, row, now)),
    };
    Ok(match list.page(first, start).await {
        Ok(found) => RequestsPayload::Page(RequestConnection {
            nodes: found.rows.into_iter().map(RequestView::from).collect(),
            page_info: PageInfo::ending_at(found.next.as_ref().map(page::encode)),
            examined: found.examined,
            complete: found.complete,
        }),
        Err(NoPage::BadPlace) => RequestsPayload::Refused(page::bad_cursor()),
        Err(NoPage::Port(error)) => return Err(fault(call, &error).into()),
    })
}
