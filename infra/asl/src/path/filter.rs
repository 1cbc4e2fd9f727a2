//! The filter of `[?(…)]`: comparisons and existence, joined by `&&`, `||`, `!` and parentheses.

use std::cmp::Ordering;

use serde_json::Value;

use super::parse::Cursor;
use super::{PathError, Segment, select};

/// A condition on one item of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Vec<Segment>),
    Compare(Operand, Operator, Operand),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    /// `@.a.b`
    Item(Vec<Segment>),
    Literal(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

/// Longer signs first: `<=` is not `<`.
const OPERATORS: [(&str, Operator); 8] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("in ", Operator::In),
    ("nin ", Operator::NotIn),
];

impl Filter {
    pub(crate) fn accepts(&self, item: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.accepts(item)),
            Self::Any(parts) => parts.iter().any(|part| part.accepts(item)),
            Self::Not(part) => !part.accepts(item),
            Self::Exists(segments) => !select::all(segments, item).is_empty(),
            Self::Compare(left, operator, right) => compare(left.resolve(item), *operator, right.resolve(item)),
        }
    }
}

impl Operand {
    fn resolve(&self, item: &Value) -> Option<Value> {
        match self {
            Self::Item(segments) => select::one(segments, item),
            Self::Literal(value) => Some(value.clone()),
        }
    }
}

fn compare(left: Option<Value>, operator: Operator, right: Option<Value>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return operator == Operator::NotEqual };
    let order = order(&left, &right);
    let listed = || right.as_array().is_some_and(|list| list.contains(&left));
    match operator {
        Operator::Equal => left == right || order == Some(Ordering::Equal),
        Operator::NotEqual => left != right && order != Some(Ordering::Equal),
        Operator::Less => order == Some(Ordering::Less),
        Operator::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::In => listed(),
        Operator::NotIn => !listed(),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// How deep parentheses and negations may nest: a definition is not trusted with the stack.
const DEPTH: usize = 32;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Filter, PathError> {
    any(cursor, DEPTH)
}

fn any(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let mut parts = vec![all(cursor, depth)?];
    while eat(cursor, "||") {
        parts.push(all(cursor, depth)?);
    }
    Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Filter::Any(parts) })
}

fn all(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let mut parts = vec![term(cursor, depth)?];
    while eat(cursor, "&&") {
        parts.push(term(cursor, depth)?);
    }
    Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Filter::All(parts) })
}

fn term(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let Some(depth) = depth.checked_sub(1) else { return Err(cursor.error("the filter is nested too deeply")) };
    cursor.skip_spaces();
    if cursor.eat("!") {
        return Ok(Filter::Not(Box::new(term(cursor, depth)?)));
    }
    if cursor.eat("(") {
        let inner = any(cursor, depth)?;
        cursor.skip_spaces();
        cursor.expect(")")?;
        return Ok(inner);
    }
    let left = operand(cursor)?;
    cursor.skip_spaces();
    for (sign, operator) in OPERATORS {
        if cursor.eat(sign) {
            return Ok(Filter::Compare(left, operator, operand(cursor)?));
        }
    }
    match left {
        Operand::Item(segments) => Ok(Filter::Exists(segments)),
        Operand::Literal(_) => Err(cursor.error("expected a comparison")),
    }
}

fn operand(cursor: &mut Cursor<'_>) -> Result<Operand, PathError> {
    cursor.skip_spaces();
    match cursor.peek() {
        Some('@') => {
            cursor.next();
            Ok(Operand::Item(cursor.segments()?))
        }
        Some('\'' | '"') => Ok(Operand::Literal(Value::String(cursor.quoted()?))),
        Some('[') => list(cursor),
        _ => {
            let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
            let value = serde_json::from_str(word).map_err(|_| cursor.error("expected `@`, a number, or a text"))?;
            Ok(Operand::Literal(value))
        }
    }
}

fn list(cursor: &mut Cursor<'_>) -> Result<Operand, PathError> {
    cursor.expect("[")?;
    let mut items = Vec::new();
    loop {
        cursor.skip_spaces();
        if cursor.eat("]") {
            return Ok(Operand::Literal(Value::Array(items)));
        }
        if !items.is_empty() {
            cursor.expect(",")?;
        }
        cursor.skip_spaces();
        if cursor.peek().is_some_and(|c| "@[".contains(c)) {
            return Err(cursor.error("expected a number or a text"));
        }
        if let Operand::Literal(value) = operand(cursor)? {
            items.push(value);
        }
    }
}

fn eat(cursor: &mut Cursor<'_>, sign: &str) -> bool {
    cursor.skip_spaces();
    cursor.eat(sign)
}
