//! How a house is opened, where it is not as everybody opens it.

use std::fmt;
use std::sync::Arc;

use workflow::ports::{Clock, Ids, Ports};

use crate::disk::Watcher;
use crate::engine::Steps;

/// Puts something around every port.
pub type PortsDecorator = Arc<dyn Fn(Ports) -> Ports + Send + Sync>;
/// Puts something around the steps.
pub type StepsDecorator = Arc<dyn Fn(Arc<dyn Steps>) -> Arc<dyn Steps> + Send + Sync>;

/// How a house is opened. The default is the product: the system's clock and randomness, the process's environment,
/// nothing around ports and steps, and chores that are done by themselves.
#[derive(Clone)]
pub struct Options {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn Ids>,
    /// Variables that override the configuration.
    pub environment: Vec<(String, String)>,
    /// Around every port.
    pub around_ports: Option<PortsDecorator>,
    /// Around the steps.
    pub around_steps: Option<StepsDecorator>,
    /// Looks at every change of files.
    pub watcher: Option<Arc<Watcher>>,
    /// Whether chores are done by themselves.
    pub does_chores: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(crate::Clock),
            ids: Arc::new(crate::Ids),
            // What is not UTF-8 is no setting of ours.
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            around_ports: None,
            around_steps: None,
            watcher: None,
            does_chores: true,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("does_chores", &self.does_chores).finish_non_exhaustive()
    }
}

impl Options {
    pub(super) fn decorate_ports(&self, ports: Ports) -> Ports {
        match &self.around_ports {
            Some(around) => around(ports),
            None => ports,
        }
    }

    pub(super) fn decorate_steps(&self, steps: Arc<dyn Steps>) -> Arc<dyn Steps> {
        match &self.around_steps {
            Some(around) => around(steps),
            None => steps,
        }
    }
}
