//! The adapters, put together.

use std::sync::Arc;

use workflow::ports::Ports;

use crate::clients::Clients;
use crate::settings::Settings;
use crate::{
    AccessLog, Clock, EgressStore, Ids, Intake, Keys, Mailer, ObjectStore, Orchestrator, Outbox, People, Policies,
    RequestStore, Sessions, Uploads, Workers,
};

/// A complete set of adapters on an installation. Nothing is asked of the account before a port is called.
pub fn ports(settings: &Settings, clients: &Clients) -> Ports {
    Ports {
        objects: Arc::new(ObjectStore::new(settings, clients)),
        requests: Arc::new(RequestStore::new(settings, clients)),
        egress_stores: Arc::new(EgressStore::new(settings, clients)),
        orchestrator: Arc::new(Orchestrator::new(settings, clients)),
        outbox: Arc::new(Outbox::new(settings, clients)),
        mailer: Arc::new(Mailer::new(settings, clients)),
        people: Arc::new(People::new(settings, clients)),
        policies: Arc::new(Policies::new(settings, clients)),
        intake: Arc::new(Intake::new(settings, clients)),
        uploads: Arc::new(Uploads::new(settings, clients)),
        access_log: Arc::new(AccessLog::new(settings, clients)),
        sealer: Arc::new(Keys::new(settings, clients)),
        sessions: Arc::new(Sessions::new(settings, clients)),
        workers: Arc::new(Workers),
        clock: Arc::new(Clock),
        ids: Arc::new(Ids),
    }
}
