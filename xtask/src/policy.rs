//! Policies of an AWS installation: read, published and assigned by its function `administer`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cloud::{Consent, ask, output, place};

/// Read, publish and assign the policies of an AWS installation
#[derive(Debug, Args)]
pub(crate) struct Policy {
    /// The stack's name
    #[arg(long, global = true, default_value = "lockgate")]
    stack: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the newest version of each policy, and where it applies
    List,
    /// Print a policy as its document
    Show {
        /// Which
        policy: String,
        /// Which version [default: the newest]
        #[arg(long)]
        version: Option<u32>,
    },
    /// Publish a version from a file
    Publish {
        /// The document
        file: PathBuf,
        #[command(flatten)]
        operator: Operator,
    },
    /// Say which policy applies to a project, or to every project that has none of its own
    Assign {
        /// Which
        policy: String,
        /// To which project
        #[arg(long)]
        project: Option<String>,
        #[command(flatten)]
        operator: Operator,
    },
}

/// Who does it.
#[derive(Debug, Args)]
struct Operator {
    /// The operator, who is put on record
    #[arg(long = "as", value_name = "EMAIL")]
    email: String,
    #[command(flatten)]
    consent: Consent,
}

impl Policy {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let (order, consent, sentence) = match &self.what {
            What::List => (json!({ "ask": "list_policies" }), None, String::new()),
            What::Show { policy, version } => {
                (json!({ "ask": "show_policy", "policy": policy, "version": version }), None, String::new())
            }
            What::Publish { file, operator } => {
                let sentence = format!("Publishes {} in {} as {}.", file.display(), self.stack, operator.email);
                let order = json!({ "ask": "publish_policy", "document": read(file)?, "by": operator.email });
                (order, Some(&operator.consent), sentence)
            }
            What::Assign { policy, project, operator } => {
                let place = project.as_ref().map_or_else(|| "the house".to_owned(), |name| format!("project {name}"));
                let sentence = format!("Assigns {policy} to {place} in {} as {}.", self.stack, operator.email);
                let by = &operator.email;
                let order = json!({ "ask": "assign_policy", "policy": policy, "project": project, "by": by });
                (order, Some(&operator.consent), sentence)
            }
        };
        if consent.is_some_and(|consent| !matches!(consent.is_given(&sentence), Ok(true))) {
            return Ok(());
        }
        println!("{}", self.call(&order)?);
        Ok(())
    }

    /// Calls the function and gives its text; what it refuses is the error.
    fn call(&self, order: &Value) -> anyhow::Result<String> {
        let function = output(&self.stack, "AdministerFunctionName")?;
        let (asked, answer) = (place("order.json"), place("answer.json"));
        std::fs::create_dir_all(place(""))?;
        std::fs::write(&asked, order.to_string())?;
        // Bytes of a file are the one form of a payload that both versions of the command line take.
        let payload = format!("fileb://{}", asked.display());
        let path = answer.to_str().context("the path of this project is no text")?;
        ask(&["lambda", "invoke", "--function-name", &function, "--payload", &payload, path])?;
        let said: Value = serde_json::from_str(&read(&answer)?)?;
        if let Some(refused) = said.get("errorMessage").and_then(Value::as_str) {
            bail!("{refused}");
        }
        said.get("text").and_then(Value::as_str).map(str::to_owned).context("the function answered something else")
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
