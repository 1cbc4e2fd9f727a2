//! Reads the fields of one JSON object and notes every flaw with its pointer.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Sieve;
use crate::flaw::{Flaw, FlawKind};
use crate::path::Path;
use crate::template::Template;

/// One object of a definition. What is not asked for by name is refused in [`Fields::finish`].
pub(crate) struct Fields<'a, 'f> {
    object: &'a Map<String, Value>,
    pointer: String,
    seen: BTreeSet<&'static str>,
    pub(crate) flaws: &'f mut Vec<Flaw>,
}

const DISTRIBUTED: &str = "distributed maps are not supported";

/// Fields of the language that this machine does not have, with the sentence that says so.
const UNSUPPORTED: [(&str, &str); 13] = [
    ("ItemReader", DISTRIBUTED),
    ("ItemBatcher", DISTRIBUTED),
    ("ResultWriter", DISTRIBUTED),
    ("Label", DISTRIBUTED),
    ("ToleratedFailureCount", DISTRIBUTED),
    ("ToleratedFailurePercentage", DISTRIBUTED),
    ("ToleratedFailureCountPath", DISTRIBUTED),
    ("Arguments", "JSONata is not supported; use Parameters"),
    ("Output", "JSONata is not supported; use ResultSelector, ResultPath and OutputPath"),
    ("Condition", "JSONata is not supported; use Variable and a comparison"),
    ("Credentials", "running a task under another role is not supported; leave Credentials out"),
    ("Items", "JSONata is not supported; use ItemsPath"),
    ("QueryLanguage", "only the query language JSONPath is supported"),
];

impl<'a, 'f> Fields<'a, 'f> {
    /// Opens `value`; a flaw and nothing if it is not an object.
    pub(crate) fn open(value: &'a Value, pointer: String, flaws: &'f mut Vec<Flaw>) -> Option<Self> {
        let Some(object) = value.as_object() else {
            flaws.push(Flaw::new(FlawKind::Schema, pointer, "Expected value of type Object"));
            return None;
        };
        Some(Self { object, pointer, seen: BTreeSet::new(), flaws })
    }

    pub(crate) fn pointer(&self, field: &str) -> String {
        below(&self.pointer, field)
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.object.contains_key(field)
    }

    /// Notes a flaw of `field`, or of the object itself if `field` is empty.
    pub(crate) fn flaw(&mut self, kind: FlawKind, field: &str, message: impl Into<String>) {
        let pointer = if field.is_empty() { self.pointer.clone() } else { self.pointer(field) };
        self.flaws.push(Flaw::new(kind, pointer, message));
    }

    pub(crate) fn value(&mut self, field: &'static str) -> Option<&'a Value> {
        self.seen.insert(field);
        self.object.get(field)
    }

    fn typed<T>(&mut self, field: &'static str, name: &str, take: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.value(field)?;
        let taken = take(value);
        if taken.is_none() {
            self.flaw(FlawKind::Schema, field, format!("Expected value of type {name}"));
        }
        taken
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Option<&'a str> {
        self.typed(field, "String", Value::as_str)
    }

    pub(crate) fn flag(&mut self, field: &'static str) -> Option<bool> {
        self.typed(field, "Boolean", Value::as_bool)
    }

    pub(crate) fn list(&mut self, field: &'static str) -> Option<&'a Vec<Value>> {
        self.typed(field, "Array", Value::as_array)
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(&mut self, field: &'static str, (least, most): (i64, i64)) -> Option<i64> {
        let number = self.typed(field, "Integer", Value::as_i64)?;
        if (least..=most).contains(&number) {
            return Some(number);
        }
        self.flaw(FlawKind::Schema, field, format!("The value must be from {least} to {most}"));
        None
    }

    pub(crate) fn number(&mut self, field: &'static str) -> Option<f64> {
        self.typed(field, "Float", Value::as_f64)
    }

    pub(crate) fn path(&mut self, field: &'static str) -> Option<Path> {
        let text = self.text(field)?;
        self.parse_path(field, text)
    }

    fn parse_path(&mut self, field: &str, text: &str) -> Option<Path> {
        let path = Path::parse(text);
        if path.is_err() {
            self.flaw(FlawKind::Schema, field, "Value is not a valid JSONPath");
        }
        path.ok()
    }

    /// A path that names at most one value.
    pub(crate) fn reference(&mut self, field: &'static str) -> Option<Path> {
        let path = self.path(field)?;
        if path.is_definite() {
            return Some(path);
        }
        self.flaw(FlawKind::Schema, field, "Value is not a Reference Path");
        None
    }

    /// `InputPath` and `OutputPath`: a path, or null for an empty object.
    pub(crate) fn sieve(&mut self, field: &'static str) -> Sieve {
        match self.value(field) {
            None => Sieve::All,
            Some(Value::Null) => Sieve::Nothing,
            Some(_) => match self.path(field) {
                Some(path) if path.text != "$" => Sieve::At(path),
                _ => Sieve::All,
            },
        }
    }

    pub(crate) fn template(&mut self, field: &'static str) -> Option<Template> {
        match Template::parse(self.value(field)?) {
            Ok(template) => Some(template),
            Err((_, message)) => {
                self.flaw(FlawKind::Schema, field, message);
                None
            }
        }
    }

    /// Refuses all fields that nobody asked for.
    pub(crate) fn finish(mut self) {
        for field in self.object.keys() {
            if self.seen.contains(field.as_str()) {
                continue;
            }
            match UNSUPPORTED.iter().find(|(name, _)| name == field) {
                Some((_, sentence)) => self.flaw(FlawKind::Unsupported, field, *sentence),
                None => self.flaw(FlawKind::Schema, field, format!("Field '{field}' is not supported")),
            }
        }
    }
}

/// Goes one step down a JSON pointer.
pub(crate) fn below(pointer: &str, field: &str) -> String {
    format!("{pointer}/{}", field.replace('~', "~0").replace('/', "~1"))
}
