//! The definition as this engine runs it: functions are steps, called by name.

use std::sync::Arc;

use infra_asl::{Definition, Flaws};

/// What follows the name of a step where the definition names a function.
const PLACEHOLDER_END: &str = "FunctionArn}";

/// Why a definition cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum BadDefinition {
    /// Something in it is wrong, or not supported.
    #[error("the definition cannot be run: {0}")]
    Flawed(#[from] Flaws),
    /// It holds a placeholder that stands for no function.
    #[error("the definition holds the placeholder {0}, which stands for no function")]
    Placeholder(String),
}

/// Puts the names of steps in the place of `${…FunctionArn}`.
pub(super) fn bind(text: &str) -> Result<String, BadDefinition> {
    let mut pieces = text.split("${");
    let mut bound = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let placeholder = || piece.split('}').next().unwrap_or_default();
        let (step, rest) = piece
            .split_once(PLACEHOLDER_END)
            .filter(|(step, _)| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .ok_or_else(|| BadDefinition::Placeholder(format!("${{{}}}", placeholder())))?;
        bound.push_str(step);
        bound.push_str(rest);
    }
    Ok(bound)
}

pub(super) fn parse(bound: &str) -> Result<Arc<Definition>, BadDefinition> {
    Ok(Arc::new(Definition::parse(bound)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_become_steps_and_other_placeholders_are_refused() {
        let bound = bind(r#"{"a": "${AdmitFunctionArn}", "b": "${TellFunctionArn}"}"#).unwrap();
        assert_eq!(bound, r#"{"a": "Admit", "b": "Tell"}"#);
        let refusal = bind(r#"{"a": "${Region}"}"#).unwrap_err().to_string();
        assert!(refusal.contains("${Region}"), "{refusal}");
    }
}
