use std::cmp::Ordering;

use serde_json::Value;

use crate::evaluation::Surroundings;
use crate::fault::Fault;
use crate::instant;
use crate::path::Path;

/// What is asked of one variable.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// `IsString` and its family: whether the variable has the quality, or whether it has not.
    Is(Quality, bool),
    /// `StringEquals` and its family. Values of another type are never in the relation.
    Compare((Type, Relation), Against),
    /// `StringMatches`
    Matches(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    Present,
    Null,
    String,
    Numeric,
    Boolean,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    Numeric,
    Boolean,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

/// What the variable is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Against {
    Literal(Value),
    Path(Path),
}

impl Test {
    pub(super) fn holds(&self, variable: &Path, input: &Value, around: &Surroundings<'_>) -> Result<bool, Fault> {
        let value = around.find(variable, input);
        if let Self::Is(Quality::Present, expected) = self {
            return Ok(value.is_some() == *expected);
        }
        let value = value.ok_or_else(|| invalid(variable))?;
        match self {
            Self::Is(quality, expected) => Ok(quality.fits(&value) == *expected),
            Self::Matches(pattern) => Ok(value.as_str().is_some_and(|text| matches(pattern, text))),
            Self::Compare((kind, relation), Against::Literal(other)) => Ok(relation.holds(kind.order(&value, other))),
            Self::Compare((kind, relation), Against::Path(path)) => {
                let other = around.find(path, input).ok_or_else(|| invalid(path))?;
                Ok(relation.holds(kind.order(&value, &other)))
            }
        }
    }
}

fn invalid(path: &Path) -> Fault {
    let text = &path.text;
    Fault::runtime(format!("Invalid path '{text}': The choice state's condition path references an invalid value."))
}

impl Quality {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Present => true,
            Self::Null => value.is_null(),
            Self::String => value.is_string(),
            Self::Numeric => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => timestamp(value).is_some(),
        }
    }
}

fn timestamp(value: &Value) -> Option<jiff::Timestamp> {
    value.as_str().and_then(instant::parse)
}

impl Type {
    /// How two values of this type compare; nothing if one is of another type.
    fn order(self, left: &Value, right: &Value) -> Option<Ordering> {
        match self {
            Self::String => Some(left.as_str()?.encode_utf16().cmp(right.as_str()?.encode_utf16())),
            Self::Numeric => match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
            },
            Self::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
            Self::Timestamp => Some(timestamp(left)?.cmp(&timestamp(right)?)),
        }
    }
}

impl Relation {
    fn holds(self, order: Option<Ordering>) -> bool {
        order.is_some_and(|order| match self {
            Self::Equals => order.is_eq(),
            Self::LessThan => order.is_lt(),
            Self::LessThanEquals => order.is_le(),
            Self::GreaterThan => order.is_gt(),
            Self::GreaterThanEquals => order.is_ge(),
        })
    }
}

/// Whether `text` matches `pattern`, where `*` is any run of characters, and `\*` and `\\` are themselves.
///
/// Goes back to the last star only, so that no pattern takes more than pattern × text steps.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern = glob(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    let mut star = None;
    while let Some(c) = text.get(from) {
        match pattern.get(at) {
            Some(None) => {
                star = Some((at, from));
                at += 1;
            }
            Some(Some(expected)) if expected == c => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                from = taken + 1;
            }
        }
    }
    pattern.iter().skip(at).all(Option::is_none)
}

/// The characters of a pattern; none is a star.
fn glob(pattern: &str) -> Vec<Option<char>> {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        parts.push(match c {
            '*' => None,
            '\\' => Some(characters.next().unwrap_or('\\')),
            c => Some(c),
        });
    }
    parts
}
