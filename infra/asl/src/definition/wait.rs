use super::state::{Then, assign, exclusive, then};
use super::workflow::Names;
use super::{Fields, SECONDS_MAX};
use crate::flaw::FlawKind;
use crate::instant;
use crate::path::Path;
use crate::template::Template;

/// A `Wait` state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wait {
    pub(crate) until: Until,
    pub(crate) assign: Option<Template>,
    pub(crate) then: Then,
}

/// Until when a `Wait` state waits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Until {
    Seconds(Seconds),
    Timestamp(jiff::Timestamp),
    TimestampPath(Path),
}

/// How many seconds: a number, or where to find one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seconds {
    Fixed(i64),
    Path(Path),
}

/// Reads the fields of a `Wait` state.
pub(super) fn read(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Wait> {
    let then = then(fields, names);
    let ways = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
    if ways.iter().filter(|way| fields.has(way)).count() != 1 {
        let message = "A Wait state must contain exactly one of Seconds, SecondsPath, Timestamp and TimestampPath";
        fields.flaw(FlawKind::Schema, "", message);
    }
    let fixed = fields.whole("Seconds", (0, SECONDS_MAX)).map(Seconds::Fixed);
    let seconds = fixed.or(fields.reference("SecondsPath").map(Seconds::Path)).map(Until::Seconds);
    let timestamp = timestamp(fields).map(Until::Timestamp);
    let path = fields.reference("TimestampPath").map(Until::TimestampPath);
    let assign = assign(fields);
    Some(Wait { until: seconds.or(timestamp).or(path)?, assign, then: then? })
}

fn timestamp(fields: &mut Fields<'_, '_>) -> Option<jiff::Timestamp> {
    let at = instant::parse(fields.text("Timestamp")?);
    if at.is_none() {
        fields.flaw(FlawKind::Schema, "Timestamp", "String does not match RFC3339 timestamp");
    }
    at
}

/// Reads a number of seconds that may come from a path instead.
pub(super) fn seconds(fields: &mut Fields<'_, '_>, fixed: &'static str, path: &'static str) -> Option<Seconds> {
    exclusive(fields, fixed, path);
    let seconds = fields.whole(fixed, (1, SECONDS_MAX)).map(Seconds::Fixed);
    seconds.or(fields.reference(path).map(Seconds::Path))
}
