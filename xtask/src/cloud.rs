//! The AWS house by the public AWS command line: what is done is shown before it is done.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::Value;

use crate::call;

/// What is packaged.
const TEMPLATE: &str = "infra/aws/stack/template.yaml";

/// Build the functions and upload them, with the definition and the schemas
#[derive(Debug, Args)]
pub(crate) struct Package {
    /// The bucket for what is deployed
    #[arg(long)]
    bucket: String,
    /// Show what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Deploy what was packaged
#[derive(Debug, Args)]
pub(crate) struct Deploy {
    /// The stack's name
    #[arg(long)]
    stack: String,
    /// The bucket that was packaged into
    #[arg(long)]
    bucket: String,
    /// A file with the parameters, one `Name=value` a line
    #[arg(long)]
    parameters: PathBuf,
    #[command(flatten)]
    consent: Consent,
}

/// Take an installation down; refused while requests are open
#[derive(Debug, Args)]
pub(crate) struct Destroy {
    /// The stack's name
    #[arg(long)]
    stack: String,
    #[command(flatten)]
    consent: Consent,
}

/// End every session, and sign everybody out of the user pool
#[derive(Debug, Args)]
pub(crate) struct RevokeSessions {
    /// The stack's name
    #[arg(long)]
    stack: String,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Show what would be done
    #[arg(long)]
    dry_run: bool,
    /// Do it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
}

impl Consent {
    /// Shows a sentence and asks, unless it was said before; a dry run ends here.
    pub(crate) fn is_given(&self, sentence: &str) -> anyhow::Result<bool> {
        println!("{sentence}");
        if self.dry_run || self.yes {
            return Ok(self.yes);
        }
        print!("Go on? [y/N] ");
        std::io::stdout().flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(answer.trim().eq_ignore_ascii_case("y"))
    }
}

impl Package {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let packaged = place("packaged.yaml");
        println!(
            "Builds lockgate-lambda, uploads it with the definition and the schemas to s3://{}/lockgate,",
            self.bucket
        );
        println!("and writes {}.", packaged.display());
        if self.dry_run {
            return Ok(());
        }
        call::cargo(["build", "--release", "--package", "lambdas", "--bin", "lockgate-lambda"])?;
        let built = call::target().join("release/lockgate-lambda");
        let function = place("function");
        std::fs::create_dir_all(&function)?;
        // What the runtime starts has this name.
        let bootstrap = function.join("bootstrap");
        std::fs::copy(&built, bootstrap).with_context(|| format!("{} cannot be copied", built.display()))?;
        let mut aws = aws(["cloudformation", "package", "--template-file", TEMPLATE]);
        aws.args(["--s3-bucket", &self.bucket, "--s3-prefix", "lockgate", "--output-template-file"]).arg(packaged);
        call::run(&mut aws)
    }
}

impl Deploy {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(&self.parameters)
            .with_context(|| format!("{} cannot be read", self.parameters.display()))?;
        let parameters: Vec<&str> = text.lines().map(str::trim).filter(|line| line.contains('=')).collect();
        let sentence = format!("Deploys {} as the stack {} with:\n  {}", TEMPLATE, self.stack, parameters.join("\n  "));
        if !self.consent.is_given(&sentence)? {
            return Ok(());
        }
        let mut aws =
            aws(["cloudformation", "deploy", "--capabilities", "CAPABILITY_IAM", "--stack-name", &self.stack]);
        aws.args(["--s3-bucket", &self.bucket, "--s3-prefix", "lockgate", "--template-file"])
            .arg(place("packaged.yaml"));
        call::run(aws.arg("--parameter-overrides").args(parameters))?;
        for (name, value) in outputs(&self.stack)? {
            println!("{name} = {value}");
        }
        Ok(())
    }
}

impl Destroy {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let table = output(&self.stack, "RequestsTableName")?;
        let open = keys(&table, "open", ("open", "open"), "egress_request_id")?;
        if !open.is_empty() {
            let shown: Vec<String> = open.iter().take(5).map(|key| first(key).to_owned()).collect();
            bail!(
                "Requests are open ({}), among them {}. Nothing was taken down: let them end, or abort them.",
                open.len(),
                shown.join(", ")
            );
        }
        let sentence = format!(
            "Takes the stack {} down. Its tables, buckets, keys and user pool stay, with everything in them.",
            self.stack
        );
        if !self.consent.is_given(&sentence)? {
            return Ok(());
        }
        call::run(&mut aws(["cloudformation", "delete-stack", "--stack-name", &self.stack]))?;
        call::run(&mut aws(["cloudformation", "wait", "stack-delete-complete", "--stack-name", &self.stack]))
    }
}

impl RevokeSessions {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let table = output(&self.stack, "SessionsTableName")?;
        let pool = output(&self.stack, "UserPoolId")?;
        let sessions = keys(&table, "list", ("list", "sessions"), "id, sort")?;
        let users = ask(&["cognito-idp", "list-users", "--user-pool-id", &pool, "--query", "Users[].Username"])?;
        let users: Vec<&str> = users.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let sentence = format!(
            "Ends all sessions of browsers ({}), and signs everybody ({}) out of {pool}. Tokens that were given out end within 15 minutes.",
            sessions.len(),
            users.len()
        );
        if !self.consent.is_given(&sentence)? {
            return Ok(());
        }
        for key in sessions {
            call::run(aws(["dynamodb", "delete-item", "--table-name", &table, "--key"]).arg(key.to_string()))?;
        }
        for user in users {
            call::run(&mut aws([
                "cognito-idp",
                "admin-user-global-sign-out",
                "--user-pool-id",
                &pool,
                "--username",
                user,
            ]))?;
        }
        Ok(())
    }
}

pub(crate) fn place(name: &str) -> PathBuf {
    call::root().join("target/lambda").join(name)
}

fn aws<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new("aws");
    command.current_dir(call::root()).args(arguments);
    command
}

/// Asks the command line something and reads its answer.
pub(crate) fn ask(arguments: &[&str]) -> anyhow::Result<Value> {
    let output = aws(arguments.iter().copied()).args(["--output", "json"]).output();
    let output = output.context("the AWS command line ('aws') could not be started")?;
    if !output.status.success() {
        bail!("aws {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn outputs(stack: &str) -> anyhow::Result<Vec<(String, String)>> {
    let all = ask(&["cloudformation", "describe-stacks", "--stack-name", stack, "--query", "Stacks[0].Outputs"])?;
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let all = all.as_array().into_iter().flatten();
    Ok(all.map(|one| (text(one, "OutputKey"), text(one, "OutputValue"))).collect())
}

pub(crate) fn output(stack: &str, name: &str) -> anyhow::Result<String> {
    let found = outputs(stack)?.into_iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value).with_context(|| format!("the stack {stack} has no output {name}"))
}

/// The keys of the rows that an index lists under a word.
fn keys(table: &str, index: &str, (attribute, word): (&str, &str), wanted: &str) -> anyhow::Result<Vec<Value>> {
    let names = format!("{{\"#of\":\"{attribute}\"}}");
    let values = format!("{{\":word\":{{\"S\":\"{word}\"}}}}");
    let rows = ask(&[
        "dynamodb",
        "query",
        "--table-name",
        table,
        "--index-name",
        index,
        "--key-condition-expression",
        "#of = :word",
        "--expression-attribute-names",
        &names,
        "--expression-attribute-values",
        &values,
        "--projection-expression",
        wanted,
        "--query",
        "Items",
    ])?;
    Ok(rows.as_array().cloned().unwrap_or_default())
}

fn first(key: &Value) -> &str {
    let of_first = key.as_object().and_then(|key| key.values().next());
    of_first.and_then(|value| value.get("S")).and_then(Value::as_str).unwrap_or("one without a name")
}
