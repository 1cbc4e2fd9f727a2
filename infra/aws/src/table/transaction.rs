//! Writes to several rows, all of them or none.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use super::{Table, Terms, pause};
use crate::failure::{Failure, Outcome};
use crate::row::Row;

/// As often a transaction is tried again that met another one.
const ROUNDS: u32 = 10;

/// Writes that belong together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transaction {
    items: Vec<TransactWriteItem>,
    token: Option<String>,
}

/// Which of the writes found their rows not as they wanted them; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canceled(Vec<bool>);

impl Canceled {
    /// Tells whether the write of a number, from 0, is among them.
    pub(crate) fn names(&self, number: usize) -> bool {
        self.0.get(number).copied().unwrap_or(false)
    }
}

impl Transaction {
    /// A transaction that is the same for whoever brings it again within ten minutes.
    pub(crate) fn named(token: impl Into<String>) -> Self {
        Self { items: Vec::new(), token: Some(token.into()) }
    }

    /// Says how many writes it holds: the number of the next one.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn put(mut self, table: &Table, row: Row, terms: Terms) -> Outcome<Self> {
        let (condition, names, values) = terms.parts();
        let put = Put::builder().table_name(&table.name).set_item(Some(row.0)).set_condition_expression(condition);
        let put = put.set_expression_attribute_names(names).set_expression_attribute_values(values);
        let put = put.build().map_err(|error| Failure::damaged("a write of ours", error))?;
        self.items.push(TransactWriteItem::builder().put(put).build());
        Ok(self)
    }

    pub(crate) fn update(mut self, table: &Table, key: Row, change: &str, terms: Terms) -> Outcome<Self> {
        let (condition, names, values) = terms.along(change).parts();
        let update = Update::builder().table_name(&table.name).set_key(Some(key.0)).update_expression(change);
        let update = update.set_condition_expression(condition).set_expression_attribute_names(names);
        let update = update.set_expression_attribute_values(values).build();
        let update = update.map_err(|error| Failure::damaged("a write of ours", error))?;
        self.items.push(TransactWriteItem::builder().update(update).build());
        Ok(self)
    }

    pub(crate) fn delete(mut self, table: &Table, key: Row, terms: Terms) -> Outcome<Self> {
        let (condition, names, values) = terms.parts();
        let delete = Delete::builder().table_name(&table.name).set_key(Some(key.0)).set_condition_expression(condition);
        let delete = delete.set_expression_attribute_names(names).set_expression_attribute_values(values);
        let delete = delete.build().map_err(|error| Failure::damaged("a write of ours", error))?;
        self.items.push(TransactWriteItem::builder().delete(delete).build());
        Ok(self)
    }

    pub(crate) fn check(mut self, table: &Table, key: Row, terms: Terms) -> Outcome<Self> {
        let (condition, names, values) = terms.parts();
        let check = ConditionCheck::builder().table_name(&table.name).set_key(Some(key.0));
        let check = check.set_condition_expression(condition).set_expression_attribute_names(names);
        let check = check.set_expression_attribute_values(values).build();
        let check = check.map_err(|error| Failure::damaged("a write of ours", error))?;
        self.items.push(TransactWriteItem::builder().condition_check(check).build());
        Ok(self)
    }

    /// Writes it. A transaction that only met another one is tried again.
    pub(crate) async fn commit(self, table: &Table) -> Outcome<Result<(), Canceled>> {
        for round in 0..ROUNDS {
            let call = table.client.transact_write_items().set_transact_items(Some(self.items.clone()));
            let Err(error) = call.set_client_request_token(self.token.clone()).send().await else { return Ok(Ok(())) };
            let Some(reasons) = reasons(&error) else { return Err(Failure::of(error)) };
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or_default()).collect();
            let unmet: Vec<bool> = codes.iter().map(|code| *code == "ConditionalCheckFailed").collect();
            if unmet.contains(&true) {
                return Ok(Err(Canceled(unmet)));
            }
            if !codes.iter().any(|code| is_passing(code)) {
                return Err(Failure::of(error));
            }
            pause(round).await;
        }
        Err(Failure::busy("the rows were being written by others again and again"))
    }
}

/// Tells whether a write failed for a reason that passes by itself.
fn is_passing(code: &str) -> bool {
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"].contains(&code)
}

fn reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => Some(canceled.cancellation_reasons()),
        _ => None,
    }
}
