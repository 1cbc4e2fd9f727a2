//! Whether the house lives, is ready, and which one it is.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use workflow::ports::PortResult;
use workflow::ports::object_store::Area;
use workflow::ports::request_store::{Pattern, Query};

use crate::face::Face;

/// How long a dependency may take to show that it works.
const PATIENCE: Duration = Duration::from_secs(5);

/// `GET /livez`: it answers, so it lives.
pub(crate) async fn live() -> &'static str {
    "alive\n"
}

/// `GET /version`.
pub(crate) async fn version() -> Json<serde_json::Value> {
    Json(json!({ "name": "lockgate", "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /readyz`: whether it can do its work; otherwise, what is in the way.
pub(crate) async fn ready(State(face): State<Arc<Face>>) -> Response {
    let mut failing = Vec::new();
    if *face.stopping.borrow() {
        failing.push("the house is stopping");
    }
    let ports = &face.ports;
    let query = Query { pattern: Pattern::Open, after: None, first: 1 };
    let checks = futures_util::join!(
        works(ports.requests.list(&query)),
        works(ports.objects.latest(Area::Records, "readyz")),
        works(ports.outbox.list(workflow::ports::outbox::Drawer::Due, 1)),
        works(ports.sealer.public_key()),
    );
    let named = [(checks.0, "request store"), (checks.1, "object store"), (checks.2, "outbox"), (checks.3, "sealer")];
    failing.extend(named.iter().filter(|(works, _)| !works).map(|(_, name)| *name));
    let status = if failing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": failing.is_empty(), "failing": failing }))).into_response()
}

async fn works<T>(check: impl Future<Output = PortResult<T>>) -> bool {
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::warn!(error = %error.in_full(), "not ready");
            false
        }
        Err(_) => false,
    }
}
