use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Fields, Services, State, below};
use crate::flaw::{Flaw, FlawKind};

/// States and where they begin: what a definition holds, and later each branch of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Workflow {
    pub(crate) start: usize,
    pub(crate) states: Vec<State>,
}

/// The places of the states, by name.
pub(crate) type Names<'a> = BTreeMap<&'a str, usize>;

/// All workflows that were read so far, and what their tasks may ask for.
pub(super) struct Library {
    pub(super) services: Services,
    pub(super) workflows: Vec<Workflow>,
}

impl Workflow {
    pub(crate) fn state(&self, place: usize) -> Option<&State> {
        self.states.get(place)
    }

    /// Reads `StartAt` and `States`.
    pub(super) fn read(fields: &mut Fields<'_, '_>, library: &mut Library) -> Option<Self> {
        let missing: Vec<_> = ["States", "StartAt"].into_iter().filter(|field| !fields.has(field)).collect();
        if !missing.is_empty() {
            fields.flaw(FlawKind::Schema, "", format!("These fields are required: [{}]", missing.join(", ")));
        }
        let start = fields.text("StartAt");
        let states = fields.value("States")?;
        let pointer = fields.pointer("States");
        let Some(object) = states.as_object().filter(|object| !object.is_empty()) else {
            fields.flaw(FlawKind::Schema, "States", "Expected an object with at least one state");
            return None;
        };
        let names: Names<'_> = object.keys().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let states = read_states(object, &pointer, &names, (library, fields.flaws));
        let start = start?;
        let Some(start) = names.get(start).copied() else {
            fields.flaw(FlawKind::Transition, "StartAt", format!("Missing 'StartAt' target: {start}"));
            return None;
        };
        let workflow = Self { start, states: states? };
        workflow.refuse_unreachable(&pointer, fields.flaws);
        Some(workflow)
    }

    fn refuse_unreachable(&self, pointer: &str, flaws: &mut Vec<Flaw>) {
        let mut reached = BTreeSet::from([self.start]);
        let mut open = vec![self.start];
        while let Some(state) = open.pop().and_then(|place| self.state(place)) {
            open.extend(state.targets().into_iter().filter(|target| reached.insert(*target)));
        }
        for (place, state) in self.states.iter().enumerate() {
            if !reached.contains(&place) {
                let message = format!("State \"{}\" is not reachable.", state.name);
                flaws.push(Flaw::new(FlawKind::Transition, below(pointer, &state.name), message));
            }
        }
    }
}

/// Nothing if any state is flawed; all of them are read first, so that all flaws are told.
fn read_states(
    object: &serde_json::Map<String, Value>,
    pointer: &str,
    names: &Names<'_>,
    (library, flaws): (&mut Library, &mut Vec<Flaw>),
) -> Option<Vec<State>> {
    let mut states = Vec::with_capacity(object.len());
    for (name, value) in object {
        let pointer = below(pointer, name);
        if name.chars().count() > 80 {
            flaws.push(Flaw::new(FlawKind::Schema, &pointer, "a state's name must not have more than 80 characters"));
        }
        if let Some(fields) = Fields::open(value, pointer, flaws) {
            states.extend(State::read(name, fields, names, library));
        }
    }
    (states.len() == object.len()).then_some(states)
}
