use jiff::Timestamp;

use super::{Effect, HistoryEvent};
use crate::definition::Definition;

/// What lasts as long as one event is applied.
pub(super) struct Turn<'a> {
    pub(super) definition: &'a Definition,
    pub(super) at: Timestamp,
    pub(super) effects: Vec<Effect>,
    pub(super) record: Option<&'a mut Vec<HistoryEvent>>,
}
