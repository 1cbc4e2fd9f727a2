//! Payload templates: `Parameters` and `ResultSelector`, where a key that ends in `.$` holds an expression.

use serde_json::{Map, Value};

use crate::evaluation::Surroundings;
use crate::fault::Fault;
use crate::intrinsic::Call;
use crate::path::{Path, Root};

/// A parsed payload template.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Template {
    Literal(Value),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
    /// The value of a `key.$`; the key is kept for error messages.
    Dynamic(String, Expression),
}

/// What the value of a `key.$` may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Path(Path),
    Call(Call),
}

impl Expression {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("States.") {
            return Call::parse(text).map(Self::Call).map_err(|error| error.to_string());
        }
        Path::parse(text).map(Self::Path).map_err(|error| error.to_string())
    }

    /// Computes the value; `field` is where the expression stands.
    pub(crate) fn evaluate(&self, field: &str, input: &Value, around: &Surroundings<'_>) -> Result<Value, Fault> {
        match self {
            Self::Path(path) => around.find(path, input).ok_or_else(|| not_found(path, field, input, around)),
            Self::Call(call) => call.evaluate(field, input, around),
        }
    }
}

impl Template {
    /// Reads a template; the error is the key and what is wrong with its value.
    pub(crate) fn parse(value: &Value) -> Result<Self, (String, String)> {
        match value {
            Value::Object(map) => {
                let entries = map.iter().map(|(key, value)| entry(key, value)).collect::<Result<Vec<_>, _>>()?;
                Ok(if entries.iter().all(|(_, part)| matches!(part, Self::Literal(_))) {
                    Self::Literal(value.clone())
                } else {
                    Self::Object(entries)
                })
            }
            Value::Array(list) => {
                let parts = list.iter().map(Self::parse).collect::<Result<Vec<_>, _>>()?;
                let literal = parts.iter().all(|part| matches!(part, Self::Literal(_)));
                Ok(if literal { Self::Literal(value.clone()) } else { Self::List(parts) })
            }
            _ => Ok(Self::Literal(value.clone())),
        }
    }

    /// Fills the template from `input`.
    pub(crate) fn fill(&self, input: &Value, around: &Surroundings<'_>) -> Result<Value, Fault> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::List(parts) => parts.iter().map(|part| part.fill(input, around)).collect(),
            Self::Object(entries) => {
                let mut map = Map::new();
                for (key, part) in entries {
                    map.insert(key.clone(), part.fill(input, around)?);
                }
                Ok(Value::Object(map))
            }
            Self::Dynamic(field, expression) => expression.evaluate(field, input, around),
        }
    }
}

fn entry(key: &str, value: &Value) -> Result<(String, Template), (String, String)> {
    let Some(name) = key.strip_suffix(".$") else { return Ok((key.to_owned(), Template::parse(value)?)) };
    let wrong = || {
        (
            key.to_owned(),
            format!("The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"),
        )
    };
    let text = value.as_str().ok_or_else(wrong)?;
    let expression = Expression::parse(text).map_err(|_| wrong())?;
    Ok((name.to_owned(), Template::Dynamic(key.to_owned(), expression)))
}

/// The fault of a path that finds nothing, in AWS's words.
pub(crate) fn not_found(path: &Path, field: &str, input: &Value, around: &Surroundings<'_>) -> Fault {
    let text = &path.text;
    let what = match &path.root {
        Root::Input => "input",
        Root::Context => "context object",
        Root::Variable(_) => "variable",
    };
    match around.document(&path.root, input) {
        Some(document) => Fault::runtime(format!(
            "The JSONPath '{text}' specified for the field '{field}' could not be found in the {what} '{document}'"
        )),
        None => Fault::runtime(format!("The variable in '{text}' specified for the field '{field}' has no value")),
    }
}
