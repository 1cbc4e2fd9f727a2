use serde_json::Value;

use super::retry::{Catcher, Retrier};
use super::task::{self, Task};
use super::wait::{self, Wait};
use super::workflow::{Library, Names};
use super::{Choice, Fan, Fields, fan, query_language};
use crate::flaw::FlawKind;
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
    Wait(Box<Wait>),
    Map(Box<Fan>),
    Parallel(Box<Fan>),
    Succeed,
    Fail(Fail),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pass {
    pub(crate) result: Option<Value>,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_path: ResultPath,
    pub(crate) assign: Option<Template>,
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

/// What a state does with its result, or with its failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outlet<'a> {
    pub(crate) selector: Option<&'a Template>,
    pub(crate) result_path: &'a ResultPath,
    pub(crate) assign: Option<&'a Template>,
    pub(crate) retry: &'a [Retrier],
    pub(crate) catch: &'a [Catcher],
    pub(crate) then: Then,
}

/// What comes after a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    State(usize),
    End,
}

impl State {
    /// Reads one state; nothing if it has flaws without which it makes no sense.
    pub(super) fn read(
        name: &str,
        mut fields: Fields<'_, '_>,
        names: &Names<'_>,
        library: &mut Library,
    ) -> Option<Self> {
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
            "Task" => task::read(&mut fields, names, library.services).map(|task| Kind::Task(Box::new(task))),
            "Choice" => Choice::read(&mut fields, names).map(Kind::Choice),
            "Pass" => pass(&mut fields, names).map(|pass| Kind::Pass(Box::new(pass))),
            "Wait" => wait::read(&mut fields, names).map(|wait| Kind::Wait(Box::new(wait))),
            "Map" => fan::map(&mut fields, names, library).map(|fan| Kind::Map(Box::new(fan))),
            "Parallel" => fan::parallel(&mut fields, names, library).map(|fan| Kind::Parallel(Box::new(fan))),
            "Succeed" => Some(Kind::Succeed),
            "Fail" => Some(Kind::Fail(fail(&mut fields)?)),
            other => return refuse_kind(&mut fields, other),
        };
        fields.finish();
        Some(Self { name: name.to_owned(), input_path, output_path, kind: kind? })
    }

    /// What happens to the result, of states that have one from outside themselves.
    pub(crate) fn outlet(&self) -> Option<Outlet<'_>> {
        match &self.kind {
            Kind::Task(task) => Some(Outlet {
                selector: task.result_selector.as_ref(),
                result_path: &task.result_path,
                assign: task.assign.as_ref(),
                retry: &task.retry,
                catch: &task.catch,
                then: task.then,
            }),
            Kind::Map(fan) | Kind::Parallel(fan) => Some(Outlet {
                selector: fan.result_selector.as_ref(),
                result_path: &fan.result_path,
                assign: fan.assign.as_ref(),
                retry: &fan.retry,
                catch: &fan.catch,
                then: fan.then,
            }),
            _ => None,
        }
    }

    /// The places of all states that may come next.
    pub(super) fn targets(&self) -> Vec<usize> {
        let after = |then: Then| match then {
            Then::State(place) => vec![place],
            Then::End => Vec::new(),
        };
        if let Some(outlet) = self.outlet() {
            return after(outlet.then).into_iter().chain(outlet.catch.iter().map(|rule| rule.next)).collect();
        }
        match &self.kind {
            Kind::Choice(choice) => choice.rules.iter().map(|rule| rule.next).chain(choice.default).collect(),
            Kind::Pass(pass) => after(pass.then),
            Kind::Wait(wait) => after(wait.then),
            _ => Vec::new(),
        }
    }
}

/// The other fields of such a state are not looked at: one sentence is enough.
fn refuse_kind(fields: &mut Fields<'_, '_>, kind: &str) -> Option<State> {
    let known = "[Task, Choice, Pass, Wait, Succeed, Fail, Map, Parallel]";
    fields.flaw(FlawKind::Schema, "Type", format!("there is no state type '{kind}'; the types are {known}"));
    None
}

fn pass(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Pass> {
    let result = fields.value("Result").cloned();
    let parameters = fields.template("Parameters");
    let result_path = result_path(fields);
    let assign = assign(fields);
    let then = then(fields, names);
    Some(Pass { result, parameters, result_path: result_path?, assign, then: then? })
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

pub(super) fn exclusive(fields: &mut Fields<'_, '_>, fixed: &'static str, path: &'static str) {
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

pub(super) fn then(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Then> {
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

/// Reads `Assign`: an object whose keys are the names of variables.
pub(super) fn assign(fields: &mut Fields<'_, '_>) -> Option<Template> {
    let object = fields.value("Assign")?.as_object();
    let named = |key: &String| {
        let name = key.strip_suffix(".$").unwrap_or(key);
        let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        plain && name != "states" && !name.is_empty() && name.chars().count() <= 80
    };
    match object {
        Some(object) if object.keys().all(named) => fields.template("Assign"),
        Some(_) => {
            fields.flaw(
                FlawKind::Schema,
                "Assign",
                "a variable's name has 1 to 80 letters, digits and underscores, and is not 'states'",
            );
            None
        }
        None => {
            fields.flaw(FlawKind::Schema, "Assign", "Expected value of type Object");
            None
        }
    }
}
