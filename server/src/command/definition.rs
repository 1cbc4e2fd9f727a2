//! `definition`: the workflow that both engines execute.

use std::fmt::Write as _;

use clap::Args;
use infra_asl::{Definition as Parsed, StateKind, StateView, TransitionLabel};
use serde::{Deserialize, Serialize};
use workflow::steps::DEFINITION;

use crate::failure::Failure;
use crate::output::Output;

/// Which form.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// Draw it, as a Mermaid diagram
    #[arg(long)]
    diagram: bool,
}

impl Definition {
    pub(super) async fn run(&self, output: &Output) -> Result<(), Failure> {
        let text = if self.diagram { diagram()? } else { DEFINITION.to_owned() };
        output.raw(text).await;
        Ok(())
    }
}

/// The definition as a Mermaid diagram.
pub(crate) fn diagram() -> Result<String, Failure> {
    let definition =
        Parsed::parse(DEFINITION).map_err(|flaws| Failure::bug(&format!("the definition is flawed: {flaws}")))?;
    let mut text = format!("stateDiagram-v2\n    [*] --> {}\n", definition.start());
    for state in definition.states() {
        draw(&mut text, &state);
    }
    Ok(text)
}

fn draw(text: &mut String, state: &StateView<'_>) {
    let name = state.name();
    if state.kind() == StateKind::Choice {
        line(text, &format!("state {name} <<choice>>"));
    }
    for arrow in state.transitions() {
        let label = match &arrow.label {
            TransitionLabel::Next => String::new(),
            TransitionLabel::Choice(condition) => format!(" : {}", shorten(condition)),
            TransitionLabel::Default => " : otherwise".to_owned(),
            TransitionLabel::Catch(errors) => format!(" : catches {}", errors.join(", ")),
        };
        line(text, &format!("{name} --> {}{label}", arrow.target));
    }
    if state.is_end() {
        line(text, &format!("{name} --> [*]"));
    }
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
        let diagram = diagram().unwrap();
        for step in workflow::steps::ALL {
            assert!(diagram.contains(step), "{step} is not in\n{diagram}");
        }
        for verdict in workflow::domain::verdict::Verdict::ALL {
            assert!(diagram.contains(verdict.as_str()), "{verdict} is not in\n{diagram}");
        }
    }
}
