//! The stand-in for S3, KMS, SES, Step Functions and Cognito: moto's server.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

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
}
