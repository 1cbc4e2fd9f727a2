use super::Fields;
use super::state::{assign, target};
use super::workflow::Names;
use crate::condition::{Condition, read};
use crate::flaw::FlawKind;
use crate::template::Template;

/// The rules of a `Choice` state, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) rules: Vec<Rule>,
    pub(crate) default: Option<usize>,
    /// What is assigned if no rule holds.
    pub(crate) assign: Option<Template>,
}

/// Where to go if a condition holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) condition: Condition,
    pub(crate) assign: Option<Template>,
    pub(crate) next: usize,
}

impl Choice {
    pub(super) fn read(fields: &mut Fields<'_, '_>, names: &Names<'_>) -> Option<Self> {
        if !fields.has("Choices") {
            fields.flaw(FlawKind::Schema, "", "These fields are required: [Choices]");
        }
        let list = fields.list("Choices")?;
        if list.is_empty() {
            fields.flaw(FlawKind::Schema, "Choices", "Expected a list of at least one rule");
        }
        let default = if fields.has("Default") { Some(target(fields, "Default", names)?) } else { None };
        let assign = assign(fields);
        let pointer = fields.pointer("Choices");
        let mut rules = Vec::with_capacity(list.len());
        for (position, value) in list.iter().enumerate() {
            if let Some(rule) = Fields::open(value, format!("{pointer}/{position}"), fields.flaws) {
                rules.extend(self::rule(rule, names));
            }
        }
        (rules.len() == list.len()).then_some(Self { rules, default, assign })
    }
}

fn rule(mut fields: Fields<'_, '_>, names: &Names<'_>) -> Option<Rule> {
    let next = target(&mut fields, "Next", names);
    let assign = assign(&mut fields);
    let condition = read(fields);
    Some(Rule { condition: condition?, assign, next: next? })
}
