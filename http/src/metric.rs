//! Figures for whoever watches the house, in the Prometheus text format. No label holds what a caller can choose.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use workflow::domain::status::StatusWord;
use workflow::ports::outbox::Drawer;
use workflow::ports::sessions::KeyScope;
use workflow::ports::{PortError, Ports};

use crate::authentication::recognise;
use crate::call::Call;
use crate::face::Face;
use crate::problem::Problem;

/// What was counted since the start.
#[derive(Default)]
pub(crate) struct Counters {
    calls: Mutex<BTreeMap<(String, u16), u64>>,
    sign_ins: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counters {
    /// Counts a call by its route (as it was declared, not as it was called) and status.
    pub(crate) fn count_call(&self, route: &str, status: u16) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry((route.to_owned(), status)).or_default() += 1;
    }

    /// Counts a try to sign in.
    pub(crate) fn count_sign_in(&self, outcome: &'static str) {
        let mut sign_ins = self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner);
        *sign_ins.entry(outcome).or_default() += 1;
    }
}

/// `GET /metrics`: for this machine, and for keys with that scope.
pub(crate) async fn show(State(face): State<Arc<Face>>, call: Call, headers: HeaderMap) -> Result<Response, Problem> {
    if !may_read(&face, &headers, call.from).await? {
        let sentence = "The metrics are for this machine and for keys with the scope `metrics`.";
        return Err(Problem::Said(StatusCode::FORBIDDEN, sentence.to_owned()));
    }
    let mut page = Page::default();
    page.count(&face.counters);
    page.measure(&face.ports).await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.text).into_response())
}

async fn may_read(face: &Face, headers: &HeaderMap, from: IpAddr) -> Result<bool, PortError> {
    if from.is_loopback() {
        return Ok(true);
    }
    let visitor = recognise(face, headers, from).await?;
    Ok(visitor.is_some_and(|visitor| visitor.scopes.contains(&KeyScope::Metrics)))
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl fmt::Display) {
        self.begin(name, "gauge", help);
        self.write(format_args!("{name} {value}\n"));
    }

    /// Writing to a string cannot fail.
    fn write(&mut self, line: fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(line);
    }

    fn count(&mut self, counters: &Counters) {
        self.begin("lockgate_calls_total", "counter", "Calls by route and status.");
        for ((route, status), count) in &*counters.calls.lock().unwrap_or_else(PoisonError::into_inner) {
            self.write(format_args!("lockgate_calls_total{{route=\"{route}\",status=\"{status}\"}} {count}\n"));
        }
        self.begin("lockgate_sign_ins_total", "counter", "Tries to sign in by what came of them.");
        for (outcome, count) in &*counters.sign_ins.lock().unwrap_or_else(PoisonError::into_inner) {
            self.write(format_args!("lockgate_sign_ins_total{{outcome=\"{outcome}\"}} {count}\n"));
        }
    }

    async fn measure(&mut self, ports: &Ports) -> Result<(), PortError> {
        self.measure_requests(ports).await?;
        let due = ports.outbox.count(Drawer::Due).await?;
        self.gauge("lockgate_outbox_due", "Messages that are still to be delivered.", due);
        let undeliverable = ports.outbox.count(Drawer::Undeliverable).await?;
        self.gauge("lockgate_outbox_undeliverable", "Messages that were given up or are held.", undeliverable);
        let quarantined = ports.intake.count().await?;
        self.gauge("lockgate_quarantined", "Notices that could not be taken.", quarantined);
        let held = u8::from(ports.clock.held_since().is_some());
        self.gauge("lockgate_deadlines_held", "1 while deadlines wait for an operator, else 0.", held);
        Ok(())
    }

    async fn measure_requests(&mut self, ports: &Ports) -> Result<(), PortError> {
        let census = ports.requests.census().await?;
        self.begin("lockgate_open_requests", "gauge", "Requests that are not over, by status.");
        for (status, count) in &census.open {
            self.write(format_args!("lockgate_open_requests{{status=\"{status}\"}} {count}\n"));
        }
        let of = |status| census.open.get(&status).copied().unwrap_or_default();
        let failed = of(StatusWord::Failed);
        self.gauge("lockgate_failed_requests", "Requests that wait for an operator after a failure.", failed);
        self.gauge("lockgate_queued_requests", "Requests behind another one of their store.", of(StatusWord::Queued));
        let since = census.waiting_since;
        let waiting = since.map_or(0, |since| ports.clock.now().duration_since(since).as_secs().max(0));
        self.gauge("lockgate_oldest_waiting_seconds", "How long the oldest request waits for a decision.", waiting);
        Ok(())
    }
}
