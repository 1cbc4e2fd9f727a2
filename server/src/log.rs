//! The log of a server: one line of JSON for each thing that an operator may want to know, on the error stream.

use tracing_subscriber::EnvFilter;

/// Says how much is logged.
const VARIABLE: &str = "LOCKGATE_LOG";

/// Begins to log where somebody asked for it: a short command says nothing but its answer.
pub(crate) fn begin_if_asked() {
    if std::env::var_os(VARIABLE).is_some() {
        begin();
    }
}

/// Begins to log. The variable `LOCKGATE_LOG` says how much, as in `info` or `workflow=debug`.
pub(crate) fn begin() {
    begin_with("info");
}

/// Begins to log what is wrong and nothing else, unless the variable says otherwise: for where people read along.
pub(crate) fn begin_quietly() {
    begin_with("warn");
}

fn begin_with(usual: &str) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(usual));
    let subscriber =
        tracing_subscriber::fmt().json().with_span_list(false).with_env_filter(filter).with_writer(std::io::stderr);
    // A second server in one process, as in a test, goes on with the log of the first.
    let _ = subscriber.try_init();
}
