//! What a document is asked before its fields are: how large it is, and how many names it makes up.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery};
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{ServerError, ServerResult, Variables};

use crate::limits::{ALIASES, FIELDS, TOKENS, count_tokens};

/// Refuses documents that are too large.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard;

impl ExtensionFactory for Guard {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Guard {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        if count_tokens(query) > TOKENS {
            return Err(too_complex("tokens", TOKENS));
        }
        let document = next.run(ctx, query, variables).await?;
        let mut size = Size::default();
        document.operations.iter().for_each(|(_, operation)| size.count(&operation.node.selection_set.node));
        document.fragments.values().for_each(|fragment| size.count(&fragment.node.selection_set.node));
        match size {
            Size { fields, .. } if fields > FIELDS => Err(too_complex("fields", FIELDS)),
            Size { aliases, .. } if aliases > ALIASES => Err(too_complex("aliases", ALIASES)),
            _ => Ok(document),
        }
    }
}

fn too_complex(what: &str, most: usize) -> ServerError {
    ServerError::new(format!("Query is too complex: it has more than {most} {what}."), None)
}

#[derive(Debug, Default)]
struct Size {
    fields: usize,
    aliases: usize,
}

impl Size {
    /// The parser has bounded how deep a document nests.
    fn count(&mut self, set: &SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    self.fields += 1;
                    self.aliases += usize::from(field.node.alias.is_some());
                    self.count(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => self.count(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}
