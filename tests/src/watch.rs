//! A watch on every port: it is asked before an effect and after it, one effect at a time.
//!
//! A watch may look (and copy the house as it is at that instant), or fail the call before or after its effect. Ports
//! without effects that a crash could divide (people, policies, quarantine, logs) are left as they are.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::Mutex;
use workflow::domain::audit::Event;
use workflow::domain::change::{Alias, Change};
use workflow::domain::email::Email;
use workflow::domain::id::{ExecutionName, RequestId, RoundNumber};
use workflow::domain::outbox::MessageId;
use workflow::domain::outward::UpstreamStatus;
use workflow::domain::request::Request;
use workflow::domain::slip::Slip;
use workflow::domain::text::StoreId;
use workflow::ports::mailer::Mail;
use workflow::ports::object_store::{Area, Measured, ObjectVersion, Part, Place};
use workflow::ports::orchestrator::Execution;
use workflow::ports::outbox::{Delivery, Drawer, Leased, Posting};
use workflow::ports::request_store::{Commit, Page, Query};
use workflow::ports::sealer::{Signature, TokenContext};
use workflow::ports::{
    EgressStore, Mailer, ObjectStore, Orchestrator, Outbox, PortResult, Ports, RequestStore, Sealer,
};

/// Looks at every call of a port.
pub trait Watch: Send + Sync {
    /// Before the effect; an error is answered instead of it.
    fn before(&self, call: &'static str) -> PortResult<()>;
    /// After the effect; an error is answered although it happened.
    fn after(&self, call: &'static str) -> PortResult<()>;
}

struct Watched<P: ?Sized> {
    port: Arc<P>,
    watch: Arc<dyn Watch>,
    one_at_a_time: Arc<Mutex<()>>,
}

impl<P: ?Sized> Watched<P> {
    async fn around<T>(&self, call: &'static str, effect: impl Future<Output = PortResult<T>>) -> PortResult<T> {
        let _turn = self.one_at_a_time.lock().await;
        self.watch.before(call)?;
        let result = effect.await;
        self.watch.after(call)?;
        result
    }
}

/// Puts a watch around every port.
pub fn around(ports: Ports, watch: &Arc<dyn Watch>) -> Ports {
    let turn = Arc::new(Mutex::new(()));
    macro_rules! watched {
        ($port:expr) => {
            Arc::new(Watched { port: $port, watch: Arc::clone(watch), one_at_a_time: Arc::clone(&turn) })
        };
    }
    Ports {
        objects: watched!(ports.objects),
        requests: watched!(ports.requests),
        egress_stores: watched!(ports.egress_stores),
        orchestrator: watched!(ports.orchestrator),
        outbox: watched!(ports.outbox),
        mailer: watched!(ports.mailer),
        sealer: watched!(ports.sealer),
        ..ports
    }
}

#[async_trait]
impl ObjectStore for Watched<dyn ObjectStore> {
    async fn latest(&self, area: Area, key: &str) -> PortResult<Option<ObjectVersion>> {
        self.around("object_store.latest", self.port.latest(area, key)).await
    }

    async fn size(&self, object: &ObjectVersion) -> PortResult<u64> {
        self.around("object_store.size", self.port.size(object)).await
    }

    async fn read(&self, object: &ObjectVersion, from: u64, length: u64) -> PortResult<Bytes> {
        self.around("object_store.read", self.port.read(object, from, length)).await
    }

    async fn put(&self, place: &Place, bytes: Bytes) -> PortResult<ObjectVersion> {
        self.around("object_store.put", self.port.put(place, bytes)).await
    }

    async fn freeze(&self, source: &ObjectVersion, place: &Place) -> PortResult<(ObjectVersion, Measured)> {
        self.around("object_store.freeze", self.port.freeze(source, place)).await
    }

    async fn begin(&self, place: &Place) -> PortResult<String> {
        self.around("object_store.begin", self.port.begin(place)).await
    }

    async fn put_part(&self, assembly: &str, number: u32, bytes: Bytes) -> PortResult<Part> {
        self.around("object_store.put_part", self.port.put_part(assembly, number, bytes)).await
    }

    async fn parts(&self, assembly: &str) -> PortResult<Vec<Part>> {
        self.around("object_store.parts", self.port.parts(assembly)).await
    }

    async fn complete(&self, assembly: &str, place: &Place, expected: &Measured) -> PortResult<ObjectVersion> {
        self.around("object_store.complete", self.port.complete(assembly, place, expected)).await
    }

    async fn abort(&self, assembly: &str) -> PortResult<()> {
        self.around("object_store.abort", self.port.abort(assembly)).await
    }

    async fn delete(&self, objects: &[ObjectVersion]) -> PortResult<()> {
        self.around("object_store.delete", self.port.delete(objects)).await
    }

    async fn assemblies(&self) -> PortResult<Vec<(String, Option<(RequestId, RoundNumber)>)>> {
        self.around("object_store.assemblies", self.port.assemblies()).await
    }

    async fn belongings(&self, area: Area, request: RequestId) -> PortResult<Vec<ObjectVersion>> {
        self.around("object_store.belongings", self.port.belongings(area, request)).await
    }

    async fn link(&self, object: &ObjectVersion, name: &str, seconds: u64) -> PortResult<Option<String>> {
        self.around("object_store.link", self.port.link(object, name, seconds)).await
    }

    async fn bar(&self, object: &ObjectVersion) -> PortResult<()> {
        self.around("object_store.bar", self.port.bar(object)).await
    }
}

#[async_trait]
impl RequestStore for Watched<dyn RequestStore> {
    async fn find(&self, id: RequestId) -> PortResult<Option<Request>> {
        self.around("request_store.find", self.port.find(id)).await
    }

    async fn find_alias(&self, notice: RequestId) -> PortResult<Option<(RequestId, Alias)>> {
        self.around("request_store.find_alias", self.port.find_alias(notice)).await
    }

    async fn list(&self, query: &Query) -> PortResult<Page> {
        self.around("request_store.list", self.port.list(query)).await
    }

    async fn commit(&self, change: &Change) -> PortResult<Commit> {
        self.around("request_store.commit", self.port.commit(change)).await
    }

    async fn trail(&self, id: RequestId, after: u64, first: u32) -> PortResult<Vec<Event>> {
        self.around("request_store.trail", self.port.trail(id, after, first)).await
    }
}

#[async_trait]
impl EgressStore for Watched<dyn EgressStore> {
    async fn claim(&self, store: &StoreId, request: RequestId) -> PortResult<()> {
        self.around("egress_store.claim", self.port.claim(store, request)).await
    }

    async fn free(&self, store: &StoreId, request: RequestId, status: UpstreamStatus) -> PortResult<bool> {
        self.around("egress_store.free", self.port.free(store, request, status)).await
    }

    async fn status(&self, store: &StoreId) -> PortResult<Option<String>> {
        self.around("egress_store.status", self.port.status(store)).await
    }
}

#[async_trait]
impl Orchestrator for Watched<dyn Orchestrator> {
    async fn begin(&self, name: ExecutionName, slip: &Slip) -> PortResult<()> {
        self.around("orchestrator.begin", self.port.begin(name, slip)).await
    }

    async fn wake(&self, token: &str) -> PortResult<()> {
        self.around("orchestrator.wake", self.port.wake(token)).await
    }

    async fn describe(&self, name: ExecutionName) -> PortResult<Execution> {
        self.around("orchestrator.describe", self.port.describe(name)).await
    }
}

#[async_trait]
impl Outbox for Watched<dyn Outbox> {
    async fn lease(&self, now: Timestamp, until: Timestamp, first: u32) -> PortResult<Vec<Leased>> {
        self.around("outbox.lease", self.port.lease(now, until, first)).await
    }

    async fn deliver(&self, ids: &[MessageId], delivery: &Delivery) -> PortResult<()> {
        self.around("outbox.deliver", self.port.deliver(ids, delivery)).await
    }

    async fn bounce(&self, id: MessageId, to: &Email, why: &str) -> PortResult<()> {
        self.around("outbox.bounce", self.port.bounce(id, to, why)).await
    }

    async fn settle(&self, id: MessageId) -> PortResult<()> {
        self.around("outbox.settle", self.port.settle(id)).await
    }

    async fn postpone(&self, id: MessageId, next_at: Option<Timestamp>, trouble: &str) -> PortResult<()> {
        self.around("outbox.postpone", self.port.postpone(id, next_at, trouble)).await
    }

    async fn hold(&self, id: MessageId, until: Timestamp, why: &str) -> PortResult<()> {
        self.around("outbox.hold", self.port.hold(id, until, why)).await
    }

    async fn reached(&self, to: &Email, since: Timestamp) -> PortResult<Vec<MessageId>> {
        self.around("outbox.reached", self.port.reached(to, since)).await
    }

    async fn list(&self, drawer: Drawer, first: u32) -> PortResult<Vec<Posting>> {
        self.around("outbox.list", self.port.list(drawer, first)).await
    }

    async fn find(&self, id: MessageId) -> PortResult<Option<Posting>> {
        self.around("outbox.find", self.port.find(id)).await
    }

    async fn retry(&self, id: MessageId, now: Timestamp) -> PortResult<()> {
        self.around("outbox.retry", self.port.retry(id, now)).await
    }
}

#[async_trait]
impl Mailer for Watched<dyn Mailer> {
    async fn send(&self, mail: &Mail) -> PortResult<String> {
        self.around("mailer.send", self.port.send(mail)).await
    }
}

#[async_trait]
impl Sealer for Watched<dyn Sealer> {
    async fn seal(&self, token: &str, context: TokenContext) -> PortResult<String> {
        self.around("sealer.seal", self.port.seal(token, context)).await
    }

    async fn open(&self, sealed: &str, context: TokenContext) -> PortResult<String> {
        self.around("sealer.open", self.port.open(sealed, context)).await
    }

    async fn sign(&self, message: &[u8]) -> PortResult<Signature> {
        self.around("sealer.sign", self.port.sign(message)).await
    }

    async fn mac(&self, message: &[u8]) -> PortResult<[u8; 32]> {
        self.around("sealer.mac", self.port.mac(message)).await
    }

    async fn public_key(&self) -> PortResult<String> {
        self.around("sealer.public_key", self.port.public_key()).await
    }
}
