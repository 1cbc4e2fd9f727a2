//! What operators of an AWS installation change beside requests, by its function `administer`.

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
    what: OfPolicies,
}

#[derive(Debug, Subcommand)]
enum OfPolicies {
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

/// List people of an AWS installation, narrow their groups to projects, and shut them out
#[derive(Debug, Args)]
pub(crate) struct Person {
    /// The stack's name
    #[arg(long, global = true, default_value = "lockgate")]
    stack: String,
    #[command(subcommand)]
    what: OfPeople,
}

#[derive(Debug, Subcommand)]
enum OfPeople {
    /// List everybody who ever came in or was entered
    List,
    /// Enter somebody, or say anew to which projects their groups are narrowed; who was shut out is let in again
    Enter {
        /// Their address
        email: String,
        /// Their name, if they are new here
        #[arg(long)]
        name: Option<String>,
        /// A group that counts in these projects only; may be repeated. Whether they are in it, the user pool says
        #[arg(long = "group", value_name = "GROUP@PROJECT,…")]
        groups: Vec<String>,
        #[command(flatten)]
        operator: Operator,
    },
    /// Shut somebody out, whatever the user pool says
    Disable {
        /// Their address
        email: String,
        #[command(flatten)]
        operator: Operator,
    },
}

/// Who does it.
#[derive(Debug, Args)]
struct Operator {
    /// The operator, who is put on record
    #[arg(long = "as", value_name = "EMAIL")]
    by: String,
    #[command(flatten)]
    consent: Consent,
}

impl Policy {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.what {
            OfPolicies::List => call(&self.stack, &json!({ "ask": "list_policies" })),
            OfPolicies::Show { policy, version } => {
                call(&self.stack, &json!({ "ask": "show_policy", "policy": policy, "version": version }))
            }
            OfPolicies::Publish { file, operator } => {
                let order = json!({ "ask": "publish_policy", "document": text_of(file)?, "by": operator.by });
                operator.change(&self.stack, &format!("Publishes {}", file.display()), &order)
            }
            OfPolicies::Assign { policy, project, operator } => {
                let place = project.as_ref().map_or_else(|| "the house".to_owned(), |name| format!("project {name}"));
                let by = &operator.by;
                let order = json!({ "ask": "assign_policy", "policy": policy, "project": project, "by": by });
                operator.change(&self.stack, &format!("Assigns {policy} to {place}"), &order)
            }
        }
    }
}

impl Person {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.what {
            OfPeople::List => call(&self.stack, &json!({ "ask": "list_people" })),
            OfPeople::Enter { email, name, groups, operator } => {
                let by = &operator.by;
                let order = json!({ "ask": "enter_person", "email": email, "name": name, "groups": groups, "by": by });
                let groups = if groups.is_empty() { "no group of a project".to_owned() } else { groups.join(" ") };
                operator.change(&self.stack, &format!("Enters {email}, in {groups},"), &order)
            }
            OfPeople::Disable { email, operator } => {
                let order = json!({ "ask": "disable_person", "email": email, "by": operator.by });
                operator.change(&self.stack, &format!("Shuts {email} out"), &order)
            }
        }
    }
}

impl Operator {
    /// Says what would be done, and does it if that is wanted.
    fn change(&self, stack: &str, what: &str, order: &Value) -> anyhow::Result<()> {
        if self.consent.is_given(&format!("{what} in {stack} as {}.", self.by))? { call(stack, order) } else { Ok(()) }
    }
}

/// Calls the function and prints its text; what it refuses is the error.
fn call(stack: &str, order: &Value) -> anyhow::Result<()> {
    let function = output(stack, "AdministerFunctionName")?;
    let (asked, answer) = (place("order.json"), place("answer.json"));
    std::fs::create_dir_all(place(""))?;
    std::fs::write(&asked, order.to_string())?;
    // Bytes of a file are the one form of a payload that both versions of the command line take.
    let payload = format!("fileb://{}", asked.display());
    let path = answer.to_str().context("the path of this project is no text")?;
    ask(&["lambda", "invoke", "--function-name", &function, "--payload", &payload, path])?;
    let said: Value = serde_json::from_str(&text_of(&answer)?)?;
    if let Some(refused) = said.get("errorMessage").and_then(Value::as_str) {
        bail!("{refused}");
    }
    println!("{}", said.get("text").and_then(Value::as_str).context("the function answered something else")?);
    Ok(())
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
