//! What functions ask of the account, in the words of its rules: an action, a resource, and what conditions look at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Cloud, text};
use crate::installation::{ACCOUNT, REGION};
use crate::proxy::Request;

mod object;

/// One thing that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Called {
    /// `dynamodb:GetItem`
    pub action: String,
    /// By its ARN.
    pub resource: String,
    /// What conditions look at: the key, and its values in this call.
    pub context: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Called {
    /// An action on a resource, without anything that a condition looks at.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: BTreeMap::new() }
    }

    /// The same with what a condition looks at.
    #[must_use]
    pub fn with(mut self, key: &'static str, values: impl IntoIterator<Item = String>) -> Self {
        self.context.insert(key, values.into_iter().collect());
        self
    }
}

impl Cloud {
    /// All that a function asked for until now, and what the services ask for in its name.
    pub fn called(&self, function: &str) -> BTreeSet<Called> {
        let requests = self.proxies[function].iter().flat_map(crate::Proxy::requests);
        requests.flat_map(|request| self.of(&request)).collect()
    }

    /// The functions whose calls are noted.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.proxies.keys().copied()
    }

    /// What the template lets a function do: its role's statements, with names in place of references.
    pub fn may(&self, function: &str) -> &[Value] {
        self.made["functions"][format!("{function}Function")]["may"].as_array().expect("statements")
    }

    /// What a resource of the template came to be called: its ARN.
    pub fn arn(&self, resource: &str) -> &str {
        text(&self.made["arns"][resource])
    }

    fn of(&self, request: &Request) -> Vec<Called> {
        match request.service() {
            "dynamodb" => rows(request),
            "s3" => object::of(request, &self.made["encrypted"]),
            "kms" => vec![key(request)],
            "states" => vec![self.run(request)],
            "ses" => mail(request),
            "cognito-idp" => {
                let pool = text(&body(request)["UserPoolId"]).to_owned();
                let arn = format!("arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}");
                vec![Called::new(format!("cognito-idp:{}", request.call()), arn)]
            }
            other => panic!("no rule is known for calls of '{other}'"),
        }
    }

    fn run(&self, request: &Request) -> Called {
        let body = body(request);
        let resource = match request.call().as_str() {
            "DescribeExecution" => text(&body["executionArn"]).to_owned(),
            // Tokens are of the machine's executions.
            _ => self.arn("Machine").to_owned(),
        };
        Called::new(format!("states:{}", request.call()), resource)
    }
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).expect("a call in JSON")
}

fn table(name: &Value) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}", text(name))
}

/// A call of `DynamoDB`; a transaction is as many as it has parts.
fn rows(request: &Request) -> Vec<Called> {
    let (call, body) = (request.call(), body(request));
    if let Some(tables) = body["RequestItems"].as_object() {
        return tables
            .keys()
            .map(|name| Called::new(format!("dynamodb:{call}"), table(&name.as_str().into())))
            .collect();
    }
    if let Some(parts) = body["TransactItems"].as_array() {
        let parts = parts.iter().flat_map(|part| part.as_object().into_iter().flatten());
        let named =
            |kind: &str| if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
        return parts.map(|(kind, part)| row(&named(kind), part)).collect();
    }
    vec![row(&call, &body)]
}

fn row(call: &str, body: &Value) -> Called {
    let index = body["IndexName"].as_str().map_or_else(String::new, |index| format!("/index/{index}"));
    let names = |of: &str| body[of].as_object().into_iter().flatten();
    let attributes = names("Key").chain(names("Item")).map(|(name, _)| name.clone());
    let named = names("ExpressionAttributeNames").filter_map(|(_, name)| name.as_str().map(str::to_owned));
    let called = Called::new(format!("dynamodb:{call}"), table(&body["TableName"]) + &index);
    if call == "UpdateItem" { called.with("dynamodb:Attributes", attributes.chain(named)) } else { called }
}

fn key(request: &Request) -> Called {
    let body = body(request);
    let keys = body["EncryptionContext"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    Called::new(format!("kms:{}", request.call()), text(&body["KeyId"])).with("kms:EncryptionContextKeys", keys)
}

fn mail(request: &Request) -> Vec<Called> {
    let form = String::from_utf8_lossy(&request.body);
    let url = reqwest::Url::parse(&format!("http://form/?{form}")).expect("a form");
    let value = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let action = format!("ses:{}", value("Action").expect("an action"));
    let source = value("Source").expect("a sender");
    let resources = [format!("identity/{source}")].into_iter();
    let resources = resources.chain(value("ConfigurationSetName").map(|name| format!("configuration-set/{name}")));
    resources
        .map(|resource| Called::new(&action, format!("arn:aws:ses:{REGION}:{ACCOUNT}:{resource}")))
        .map(|called| called.with("ses:FromAddress", [source.clone()]))
        .collect()
}
