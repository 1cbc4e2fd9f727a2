//! What is played: a definition, an input, and what comes of each call of a function.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

/// One execution.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The definition; without one, that of the product.
    definition: Option<Value>,
    #[serde(default)]
    pub(crate) input: Value,
    /// By function, what comes of its calls, in order.
    #[serde(default)]
    script: BTreeMap<String, Vec<Reply>>,
    /// The states that ours goes through.
    pub(crate) visits: Vec<String>,
    /// How it ends.
    pub(crate) ends: String,
    /// Branches run side by side: in which order is chance.
    #[serde(default)]
    pub(crate) unordered: bool,
    /// Where and why the other executor does otherwise.
    pub(crate) differs: Option<Difference>,
}

/// What the other executor is known to do otherwise than Step Functions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    /// Names of what is left out of the comparison, wherever they are.
    pub(crate) r#in: Vec<String>,
    /// The reason.
    pub(crate) why: String,
}

/// What comes of a call.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// The function answers.
    Answer(Value),
    /// The function fails: `errorType` and `errorMessage`.
    Error(String, String),
    /// The function answers, and somebody completes its token with this.
    Token(Value),
    /// The function answers, and somebody fails its token.
    TokenError(String, String),
    /// Nothing is heard: of the function, or of its token.
    Silence,
}

impl Case {
    /// The definition, with every function under its name.
    pub(crate) fn definition(&self) -> String {
        let text = self.text();
        let mut pieces = text.split("${");
        let mut bound = pieces.next().unwrap().to_owned();
        for (placeholder, rest) in pieces.map(|piece| piece.split_once('}').unwrap()) {
            bound.push_str(&self.function(placeholder));
            bound.push_str(rest);
        }
        bound
    }

    /// Every function of the definition.
    pub(crate) fn functions(&self) -> BTreeSet<String> {
        let text = self.text();
        text.split("${").skip(1).map(|piece| self.function(piece.split('}').next().unwrap())).collect()
    }

    fn text(&self) -> String {
        self.definition.as_ref().map_or_else(|| workflow::steps::DEFINITION.to_owned(), Value::to_string)
    }

    /// What a function is called on both sides: each case has its own.
    fn function(&self, placeholder: &str) -> String {
        format!("{}-{}", self.name.replace(' ', "-"), placeholder.trim_end_matches("FunctionArn"))
    }

    /// What comes of the calls of every function, in order.
    pub(crate) fn scripts(&self) -> Scripts {
        let functions = self.functions().into_iter().map(|function| (function, Vec::new()));
        let replies = self.script.iter().map(|(name, replies)| (self.function(name), replies.clone()));
        functions.chain(replies).collect()
    }
}

/// By function, what comes of its calls.
pub(crate) type Scripts = BTreeMap<String, Vec<Reply>>;

/// What comes of the how manieth call of a function.
pub(crate) fn reply(scripts: &Scripts, function: &str, calls: usize) -> Reply {
    let reply = scripts.get(function).and_then(|replies| replies.get(calls));
    reply.cloned().unwrap_or_else(|| Reply::Error("Test.NotScripted".to_owned(), format!("call {calls} of {function}")))
}
