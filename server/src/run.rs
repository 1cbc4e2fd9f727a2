//! From what was typed to an exit code.

use std::ffi::OsString;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use tokio::sync::mpsc;

use crate::access;
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::{Frame, Output};

/// Runs the command line, and answers the exit code of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    let as_json = typed.iter().any(|argument| argument == "--json");
    std::panic::set_hook(Box::new(move |panic| report(panic, as_json)));
    let code = match Arguments::try_parse_from(typed) {
        Ok(arguments) => std::panic::catch_unwind(AssertUnwindSafe(|| start(arguments))).unwrap_or(70),
        Err(error) => explain(&error, as_json),
    };
    ExitCode::from(code)
}

/// Says that something happened that must not.
fn report(panic: &PanicHookInfo<'_>, as_json: bool) {
    let place =
        panic.location().map_or_else(String::new, |place| format!(" ({}, line {})", place.file(), place.line()));
    let what = panic.payload_as_str().unwrap_or("it did not say what happened");
    let failure = Failure::bug(&format!("{what}{place}"));
    write(&Frame::Err(format!("{}\n", failure.written(as_json))));
}

/// Says what is wrong with what was typed, or what could be.
fn explain(error: &clap::Error, as_json: bool) -> u8 {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if as_json && !is_help {
        let text = error.render().to_string();
        let whole = text.trim().trim_start_matches("error: ");
        let sentence = whole.split("\n\n").next().unwrap_or(whole);
        write(&Frame::Err(format!("{}\n", Failure::usage(sentence).written(true))));
    } else {
        // Nobody is left to be told if even this cannot be written.
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

fn start(arguments: Arguments) -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            write(&Frame::Err(format!("The process cannot start its threads: {error}.\n")));
            return 5;
        }
    };
    runtime.block_on(async {
        let (output, frames) = Output::new(arguments.json);
        let ((), code) = tokio::join!(execute(arguments, output), print(frames));
        code
    })
}

async fn execute(arguments: Arguments, output: Output) {
    let as_json = arguments.json;
    match arguments.into_parts() {
        Ok((dir, command)) => access::execute(&dir, command, as_json, &output).await,
        Err(error) => {
            output.end(Err(Failure::unreachable(format!("The current folder cannot be read: {error}.")))).await;
        }
    }
}

/// Prints frames as they come, and answers the exit code; a command that ended without one is at fault.
async fn print(mut frames: mpsc::Receiver<Frame>) -> u8 {
    let mut code = 70;
    while let Some(frame) = frames.recv().await {
        match frame {
            Frame::Exit(exit) => code = exit,
            text => write(&text),
        }
    }
    code
}

/// Writes to the terminal. A reader that has gone, like `head`, is no error.
fn write(frame: &Frame) {
    let _ = match frame {
        Frame::Out(text) => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        }
        Frame::Err(text) => std::io::stderr().lock().write_all(text.as_bytes()),
        Frame::Exit(_) => Ok(()),
    };
}
