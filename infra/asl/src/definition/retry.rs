use serde_json::Value;

use super::state::{ResultPath, assign, result_path, target};
use super::workflow::Names;
use super::{Fields, SECONDS_MAX};
use crate::fault::{Fault, error_name};
use crate::flaw::FlawKind;
use crate::template::Template;

/// When and how often a failed state is tried again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Retrier {
    pub(crate) errors: Vec<String>,
    pub(crate) interval_seconds: i64,
    pub(crate) attempts_max: i64,
    pub(crate) backoff_rate: f64,
    pub(crate) delay_seconds_max: Option<i64>,
    /// Whether the delay is a random part of what it would be.
    pub(crate) full_jitter: bool,
}

/// Where a failed state leads.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Catcher {
    pub(crate) errors: Vec<String>,
    pub(crate) result_path: ResultPath,
    pub(crate) assign: Option<Template>,
    pub(crate) next: usize,
}

/// Reads a `Retry` field.
pub(super) fn retriers(fields: &mut Fields<'_, '_>) -> Option<Vec<Retrier>> {
    rules(fields, "Retry", |mut fields, errors| {
        fields.text("Comment");
        let retrier = Retrier {
            errors,
            interval_seconds: fields.whole("IntervalSeconds", (1, SECONDS_MAX)).unwrap_or(1),
            attempts_max: fields.whole("MaxAttempts", (0, SECONDS_MAX)).unwrap_or(3),
            backoff_rate: backoff_rate(&mut fields),
            delay_seconds_max: fields.whole("MaxDelaySeconds", (1, 31_622_400)),
            full_jitter: jitter(&mut fields),
        };
        fields.finish();
        Some(retrier)
    })
}

fn backoff_rate(fields: &mut Fields<'_, '_>) -> f64 {
    let rate = fields.number("BackoffRate").unwrap_or(2.0);
    if rate < 1.0 {
        fields.flaw(FlawKind::Schema, "BackoffRate", "The value must be at least 1.0");
    }
    rate
}

fn jitter(fields: &mut Fields<'_, '_>) -> bool {
    let strategy = fields.text("JitterStrategy").unwrap_or("NONE");
    if !matches!(strategy, "FULL" | "NONE") {
        fields.flaw(FlawKind::Schema, "JitterStrategy", "The value must be one of the following: [FULL, NONE]");
    }
    strategy == "FULL"
}

/// Reads a `Catch` field.
pub(super) fn catchers(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Vec<Catcher>> {
    rules(fields, "Catch", |mut fields, errors| {
        fields.text("Comment");
        let result_path = result_path(&mut fields);
        let assign = assign(&mut fields);
        let next = target(&mut fields, "Next", names);
        fields.finish();
        Some(Catcher { errors, result_path: result_path?, assign, next: next? })
    })
}

/// Reads a list of rules that each begin with `ErrorEquals`; nothing if any is flawed.
fn rules<T>(
    fields: &mut Fields<'_, '_>,
    field: &'static str,
    read: impl Fn(Fields<'_, '_>, Vec<String>) -> Option<T>,
) -> Option<Vec<T>> {
    if !fields.has(field) {
        return Some(Vec::new());
    }
    let list = fields.list(field)?;
    let pointer = fields.pointer(field);
    let mut rules = Vec::with_capacity(list.len());
    for (position, value) in list.iter().enumerate() {
        let Some(mut rule) = Fields::open(value, format!("{pointer}/{position}"), fields.flaws) else { continue };
        let errors = errors(&mut rule, position + 1 == list.len());
        rules.extend(read(rule, errors));
    }
    (rules.len() == list.len()).then_some(rules)
}

fn errors(rule: &mut Fields<'_, '_>, last: bool) -> Vec<String> {
    if !rule.has("ErrorEquals") {
        rule.flaw(FlawKind::Schema, "", "These fields are required: [ErrorEquals]");
    }
    let names = rule.list("ErrorEquals").map_or(&[][..], Vec::as_slice);
    let errors: Vec<_> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if rule.has("ErrorEquals") && (errors.is_empty() || errors.len() < names.len()) {
        rule.flaw(FlawKind::Schema, "ErrorEquals", "Expected a list of at least one error name");
    }
    if errors.iter().any(|error| error == error_name::ALL) && (errors.len() > 1 || !last) {
        let message = "States.ALL must appear alone, and in the last rule of the list";
        rule.flaw(FlawKind::Schema, "ErrorEquals", message);
    }
    errors
}

/// Whether a rule for these names applies to a fault.
pub(crate) fn applies(errors: &[String], fault: &Fault) -> bool {
    let error = fault.error.as_deref().unwrap_or_default();
    if error == error_name::RUNTIME {
        return false;
    }
    errors.iter().any(|name| match name.as_str() {
        error_name::ALL => error != error_name::DATA_LIMIT_EXCEEDED,
        error_name::TASK_FAILED => !matches!(error, error_name::TIMEOUT | error_name::DATA_LIMIT_EXCEEDED),
        name => name == error || fault.alias == Some(name),
    })
}
