//! The stand-in for S3, KMS, SES, Step Functions and Cognito: moto's server.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::installation::{ACCOUNT, REGION};
use crate::program::{Program, tool};

/// A stand-in on a port of its own.
pub struct Moto {
    /// Its address.
    pub url: String,
    _program: Program,
}

impl Moto {
    /// Starts one with nothing in it, and waits until it listens.
    pub fn start() -> Self {
        Self::with_functions("")
    }

    /// The same, whose functions are played by the service at an address.
    pub fn with_functions(lambda: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/stand/services.py");
        let mut command = Command::new(tool("venv/bin/python"));
        // It signs calls to itself with these.
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        if !lambda.is_empty() {
            command.env("LAMBDA_URL", lambda);
        }
        let mut program = Program::start(command.arg(script).stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut port = String::new();
        let output = program.output().expect("its output was asked for");
        BufReader::new(output).read_line(&mut port).expect("it says its port");
        let port: u16 = port.trim().parse().expect("moto does not start");
        Self { url: format!("http://127.0.0.1:{port}"), _program: program }
    }

    /// Makes a role that anybody may take, and gives its ARN.
    pub async fn make_role(&self) -> String {
        let form = "Action=CreateRole&Version=2010-05-08&RoleName=played&AssumeRolePolicyDocument=%7B%7D";
        let call = self.post("iam", "/").header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer = call.send().await.expect("an answer");
        assert!(answer.status().is_success(), "no role: {}", answer.status());
        format!("arn:aws:iam::{ACCOUNT}:role/played")
    }

    /// Makes a function that somebody else plays: the house has no client for that.
    pub async fn make_function(&self, name: &str, role: &str) {
        const EMPTY_ZIP: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
        let function = json!({
            "FunctionName": name, "Role": role, "Runtime": "provided.al2023", "Handler": "played",
            "Code": { "ZipFile": EMPTY_ZIP },
        });
        let call = self.post("lambda", "/2015-03-31/functions").body(function.to_string());
        let answer = call.send().await.expect("an answer");
        assert!(answer.status().is_success(), "no {name}: {:?}", answer.text().await);
    }

    /// Makes a queue and gives its address. The house has no client for queues: the workflow alone speaks to this one.
    pub async fn make_queue(&self, name: &str) -> String {
        let call = self.post("sqs", "/").header("x-amz-target", "AmazonSQS.CreateQueue");
        let call = call.header("content-type", "application/x-amz-json-1.0");
        let answer = call.body(json!({ "QueueName": name }).to_string()).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("an answer in JSON");
        answer["QueueUrl"].as_str().unwrap_or_else(|| panic!("no queue: {answer}")).to_owned()
    }

    /// A call of a service, as the stand-in tells them apart.
    fn post(&self, service: &str, path: &str) -> reqwest::RequestBuilder {
        let scope = format!("Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=, Signature=");
        let call = tests::client::client().post(format!("{}{path}", self.url));
        call.header("authorization", format!("AWS4-HMAC-SHA256 {scope}"))
    }
}
