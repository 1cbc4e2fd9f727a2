//! What a command says. It goes through a channel, because the reader may be another process.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::failure::Failure;

/// How many pieces may wait for a slow reader.
const WAITING: usize = 64;

/// A piece of what a command says, and its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Frame {
    /// For standard output.
    Out(String),
    /// For the error stream.
    Err(String),
    /// The exit code: nothing comes after it.
    Exit(u8),
}

/// Where a command writes.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    as_json: bool,
    frames: mpsc::Sender<Frame>,
}

impl Output {
    /// An output, and where its frames arrive.
    pub(crate) fn new(as_json: bool) -> (Self, mpsc::Receiver<Frame>) {
        let (frames, receiver) = mpsc::channel(WAITING);
        (Self { as_json, frames }, receiver)
    }

    /// Writes the command's answer: as one JSON document, or as text for people.
    pub(crate) async fn answer<T: Serialize>(&self, document: &T, text: impl FnOnce() -> String) {
        let text = if self.as_json { pretty(document) } else { text() };
        self.out(text).await;
    }

    /// Writes a line that people see on the way; with JSON the answer at the end has it all.
    pub(crate) async fn line(&self, line: impl Into<String>) {
        if !self.as_json {
            self.send(Frame::Out(line.into() + "\n")).await;
        }
    }

    /// Writes a line whatever the form: for commands whose output is a document of its own.
    pub(crate) async fn raw(&self, text: impl Into<String>) {
        self.out(text.into()).await;
    }

    /// Writes how the command ended: nothing comes after it.
    pub(crate) async fn end(&self, done: Result<(), Failure>) {
        let code = match done {
            Ok(()) => 0,
            Err(failure) => {
                self.send(Frame::Err(ended(failure.written(self.as_json)))).await;
                failure.exit_code()
            }
        };
        self.send(Frame::Exit(code)).await;
    }

    /// Passes on what another process wrote.
    pub(crate) async fn forward(&self, frame: Frame) {
        self.send(frame).await;
    }

    async fn out(&self, text: String) {
        self.send(Frame::Out(ended(text))).await;
    }

    /// A reader that has gone does not stop the work.
    async fn send(&self, frame: Frame) {
        let _ = self.frames.send(frame).await;
    }
}

fn ended(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn pretty<T: Serialize>(document: &T) -> String {
    serde_json::to_string_pretty(document).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
}
