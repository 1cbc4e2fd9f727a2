//! The contract of every port, written once and run on every adapter.
//!
//! A suite is a module: each `pub async fn` in it is a case, and takes a fresh subject. The suite's macro, called in a
//! test binary with the path of a function that makes a subject, turns every case into a test of its own.

pub mod access_log;
pub mod egress_store;
pub mod intake;
pub mod mailer;
pub mod object_store;
pub mod orchestrator;
pub mod outbox;
pub mod people;
pub mod policies;
pub mod request_store;
pub mod sealer;
pub mod sessions;

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use workflow::ports::{Outbox, RequestStore};

/// The request store, and the outbox that it fills.
pub struct Records {
    /// The requests.
    pub requests: Arc<dyn RequestStore>,
    /// Their messages.
    pub outbox: Arc<dyn Outbox>,
}

/// What a suite is run on, together with what has to live as long: a folder, a server.
pub struct Subject<T: ?Sized> {
    port: Arc<T>,
    _kept: Box<dyn Any + Send + Sync>,
}

impl<T: ?Sized> Subject<T> {
    /// A port, and what it needs.
    pub fn new(port: Arc<T>, kept: impl Any + Send + Sync) -> Self {
        Self { port, _kept: Box::new(kept) }
    }
}

impl<T: ?Sized> Deref for Subject<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.port
    }
}

impl<T: ?Sized> fmt::Debug for Subject<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject")
    }
}

/// Makes every named case of a suite a test of its own.
#[macro_export]
macro_rules! contract {
    ($suite:ident, $make:path, [$($case:ident),+ $(,)?]) => {
        mod $suite {
            #[test]
            fn every_case_of_the_suite_is_run() {
                let written: Vec<_> = $crate::contract::$suite::SOURCE
                    .lines()
                    .filter_map(|line| line.strip_prefix("pub async fn ").and_then(|rest| rest.split_once('(')))
                    .map(|(name, _)| name)
                    .collect();
                assert_eq!(written, [$(stringify!($case)),+]);
            }

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let subject = $make().await;
                    $crate::contract::$suite::$case(&*subject).await;
                }
            )+
        }
    };
}
