//! `definition`: the workflow that both engines execute.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use clap::Args;
use infra_asl::{Definition as Parsed, StateKind, StateView, TransitionLabel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use workflow::steps::DEFINITION;

use crate::failure::Failure;
use crate::output::Output;

/// Which form.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// Draw it, as a Mermaid diagram
    #[arg(long)]
    diagram: bool,
    /// Draw where failures lead, too
    #[arg(long, requires = "diagram")]
    failures: bool,
}

impl Definition {
    pub(super) async fn run(&self, output: &Output) -> Result<(), Failure> {
        if self.diagram {
            let diagram = diagram(self.failures)?;
            output.answer(&json!({ "diagram": diagram }), || diagram.clone()).await;
        } else {
            output.raw(DEFINITION).await;
        }
        Ok(())
    }
}

/// The definition as a Mermaid diagram, in the order in which states are come to. Without failures only what is meant to
/// happen is drawn.
fn diagram(failures: bool) -> Result<String, Failure> {
    let definition =
        Parsed::parse(DEFINITION).map_err(|flaws| Failure::bug(&format!("the definition is flawed: {flaws}")))?;
    let states: BTreeMap<&str, StateView<'_>> = definition.states().map(|state| (state.name(), state)).collect();
    let mut text = format!("stateDiagram-v2\n    [*] --> {}\n", definition.start());
    let (mut seen, mut next) = (BTreeSet::from([definition.start()]), VecDeque::from([definition.start()]));
    while let Some(state) = next.pop_front().and_then(|name| states.get(name)) {
        for target in draw(&mut text, state, failures) {
            if seen.insert(target) {
                next.push_back(target);
            }
        }
    }
    Ok(text)
}

/// Draws a state with its arrows, and answers where they lead.
fn draw<'a>(text: &mut String, state: &StateView<'a>, failures: bool) -> Vec<&'a str> {
    let name = state.name();
    if state.kind() == StateKind::Choice {
        line(text, &format!("state {name} <<choice>>"));
    }
    let mut targets = Vec::new();
    for arrow in state.transitions() {
        let label = match &arrow.label {
            TransitionLabel::Default | TransitionLabel::Catch(_) if !failures => continue,
            TransitionLabel::Next => String::new(),
            TransitionLabel::Choice(condition) => format!(" : {}", shorten(condition)),
            TransitionLabel::Default => " : otherwise".to_owned(),
            TransitionLabel::Catch(errors) => format!(" : catches {}", errors.join(", ")),
        };
        line(text, &format!("{name} --> {}{label}", arrow.target));
        targets.push(arrow.target);
    }
    if state.is_end() {
        line(text, &format!("{name} --> [*]"));
    }
    targets
}

/// A condition as people say it: the word that is compared, where there is one.
fn shorten(condition: &str) -> String {
    condition.split('"').nth(1).map_or_else(|| condition.replace(':', ""), str::to_owned)
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "    {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diagram_names_every_step_and_every_verdict() {
        let diagram = diagram(true).unwrap();
        for step in workflow::steps::ALL {
            assert!(diagram.contains(step), "{step} is not in\n{diagram}");
        }
        for verdict in workflow::domain::verdict::Verdict::ALL {
            assert!(diagram.contains(verdict.as_str()), "{verdict} is not in\n{diagram}");
        }
    }
}
