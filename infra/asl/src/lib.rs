//! Amazon States Language: a definition is parsed and checked once, and each execution of it is a pure machine.
//!
//! Events go in, effects come out. The machine performs nothing, knows no clock and draws no random number: instants
//! come with the events, and chance comes from the seed that an execution is started with. So a journal of events
//! replays to the same machine, and [`Machine::outstanding`] says what was asked for and is not answered.
//!
//! The query language is `JSONPath`. What this machine does not have is refused when a definition is loaded, with the
//! JSON pointer of the field.

mod condition;
pub mod conformance;
mod definition;
mod evaluation;
mod fault;
mod flaw;
mod instant;
mod intrinsic;
mod machine;
mod path;
mod seed;
mod template;

pub use definition::{
    ChoiceView, Definition, Pattern, Resource, Services, StateKind, StateView, SyncVersion, Transition, TransitionLabel,
};
pub use fault::error_name;
pub use flaw::{Flaw, FlawKind, Flaws};
pub use machine::{
    Effect, Event, HistoryEvent, Identity, IllegalEvent, Invocation, Machine, Outcome, Phase, Started, TaskId,
    TaskToken, TimerId,
};
pub use seed::Seed;
