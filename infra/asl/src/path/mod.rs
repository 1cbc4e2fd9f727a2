//! `JSONPath` in the dialect of Step Functions: Jayway's, with `$$` for the context object.

mod filter;
mod parse;
mod select;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(crate) use filter::Filter;
pub(crate) use parse::Cursor;

/// What a path starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// `$`: the state's input, or what the field applies to.
    Input,
    /// `$$`: the context object.
    Context,
    /// `$name`: a variable.
    Variable(String),
}

/// A parsed path; keeps its text for error messages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    pub(crate) text: String,
    pub(crate) root: Root,
    pub(crate) segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Segment {
    Name(String),
    Index(i64),
    /// `['a','b']`
    Names(Vec<String>),
    /// `[0,2]`
    Indexes(Vec<i64>),
    /// `*`
    Wildcard,
    /// `[from:to]`; `..`-less Jayway slices have no step.
    Slice(Option<i64>, Option<i64>),
    /// `[?(…)]`
    Filter(Filter),
    /// `..`: this node and all below it; the next segment selects among them.
    Descend,
    /// `.length()`
    Length,
}

/// Why a path is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PathError(pub(crate) String);

impl Path {
    pub(crate) fn parse(text: &str) -> Result<Self, PathError> {
        parse::path(text)
    }

    /// `$`
    pub(crate) fn root() -> Self {
        Self { text: "$".to_owned(), root: Root::Input, segments: Vec::new() }
    }

    /// Whether the path names at most one value: such a path may fail, others yield a list.
    pub(crate) fn is_definite(&self) -> bool {
        self.segments.iter().all(|segment| matches!(segment, Segment::Name(_) | Segment::Index(_) | Segment::Length))
    }

    /// Whether the path may be written to (`ResultPath`): `$` and plain names and indexes.
    pub(crate) fn is_reference(&self) -> bool {
        self.root == Root::Input
            && self.segments.iter().all(|segment| matches!(segment, Segment::Name(_) | Segment::Index(_)))
    }

    /// Finds what the path names in `document`; nothing if a definite path leads nowhere.
    pub(crate) fn select(&self, document: &Value) -> Option<Value> {
        if self.is_definite() {
            return select::one(&self.segments, document);
        }
        Some(Value::Array(select::all(&self.segments, document).into_iter().cloned().collect()))
    }

    /// Puts `result` where the path points, making objects on the way; an error if something else is in the way.
    pub(crate) fn put(&self, document: &mut Value, result: Value) -> Result<(), PathError> {
        let mut place = document;
        for segment in &self.segments {
            place = select::place(place, segment).ok_or_else(|| PathError(self.text.clone()))?;
        }
        *place = result;
        Ok(())
    }
}
