//! A look at a definition from outside: for drift tests, lints, and a drawn diagram.

use serde_json::Value;

use super::retry::{Catcher, Retrier};
use super::{Kind, Resource, Seconds, State, Task, Then, Workflow};
use crate::template::Template;

/// One state, to be looked at.
#[derive(Debug, Clone, Copy)]
pub struct StateView<'a> {
    state: &'a State,
    workflow: &'a Workflow,
}

/// The type of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the States Language's own")]
pub enum StateKind {
    Task,
    Choice,
    Pass,
    Wait,
    Succeed,
    Fail,
    Map,
    Parallel,
}

/// One arrow of the diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition<'a> {
    /// Why the arrow is taken.
    pub label: TransitionLabel<'a>,
    /// The name of the state that it leads to.
    pub target: &'a str,
}

/// Why a transition is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransitionLabel<'a> {
    /// The state is done.
    Next,
    /// A rule of a `Choice` holds; written for people.
    Choice(String),
    /// No rule of a `Choice` holds.
    Default,
    /// The state failed with one of these errors.
    Catch(&'a [String]),
}

/// One rule of a `Choice`.
#[derive(Debug, Clone, PartialEq)]
pub struct ChoiceView<'a> {
    /// The condition, written for people.
    pub condition: String,
    /// The values that the condition compares with.
    pub literals: Vec<&'a Value>,
    /// The state that the rule leads to.
    pub target: &'a str,
}

impl<'a> StateView<'a> {
    pub(super) fn new(state: &'a State, workflow: &'a Workflow) -> Self {
        Self { state, workflow }
    }

    /// The state's name.
    pub fn name(&self) -> &'a str {
        &self.state.name
    }

    /// The state's type.
    pub fn kind(&self) -> StateKind {
        match self.state.kind {
            Kind::Task(_) => StateKind::Task,
            Kind::Choice(_) => StateKind::Choice,
            Kind::Pass(_) => StateKind::Pass,
            Kind::Wait(_) => StateKind::Wait,
            Kind::Succeed => StateKind::Succeed,
            Kind::Fail(_) => StateKind::Fail,
            Kind::Map(_) => StateKind::Map,
            Kind::Parallel(_) => StateKind::Parallel,
        }
    }

    fn task(&self) -> Option<&'a Task> {
        match &self.state.kind {
            Kind::Task(task) => Some(task),
            _ => None,
        }
    }

    /// What a task asks for.
    pub fn resource(&self) -> Option<&'a Resource> {
        self.task().map(|task| &task.resource)
    }

    /// The function that a task invokes, if the definition names it: the ARN, or `Parameters.FunctionName`.
    pub fn function(&self) -> Option<&'a str> {
        match (&self.task()?.resource, self.parameter("FunctionName")) {
            (Resource::Function(arn), _) => Some(arn),
            (_, Some(Value::String(name))) => Some(name),
            _ => None,
        }
    }

    /// The fixed value of one parameter of a task.
    pub fn parameter(&self, name: &str) -> Option<&'a Value> {
        match self.task()?.parameters.as_ref()? {
            Template::Literal(value) => value.get(name),
            Template::Object(entries) => entries.iter().find_map(|(key, part)| match part {
                Template::Literal(value) if key == name => Some(value),
                _ => None,
            }),
            _ => None,
        }
    }

    /// How long a task may take, if the definition says it in seconds.
    pub fn timeout_seconds(&self) -> Option<i64> {
        match self.task()?.timeout {
            Some(Seconds::Fixed(seconds)) => Some(seconds),
            _ => None,
        }
    }

    /// Where a task finds how long it may take.
    pub fn timeout_path(&self) -> Option<&'a str> {
        match self.task()?.timeout.as_ref() {
            Some(Seconds::Path(path)) => Some(&path.text),
            _ => None,
        }
    }

    /// Whether a task has a time that it must not exceed.
    pub fn has_timeout(&self) -> bool {
        self.task().is_some_and(|task| task.timeout.is_some())
    }

    /// The error names of each `Retry` rule.
    pub fn retries(&self) -> impl Iterator<Item = &'a [String]> + use<'a> {
        let rules = self.state.outlet().map_or(&[][..], |outlet| outlet.retry);
        rules.iter().map(|rule: &Retrier| rule.errors.as_slice())
    }

    /// The error names of each `Catch` rule.
    pub fn catches(&self) -> impl Iterator<Item = &'a [String]> + use<'a> {
        let rules = self.state.outlet().map_or(&[][..], |outlet| outlet.catch);
        rules.iter().map(|rule: &Catcher| rule.errors.as_slice())
    }

    /// The rules of a `Choice`.
    pub fn choices(&self) -> Vec<ChoiceView<'a>> {
        let Kind::Choice(choice) = &self.state.kind else { return Vec::new() };
        let view = |rule: &'a super::choice::Rule| ChoiceView {
            condition: rule.condition.to_string(),
            literals: rule.condition.literals(),
            target: self.named(rule.next),
        };
        choice.rules.iter().map(view).collect()
    }

    /// Where a `Choice` leads if no rule holds.
    pub fn default(&self) -> Option<&'a str> {
        match &self.state.kind {
            Kind::Choice(choice) => choice.default.map(|place| self.named(place)),
            _ => None,
        }
    }

    /// Whether an execution may end here.
    pub fn is_end(&self) -> bool {
        match &self.state.kind {
            Kind::Task(_) | Kind::Map(_) | Kind::Parallel(_) => {
                self.state.outlet().is_some_and(|outlet| outlet.then == Then::End)
            }
            Kind::Pass(pass) => pass.then == Then::End,
            Kind::Wait(wait) => wait.then == Then::End,
            Kind::Choice(_) => false,
            Kind::Succeed | Kind::Fail(_) => true,
        }
    }

    /// All arrows that leave the state, in the order in which they are considered.
    pub fn transitions(&self) -> Vec<Transition<'a>> {
        let mut arrows = Vec::new();
        let then = match &self.state.kind {
            Kind::Task(_) | Kind::Map(_) | Kind::Parallel(_) => self.state.outlet().map(|outlet| outlet.then),
            Kind::Pass(pass) => Some(pass.then),
            Kind::Wait(wait) => Some(wait.then),
            _ => None,
        };
        if let Some(Then::State(place)) = then {
            arrows.push(Transition { label: TransitionLabel::Next, target: self.named(place) });
        }
        let choices = self.choices().into_iter();
        arrows.extend(
            choices.map(|rule| Transition { label: TransitionLabel::Choice(rule.condition), target: rule.target }),
        );
        arrows.extend(self.default().map(|target| Transition { label: TransitionLabel::Default, target }));
        let catches = self.state.outlet().map_or(&[][..], |outlet| outlet.catch).iter();
        arrows.extend(
            catches
                .map(|rule| Transition { label: TransitionLabel::Catch(&rule.errors), target: self.named(rule.next) }),
        );
        arrows
    }

    fn named(&self, place: usize) -> &'a str {
        self.workflow.state(place).map_or("", |state| state.name.as_str())
    }
}
