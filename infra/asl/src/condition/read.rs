use serde_json::Value;

use super::test::Type;
use super::{Against, Condition, Quality, Relation, Test};
use crate::definition::Fields;
use crate::flaw::FlawKind;
use crate::instant;

/// What a field of a rule compares.
#[derive(Clone, Copy)]
enum Operator {
    Is(Quality),
    Compare(Type, Relation, bool),
    Matches,
}

/// Every field name that is an operator.
macro_rules! operators {
    ($($kind:ident: $($relation:ident)*;)*) => {
        const COMPARISONS: &[(&str, Operator)] = &[$($(
            (concat!(stringify!($kind), stringify!($relation)), Operator::Compare(Type::$kind, Relation::$relation, false)),
            (concat!(stringify!($kind), stringify!($relation), "Path"), Operator::Compare(Type::$kind, Relation::$relation, true)),
        )*)*];
    };
}

operators! {
    String: Equals LessThan LessThanEquals GreaterThan GreaterThanEquals;
    Numeric: Equals LessThan LessThanEquals GreaterThan GreaterThanEquals;
    Timestamp: Equals LessThan LessThanEquals GreaterThan GreaterThanEquals;
    Boolean: Equals;
}

const OTHERS: &[(&str, Operator)] = &[
    ("IsPresent", Operator::Is(Quality::Present)),
    ("IsNull", Operator::Is(Quality::Null)),
    ("IsString", Operator::Is(Quality::String)),
    ("IsNumeric", Operator::Is(Quality::Numeric)),
    ("IsBoolean", Operator::Is(Quality::Boolean)),
    ("IsTimestamp", Operator::Is(Quality::Timestamp)),
    ("StringMatches", Operator::Matches),
];

/// Reads the condition of a rule, and refuses what else the rule holds.
pub(crate) fn read(mut fields: Fields<'_, '_>) -> Option<Condition> {
    fields.text("Comment");
    let condition = condition(&mut fields);
    fields.finish();
    condition
}

fn condition(fields: &mut Fields<'_, '_>) -> Option<Condition> {
    let operators: Vec<_> = COMPARISONS.iter().chain(OTHERS).filter(|(name, _)| fields.has(name)).collect();
    let joins = ["And", "Or", "Not"].iter().filter(|name| fields.has(name)).count();
    if operators.len() + joins != 1 {
        let message = "A rule must contain exactly one comparison, or one of And, Or and Not";
        fields.flaw(FlawKind::Schema, "", message);
        return None;
    }
    match operators.first() {
        Some((name, operator)) => comparison(fields, name, *operator),
        None if fields.has("And") => parts(fields, "And").map(Condition::All),
        None if fields.has("Or") => parts(fields, "Or").map(Condition::Any),
        None => {
            let value = fields.value("Not")?;
            let pointer = fields.pointer("Not");
            let inner = Fields::open(value, pointer, fields.flaws)?;
            Some(Condition::Not(Box::new(read(inner)?)))
        }
    }
}

fn parts(fields: &mut Fields<'_, '_>, field: &'static str) -> Option<Vec<Condition>> {
    let list = fields.list(field)?;
    if list.is_empty() {
        fields.flaw(FlawKind::Schema, field, "Expected a list of at least one condition");
    }
    let pointer = fields.pointer(field);
    let mut parts = Vec::with_capacity(list.len());
    for (position, value) in list.iter().enumerate() {
        if let Some(inner) = Fields::open(value, format!("{pointer}/{position}"), fields.flaws) {
            parts.extend(read(inner));
        }
    }
    (parts.len() == list.len() && !list.is_empty()).then_some(parts)
}

fn comparison(fields: &mut Fields<'_, '_>, name: &'static str, operator: Operator) -> Option<Condition> {
    if !fields.has("Variable") {
        fields.flaw(FlawKind::Schema, "", "These fields are required: [Variable]");
    }
    let variable = fields.path("Variable");
    let test = match operator {
        Operator::Is(quality) => Test::Is(quality, fields.flag(name)?),
        Operator::Matches => Test::Matches(fields.text(name)?.to_owned()),
        Operator::Compare(kind, relation, true) => Test::Compare((kind, relation), Against::Path(fields.path(name)?)),
        Operator::Compare(kind, relation, false) => {
            let value = fields.value(name)?;
            if !fits(kind, value) {
                fields.flaw(FlawKind::Schema, name, expected(kind));
                return None;
            }
            Test::Compare((kind, relation), Against::Literal(value.clone()))
        }
    };
    Some(Condition::Test(variable?, test))
}

fn fits(kind: Type, value: &Value) -> bool {
    match kind {
        Type::String => value.is_string(),
        Type::Numeric => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Timestamp => value.as_str().and_then(instant::parse).is_some(),
    }
}

fn expected(kind: Type) -> &'static str {
    match kind {
        Type::String => "Expected value of type String",
        Type::Numeric => "Expected value of type Number",
        Type::Boolean => "Expected value of type Boolean",
        Type::Timestamp => "String does not match RFC3339 timestamp",
    }
}
