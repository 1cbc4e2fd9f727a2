//! Runs recorded cases of what Step Functions did, on this crate's own machine.
//!
//! Time is virtual and tasks are answered from each case's recorded calls. What a case expects is thrown away when it
//! is read. Cases that need what the machine does not have are left out of the results.

mod backend;
mod case;
mod creation;
mod execution;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use case::{Case, Kind};

/// Reads one case a line, and writes one result a line for each case that is supported.
///
/// # Errors
/// Those of reading and writing. A case that is not understood is left out; one that crashes has the status `CRASH`.
pub fn run(cases: impl BufRead, mut results: impl Write) -> io::Result<()> {
    for line in cases.lines() {
        let line = line?;
        let Ok(case) = serde_json::from_str::<Case>(&line) else { continue };
        let result = catch_unwind(AssertUnwindSafe(|| judge(&case)));
        let result = result.unwrap_or_else(|_| Some(json!({"status": "CRASH"})));
        if let Some(Value::Object(mut result)) = result {
            result.insert("id".to_owned(), Value::from(case.id.as_str()));
            writeln!(results, "{}", Value::Object(result))?;
        }
    }
    results.flush()
}

fn judge(case: &Case) -> Option<Value> {
    match case.kind {
        Kind::Execution => execution::run(case),
        Kind::Creation => creation::run(case),
        Kind::Validate => creation::validate(case),
        Kind::Other => None,
    }
}
