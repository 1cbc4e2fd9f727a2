//! What is asked of a table: which rows, in which order, under which terms.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::row::{Attributes, text};

/// Terms that a row has to meet: an expression in which every attribute is written `#name` and every value `:name`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    condition: Option<String>,
    change: String,
    values: Attributes,
}

/// An expression, its names and its values, as the service takes them.
pub(crate) type Parts = (Option<String>, Option<HashMap<String, String>>, Option<Attributes>);

impl Terms {
    /// No terms.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn of(condition: impl Into<String>) -> Self {
        Self { condition: Some(condition.into()), ..Self::default() }
    }

    /// There must be no such row.
    pub(crate) fn absent(key: &str) -> Self {
        Self::of(format!("attribute_not_exists(#{key})"))
    }

    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }

    pub(crate) fn with_text(self, name: &str, value: impl Into<String>) -> Self {
        self.with(name, text(value))
    }

    /// With the expression of a change beside them, whose names and values they hold, too.
    pub(crate) fn along(mut self, change: &str) -> Self {
        change.clone_into(&mut self.change);
        self
    }

    pub(crate) fn parts(self) -> Parts {
        let names: HashMap<String, String> =
            self.condition.iter().flat_map(|text| names_in(text)).chain(names_in(&self.change)).collect();
        let values = (!self.values.is_empty()).then_some(self.values);
        (self.condition, (!names.is_empty()).then_some(names), values)
    }
}

/// The attributes that an expression names.
fn names_in(expression: &str) -> impl Iterator<Item = (String, String)> {
    expression.split('#').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        (format!("#{name}"), name.to_owned())
    })
}

/// The rows that are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    index: Option<&'static str>,
    newest_first: bool,
    keys: Terms,
}

impl Ask {
    /// Rows of the table itself: every write before the call is seen.
    pub(crate) fn of(keys: Terms) -> Self {
        Self { index: None, newest_first: false, keys }
    }

    /// Rows with one `id`.
    pub(crate) fn of_id(id: impl Into<String>) -> Self {
        Self::of(Terms::of("#id = :id").with_text("id", id))
    }

    /// Rows by an index, which is a moment behind.
    pub(crate) fn by(index: &'static str, keys: Terms) -> Self {
        Self { index: Some(index), ..Self::of(keys) }
    }

    pub(crate) fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    pub(super) fn on(&self, call: QueryFluentBuilder) -> QueryFluentBuilder {
        let (condition, names, values) = self.keys.clone().parts();
        let call = call.set_key_condition_expression(condition).set_expression_attribute_names(names);
        let call = call.set_expression_attribute_values(values).set_index_name(self.index.map(str::to_owned));
        call.scan_index_forward(!self.newest_first).consistent_read(self.index.is_none())
    }
}
