use std::io;

use serde_json::{Value, json};

use super::run::Run;
use crate::definition::{ResultPath, Sieve, State};
use crate::evaluation::Surroundings;
use crate::fault::{Fault, error_name};

/// The most bytes that a payload may take as JSON.
const BYTES_MAX: usize = 262_144;

/// Applies `InputPath` or `OutputPath`.
pub(super) fn sieve(sieve: &Sieve, field: &str, document: &Value, around: &Surroundings<'_>) -> Result<Value, Fault> {
    match sieve {
        Sieve::All => Ok(document.clone()),
        Sieve::Nothing => Ok(json!({})),
        Sieve::At(path) => around.find(path, document).ok_or_else(|| {
            let text = &path.text;
            Fault::runtime(format!("Invalid path '{text}' : {field} could not be found in the input '{document}'"))
        }),
    }
}

/// Puts a result where `ResultPath` says.
pub(super) fn merge(result_path: &ResultPath, input: &Value, result: Value) -> Result<Value, Fault> {
    let ResultPath::At(path) = result_path else { return Ok(input.clone()) };
    if path.segments.is_empty() {
        return Ok(result);
    }
    let mut document = input.clone();
    path.put(&mut document, result).map_err(|_| {
        let text = &path.text;
        let cause = format!("Unable to apply ReferencePath {text} to input {input}");
        Fault::new(error_name::RESULT_PATH_MATCH_FAILURE, cause)
    })?;
    Ok(document)
}

/// Whether a payload is over the quota.
pub(super) fn is_too_large(payload: &Value) -> bool {
    struct Size(usize);
    impl io::Write for Size {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            if self.0 > BYTES_MAX { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    serde_json::to_writer(Size(0), payload).is_err()
}

/// The fault of a payload over the quota; `from` is the state or the task that made it.
pub(super) fn too_large(from: &str) -> Fault {
    let cause = format!(
        "The state/task '{from}' returned a result with a size exceeding the maximum number of bytes service limit."
    );
    Fault::new(error_name::DATA_LIMIT_EXCEEDED, cause)
}

impl Run {
    /// The effective input of the current state.
    pub(super) fn effective(&self, state: &State) -> Result<Value, Fault> {
        sieve(&state.input_path, "InputPath", &self.scope.input, &self.surroundings(state))
    }

    /// The output of the current state, from what `ResultPath` made.
    pub(super) fn output(&self, state: &State, document: &Value) -> Result<Value, Fault> {
        let output = sieve(&state.output_path, "OutputPath", document, &self.surroundings(state))?;
        if is_too_large(&output) { Err(too_large(&state.name)) } else { Ok(output) }
    }
}
