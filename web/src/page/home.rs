//! What waits for whoever signed in.

use askama::Template;
use axum::routing::get;
use axum::{Extension, Router};

use super::{Shown, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{Home, home, requests};
use crate::frame::{Frame, frame, tally};

pub(super) fn routes() -> Router {
    Router::new().route("/", get(show))
}

/// One number, and where what it counts is found.
struct Figure {
    number: String,
    label: &'static str,
    address: &'static str,
    is_pressing: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    figures: Vec<Figure>,
    waiting: Vec<home::Row>,
    has_more_waiting: bool,
    /// What is open in the house, for whoever sees all of it.
    open: Option<Vec<requests::Row>>,
    has_more_open: bool,
    mine: Vec<home::Row>,
    has_more_mine: bool,
}

async fn show(Extension(visit): Extension<Visit>) -> Shown {
    let data = ask::<Home>(&visit, home::Variables {}).await?;
    let figures = figures(&data.viewer);
    let frame = frame!(data.viewer.head, "home");
    let (waiting, has_more_waiting) = match data.waiting {
        home::HomeWaiting::RequestConnection(page) => (page.nodes, page.page_info.has_next_page),
        home::HomeWaiting::Refused(_) => (Vec::new(), false),
    };
    let sees_all = frame.operates || data.viewer.sees.audit.may;
    let open = if sees_all { Some(super::requests::open(&visit).await?) } else { None };
    let (open, has_more_open) = open.map_or((None, false), |(rows, has_more)| (Some(rows), has_more));
    let (mine, has_more_mine) = match data.mine {
        home::HomeMine::RequestConnection(page) => (page.nodes, page.page_info.has_next_page),
        home::HomeMine::Refused(_) => (Vec::new(), false),
    };
    Ok(html(&HomePage { frame, figures, waiting, has_more_waiting, open, has_more_open, mine, has_more_mine }))
}

fn figures(viewer: &home::HomeViewer) -> Vec<Figure> {
    let figure = |number: i64, complete: bool, label, address, is_pressing: bool| Figure {
        number: tally(number, complete).unwrap_or_else(|| "0".to_owned()),
        label,
        address,
        is_pressing: is_pressing && number > 0,
    };
    let decisions = &viewer.head.waiting.decisions;
    let mut figures = vec![figure(
        decisions.number,
        decisions.complete,
        "waiting for your decision",
        "/requests?list=WAITING_FOR_ME",
        true,
    )];
    let more = &viewer.more;
    if viewer.head.can.submit || more.open.number > 0 {
        figures.push(figure(
            more.open.number,
            more.open.complete,
            "of your own are open",
            "/requests?list=MINE",
            false,
        ));
        figures.push(figure(
            more.returned.number,
            more.returned.complete,
            "were returned to you",
            "/requests?list=MINE&status=RETURNED",
            true,
        ));
    }
    if let Some(failed) = &more.failed {
        figures.push(figure(failed.number, failed.complete, "failed", "/operate#failed", true));
    }
    if let Some(quarantined) = &more.quarantined {
        figures.push(figure(quarantined.number, quarantined.complete, "in quarantine", "/operate#quarantine", true));
    }
    if let Some(given_up) = &more.undeliverable {
        figures.push(figure(given_up.number, given_up.complete, "undeliverable mails", "/operate#mail", true));
    }
    figures
}
