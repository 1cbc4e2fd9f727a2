use serde_json::Value;

use super::retry::{Catcher, Retrier};
use super::retry::{catchers, retriers};
use super::workflow::Names;
use super::{Choice, Fields, Resource, SECONDS_MAX, Services, query_language};
use crate::flaw::FlawKind;
use crate::instant;
use crate::path::Path;
use crate::template::{Expression, Template};

/// One state of a definition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) input_path: Sieve,
    pub(crate) output_path: Sieve,
    pub(crate) kind: Kind,
}

/// What kind of state it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Task(Box<Task>),
    Choice(Choice),
    Pass(Box<Pass>),
    Wait(Until, Then),
    Succeed,
    Fail(Fail),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Task {
    pub(crate) resource: Resource,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_selector: Option<Template>,
    pub(crate) result_path: ResultPath,
    pub(crate) timeout: Option<Seconds>,
    pub(crate) heartbeat: Option<Seconds>,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
    pub(crate) then: Then,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pass {
    pub(crate) result: Option<Value>,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_path: ResultPath,
    pub(crate) then: Then,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fail {
    pub(crate) error: Reason,
    pub(crate) cause: Reason,
}

/// Where the error or the cause of a `Fail` state comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reason {
    None,
    Text(String),
    From(Expression),
}

/// Until when a `Wait` state waits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Until {
    Seconds(Seconds),
    Timestamp(jiff::Timestamp),
    TimestampPath(Path),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seconds {
    Fixed(i64),
    Path(Path),
}

/// What of a document goes on: `InputPath` and `OutputPath`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sieve {
    All,
    Nothing,
    At(Path),
}

/// Where a result goes in the state's input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ResultPath {
    Discard,
    At(Path),
}

/// What comes after a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    State(usize),
    End,
}

impl State {
    /// Reads one state; nothing if it has flaws without which it makes no sense.
    pub(super) fn read(name: &str, mut fields: Fields<'_, '_>, names: &Names<'_>, services: Services) -> Option<Self> {
        fields.text("Comment");
        query_language(&mut fields);
        if !fields.has("Type") {
            fields.flaw(FlawKind::Schema, "", "These fields are required: [Type]");
        }
        let kind_name = fields.text("Type")?;
        let is_fail = kind_name == "Fail";
        let input_path = if is_fail { Sieve::All } else { fields.sieve("InputPath") };
        let output_path = if is_fail { Sieve::All } else { fields.sieve("OutputPath") };
        let kind = match kind_name {
            "Task" => task(&mut fields, names, services).map(|task| Kind::Task(Box::new(task))),
            "Choice" => Choice::read(&mut fields, names).map(Kind::Choice),
            "Pass" => pass(&mut fields, names).map(|pass| Kind::Pass(Box::new(pass))),
            "Wait" => wait(&mut fields, names),
            "Succeed" => Some(Kind::Succeed),
            "Fail" => Some(Kind::Fail(fail(&mut fields)?)),
            other => return refuse_kind(&mut fields, other),
        };
        fields.finish();
        Some(Self { name: name.to_owned(), input_path, output_path, kind: kind? })
    }

    /// The places of all states that may come next.
    pub(super) fn targets(&self) -> Vec<usize> {
        let after = |then: Then| match then {
            Then::State(place) => vec![place],
            Then::End => Vec::new(),
        };
        match &self.kind {
            Kind::Task(task) => after(task.then).into_iter().chain(task.catch.iter().map(|rule| rule.next)).collect(),
            Kind::Choice(choice) => choice.rules.iter().map(|rule| rule.next).chain(choice.default).collect(),
            Kind::Pass(pass) => after(pass.then),
            Kind::Wait(_, then) => after(*then),
            Kind::Succeed | Kind::Fail(_) => Vec::new(),
        }
    }
}

/// The other fields of such a state are not looked at: one sentence is enough.
fn refuse_kind(fields: &mut Fields<'_, '_>, kind: &str) -> Option<State> {
    if matches!(kind, "Map" | "Parallel") {
        fields.flaw(FlawKind::Unsupported, "Type", format!("states of type {kind} are not supported"));
    } else {
        let known = "[Task, Choice, Pass, Wait, Succeed, Fail]";
        fields.flaw(FlawKind::Schema, "Type", format!("there is no state type '{kind}'; the types are {known}"));
    }
    None
}

fn task(fields: &mut Fields<'_, '_>, names: &Names<'_>, services: Services) -> Option<Task> {
    let resource = resource(fields, services);
    let parameters = fields.template("Parameters");
    let result_selector = fields.template("ResultSelector");
    let result_path = result_path(fields);
    let timeout = seconds(fields, "TimeoutSeconds", "TimeoutSecondsPath");
    let heartbeat = seconds(fields, "HeartbeatSeconds", "HeartbeatSecondsPath");
    if let (Some(Seconds::Fixed(timeout)), Some(Seconds::Fixed(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        fields.flaw(FlawKind::Schema, "HeartbeatSeconds", "the heartbeat must be shorter than TimeoutSeconds");
    }
    let retry = retriers(fields);
    let catch = catchers(fields, names);
    let then = then(fields, names);
    Some(Task {
        resource: resource?,
        parameters,
        result_selector,
        result_path: result_path?,
        timeout,
        heartbeat,
        retry: retry?,
        catch: catch?,
        then: then?,
    })
}

fn resource(fields: &mut Fields<'_, '_>, services: Services) -> Option<Resource> {
    if !fields.has("Resource") {
        fields.flaw(FlawKind::Schema, "", "These fields are required: [Resource]");
    }
    let text = fields.text("Resource")?;
    let Some(resource) = Resource::parse(text) else {
        let message = format!(
            "The resource provided {text} is not recognized. The value is not a valid resource ARN, \
             or the resource is not available in this region."
        );
        fields.flaw(FlawKind::Schema, "Resource", message);
        return None;
    };
    if services == Services::Functions && !resource.is_function() {
        let message =
            format!("tasks of {text} are not supported; use arn:aws:states:::lambda:invoke or a function's ARN");
        fields.flaw(FlawKind::Unsupported, "Resource", message);
        return None;
    }
    Some(resource)
}

fn pass(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Pass> {
    let result = fields.value("Result").cloned();
    let parameters = fields.template("Parameters");
    let result_path = result_path(fields);
    let then = then(fields, names);
    Some(Pass { result, parameters, result_path: result_path?, then: then? })
}

fn wait(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Kind> {
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
    Some(Kind::Wait(seconds.or(timestamp).or(path)?, then?))
}

fn timestamp(fields: &mut Fields<'_, '_>) -> Option<jiff::Timestamp> {
    let at = instant::parse(fields.text("Timestamp")?);
    if at.is_none() {
        fields.flaw(FlawKind::Schema, "Timestamp", "String does not match RFC3339 timestamp");
    }
    at
}

fn fail(fields: &mut Fields<'_, '_>) -> Option<Fail> {
    let error = reason(fields, "Error", "ErrorPath");
    let cause = reason(fields, "Cause", "CausePath");
    Some(Fail { error: error?, cause: cause? })
}

fn reason(fields: &mut Fields<'_, '_>, fixed: &'static str, path: &'static str) -> Option<Reason> {
    exclusive(fields, fixed, path);
    if let Some(text) = fields.text(path) {
        let expression = Expression::parse(text);
        if expression.is_err() {
            let message = "Value is not a valid JSONPath or intrinsic function call";
            fields.flaw(FlawKind::Schema, path, message);
        }
        return expression.ok().map(Reason::From);
    }
    Some(fields.text(fixed).map_or(Reason::None, |text| Reason::Text(text.to_owned())))
}

fn seconds(fields: &mut Fields<'_, '_>, fixed: &'static str, path: &'static str) -> Option<Seconds> {
    exclusive(fields, fixed, path);
    let seconds = fields.whole(fixed, (1, SECONDS_MAX)).map(Seconds::Fixed);
    seconds.or(fields.reference(path).map(Seconds::Path))
}

fn exclusive(fields: &mut Fields<'_, '_>, fixed: &'static str, path: &'static str) {
    if fields.has(fixed) && fields.has(path) {
        fields.flaw(FlawKind::Schema, path, format!("{fixed} and {path} must not both be present"));
    }
}

/// Reads `ResultPath`; nothing if it cannot be written to.
pub(super) fn result_path(fields: &mut Fields<'_, '_>) -> Option<ResultPath> {
    match fields.value("ResultPath") {
        None => Some(ResultPath::At(Path::root())),
        Some(Value::Null) => Some(ResultPath::Discard),
        Some(_) => {
            let path = fields.path("ResultPath")?;
            if path.is_reference() {
                return Some(ResultPath::At(path));
            }
            fields.flaw(FlawKind::Schema, "ResultPath", "Value is not a Reference Path");
            None
        }
    }
}

fn then(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Then> {
    let end = fields.flag("End");
    match (fields.has("Next"), end) {
        (true, None | Some(false)) => target(fields, "Next", names).map(Then::State),
        (false, Some(true)) => Some(Then::End),
        _ => {
            fields.value("Next");
            fields.flaw(FlawKind::Schema, "", "A state must have either \"Next\" or \"End\": true");
            None
        }
    }
}

/// Reads the name of a state that must exist.
pub(super) fn target(fields: &mut Fields<'_, '_>, field: &'static str, names: &Names<'_>) -> Option<usize> {
    if !fields.has(field) {
        fields.flaw(FlawKind::Schema, "", format!("These fields are required: [{field}]"));
    }
    let name = fields.text(field)?;
    let place = names.get(name).copied();
    if place.is_none() {
        fields.flaw(FlawKind::Transition, field, format!("Missing '{field}' target: {name}"));
    }
    place
}
