//! One table: reads that see every write before them, writes that say on what they rest.

mod ask;
mod transaction;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnValue};

pub(crate) use ask::{Ask, Terms};
pub(crate) use transaction::{Canceled, Transaction};

use crate::failure::{Failure, Outcome};
use crate::row::{Attributes, Row};

/// As many rows as one call reads by their keys.
const BATCH: usize = 100;
/// As often rows that a call left out are asked for again.
const ROUNDS: u32 = 8;

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(crate) fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// The row of a key, as it is now.
    pub(crate) async fn get(&self, key: Row) -> Outcome<Option<Row>> {
        let answer = self.client.get_item().table_name(&self.name).set_key(Some(key.0)).consistent_read(true);
        Ok(answer.send().await.map_err(Failure::of)?.item.map(Row))
    }

    /// Puts a row where the one of its key meets the terms.
    pub(crate) async fn put(&self, row: Row, terms: Terms) -> Outcome<()> {
        let (condition, names, values) = terms.parts();
        let call =
            self.client.put_item().table_name(&self.name).set_item(Some(row.0)).set_condition_expression(condition);
        call.set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .send()
            .await
            .map_err(Failure::of)?;
        Ok(())
    }

    /// Changes a row that meets the terms and gives it as it is then. Without terms, a row that is not there is made.
    pub(crate) async fn update(&self, key: Row, change: &str, terms: Terms) -> Outcome<Row> {
        let (condition, names, values) = terms.along(change).parts();
        let call = self.client.update_item().table_name(&self.name).set_key(Some(key.0)).update_expression(change);
        let call = call.set_condition_expression(condition).return_values(ReturnValue::AllNew);
        let call = call.set_expression_attribute_names(names).set_expression_attribute_values(values);
        Ok(Row(call.send().await.map_err(Failure::of)?.attributes.unwrap_or_default()))
    }

    /// Deletes a row that meets the terms.
    pub(crate) async fn delete(&self, key: Row, terms: Terms) -> Outcome<()> {
        let (condition, names, values) = terms.parts();
        let call =
            self.client.delete_item().table_name(&self.name).set_key(Some(key.0)).set_condition_expression(condition);
        call.set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .send()
            .await
            .map_err(Failure::of)?;
        Ok(())
    }

    /// The rows that are asked for, in their order, at most `first`.
    pub(crate) async fn list(&self, ask: &Ask, first: usize) -> Outcome<Vec<Row>> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = self.page(ask, after, first - rows.len()).await?;
            rows.extend(page.items.unwrap_or_default().into_iter().map(Row));
            after = page.last_evaluated_key;
            if after.is_none() || rows.len() >= first {
                return Ok(rows);
            }
        }
    }

    async fn page(
        &self,
        ask: &Ask,
        after: Option<Attributes>,
        limit: usize,
    ) -> Outcome<aws_sdk_dynamodb::operation::query::QueryOutput> {
        let limit = i32::try_from(limit).ok().filter(|limit| *limit > 0);
        let call = ask.on(self.client.query().table_name(&self.name));
        call.set_exclusive_start_key(after).set_limit(limit).send().await.map_err(Failure::of)
    }

    /// The rows of keys, as they are now, in no order; none for a key that has no row.
    pub(crate) async fn get_all(&self, keys: Vec<Row>) -> Outcome<Vec<Row>> {
        let mut rows = Vec::new();
        for keys in keys.chunks(BATCH) {
            let mut wanted: Vec<Attributes> = keys.iter().map(|key| key.0.clone()).collect();
            for round in 0.. {
                let (found, left) = self.get_some(wanted).await?;
                rows.extend(found);
                wanted = left;
                if wanted.is_empty() {
                    break;
                }
                if round >= ROUNDS {
                    return Err(Failure::busy("rows were left out again and again"));
                }
                pause(round).await;
            }
        }
        Ok(rows)
    }

    async fn get_some(&self, keys: Vec<Attributes>) -> Outcome<(Vec<Row>, Vec<Attributes>)> {
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let wanted = wanted.map_err(|error| Failure::damaged("a key of ours", error))?;
        let answer =
            self.client.batch_get_item().request_items(&self.name, wanted).send().await.map_err(Failure::of)?;
        let one = |mut by_table: HashMap<String, _>| by_table.remove(&self.name);
        let found = answer.responses.and_then(one).unwrap_or_default().into_iter().map(Row).collect();
        let left = answer.unprocessed_keys.and_then(|mut left| left.remove(&self.name));
        Ok((found, left.map(|left| left.keys).unwrap_or_default()))
    }
}

/// Waits a little, longer each round and never as long as another who waits.
pub(crate) async fn pause(round: u32) {
    let most = 20_u64.saturating_mul(1 << round.min(6));
    tokio::time::sleep(std::time::Duration::from_millis(rand::random_range(1..=most))).await;
}
