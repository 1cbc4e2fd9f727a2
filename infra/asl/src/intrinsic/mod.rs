//! Intrinsic functions: `States.Format('{}', $.name)` and its family.

mod array;
mod number;
mod parse;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value;

use crate::evaluation::Surroundings;
use crate::fault::{Fault, error_name};
use crate::path::Path;
use crate::template::not_found;

/// A parsed call of an intrinsic function.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    text: String,
    function: Function,
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone, PartialEq)]
enum Argument {
    /// A text in quotes as it was written: `States.Format` gives escaped braces a meaning of its own.
    Text(String),
    Literal(Value),
    Path(Path),
    Call(Call),
}

/// The functions, each with its name behind `States.` and how many arguments it takes.
macro_rules! functions {
    ($($name:ident $text:literal $least:literal $most:expr;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Function { $($name),* }

        impl Function {
            fn named(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
            }

            fn arity(self) -> (usize, usize) {
                match self { $(Self::$name => ($least, $most)),* }
            }
        }
    };
}

functions! {
    Array "Array" 0 usize::MAX;
    ArrayPartition "ArrayPartition" 2 2;
    ArrayContains "ArrayContains" 2 2;
    ArrayRange "ArrayRange" 3 3;
    ArrayGetItem "ArrayGetItem" 2 2;
    ArrayLength "ArrayLength" 1 1;
    ArrayUnique "ArrayUnique" 1 1;
    Base64Encode "Base64Encode" 1 1;
    Base64Decode "Base64Decode" 1 1;
    Hash "Hash" 2 2;
    JsonMerge "JsonMerge" 3 3;
    JsonToString "JsonToString" 1 1;
    StringToJson "StringToJson" 1 1;
    MathAdd "MathAdd" 2 2;
    MathRandom "MathRandom" 2 3;
    StringSplit "StringSplit" 2 2;
    Uuid "UUID" 0 0;
    Format "Format" 1 usize::MAX;
}

impl Call {
    pub(crate) fn parse(text: &str) -> Result<Self, crate::path::PathError> {
        parse::call(text)
    }

    pub(crate) fn evaluate(&self, field: &str, input: &Value, around: &Surroundings<'_>) -> Result<Value, Fault> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(self.argument(argument, field, input, around)?);
        }
        self.apply(&values, around).map_err(|cause| {
            let text = &self.text;
            let cause = format!("The function '{text}' had the following error: {cause}");
            Fault::new(error_name::INTRINSIC_FAILURE, cause)
        })
    }

    fn argument(
        &self,
        argument: &Argument,
        field: &str,
        input: &Value,
        around: &Surroundings<'_>,
    ) -> Result<Value, Fault> {
        match argument {
            Argument::Text(text) if self.function == Function::Format => Ok(Value::from(text.as_str())),
            Argument::Text(text) => Ok(Value::from(parse::unescape(text))),
            Argument::Literal(value) => Ok(value.clone()),
            Argument::Path(path) => around.find(path, input).ok_or_else(|| not_found(path, field, input, around)),
            Argument::Call(call) => call.evaluate(field, input, around),
        }
    }

    fn apply(&self, values: &[Value], around: &Surroundings<'_>) -> Result<Value, String> {
        match (self.function, values) {
            (Function::Array, items) => Ok(Value::Array(items.to_vec())),
            (Function::ArrayPartition, [list, size]) => array::partition(list, size),
            (Function::ArrayContains, [list, item]) => array::contains(list, item),
            (Function::ArrayRange, [first, last, step]) => array::range(first, last, step),
            (Function::ArrayGetItem, [list, index]) => array::item(list, index),
            (Function::ArrayLength, [list]) => array::length(list),
            (Function::ArrayUnique, [list]) => array::unique(list),
            (Function::Base64Encode, [data]) => text::encode(data),
            (Function::Base64Decode, [data]) => text::decode(data),
            (Function::Hash, [data, algorithm]) => text::hash(data, algorithm),
            (Function::JsonMerge, [below, above, deep]) => text::merge(below, above, deep),
            (Function::JsonToString, [value]) => Ok(Value::from(value.to_string())),
            (Function::StringToJson, [text]) => text::from_json(text),
            (Function::MathAdd, [left, right]) => number::add(left, right),
            (Function::MathRandom, [start, end, rest @ ..]) => number::random(start, end, rest.first(), around),
            (Function::StringSplit, [text, separators]) => text::split(text, separators),
            (Function::Uuid, []) => Ok(Value::from(text::uuid(around.chance.draw()))),
            (Function::Format, [template, rest @ ..]) => self.format(template, rest),
            _ => Err("wrong number of arguments".to_owned()),
        }
    }

    /// Literal arguments of `States.Format` other than the template still have their escapes.
    fn format(&self, template: &Value, rest: &[Value]) -> Result<Value, String> {
        let literal = |position: usize| matches!(self.arguments.get(position), Some(Argument::Text(_)));
        let mut values = Vec::with_capacity(rest.len());
        for (position, value) in rest.iter().enumerate() {
            values.push(match value {
                Value::String(text) if literal(position + 1) => Value::from(parse::unescape(text)),
                other => other.clone(),
            });
        }
        text::format(template, literal(0), &values)
    }
}
