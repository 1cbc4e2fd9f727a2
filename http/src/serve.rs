//! Listening, answering, and stopping in order.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::face::{Face, House};
use crate::patience::Patient;
use crate::router;
use crate::settings::{Settings, Tls};
use crate::tls;

/// How many ports after a taken one are tried.
const NEXT_PORTS: u16 = 20;
/// How often what ended is forgotten.
const TIDY_EVERY: Duration = Duration::from_mins(1);
/// Streams that one connection of HTTP/2 has at once.
const STREAMS: u32 = 64;

/// Why the house cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {source}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// A setting cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// A house that answers.
#[derive(Debug)]
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    /// What to type to get there.
    pub url: String,
    /// What to tell whoever started it, if it listens elsewhere than they wished.
    pub note: Option<String>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// Returns once the last call was answered, or the time for that is over.
    pub async fn finished(self) -> io::Result<()> {
        self.task.await.map_err(io::Error::other)?
    }
}

/// Listens and answers until `shutdown` returns. Then no call is taken any more; those that are being answered go on
/// for as long as the settings say.
pub async fn serve(
    house: House,
    settings: Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Serving, ServeError> {
    let acceptor = settings.tls.as_ref().map(read_tls).transpose()?;
    let (listener, address, note) = listen(settings.address)?;
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    let url = settings.url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
    let (stop, stopping) = watch::channel(false);
    let (pages, stop_within, headers_within) = (house.pages.clone(), settings.stop_within, settings.headers_within);
    let face = Face::new(house, settings, stopping).map_err(|error| ServeError::Settings(error.to_string()))?;
    let router = router::assemble(Arc::clone(&face), pages).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let server = axum_server::from_tcp(listener).map_err(|source| ServeError::Address { address, source })?;
    let mut server = server.handle(handle.clone());
    bound(&mut server, headers_within);
    let answering = match acceptor {
        Some(tls) => tokio::spawn(server.acceptor(Patient::new(tls, headers_within)).serve(router)),
        None => tokio::spawn(server.acceptor(Patient::new(NoDelayAcceptor::new(), headers_within)).serve(router)),
    };
    let stopped = async move {
        shutdown.await;
        let _ = stop.send(true);
        handle.graceful_shutdown(Some(stop_within));
    };
    let task = tokio::spawn(run(answering, stopped, face));
    Ok(Serving { address, url, note, task })
}

/// Runs until the last call was answered, forgetting what ended on the way.
async fn run(
    mut answering: JoinHandle<io::Result<()>>,
    stopped: impl Future<Output = ()>,
    face: Arc<Face>,
) -> io::Result<()> {
    let tidying = tokio::spawn(tidy(face));
    let answered = tokio::select! {
        answered = &mut answering => answered,
        () = stopped => answering.await,
    };
    tidying.abort();
    answered.map_err(io::Error::other)?
}

async fn tidy(face: Arc<Face>) {
    let mut turns = tokio::time::interval(TIDY_EVERY);
    loop {
        turns.tick().await;
        if let Err(error) = face.tidy().await {
            tracing::warn!(error = %error.in_full(), "sessions that ended could not be forgotten");
        }
    }
}

fn read_tls(tls: &Tls) -> Result<RustlsAcceptor<NoDelayAcceptor>, ServeError> {
    let config = tls::read(tls).map_err(|error| ServeError::Settings(error.to_string()))?;
    Ok(RustlsAcceptor::new(config).acceptor(NoDelayAcceptor::new()))
}

/// Bounds what a connection may take before there is a call.
fn bound(server: &mut Server<SocketAddr>, headers_within: Duration) {
    let builder = server.http_builder();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(headers_within);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS).keep_alive_interval(headers_within);
}

/// Takes the address, or the next port that is free.
fn listen(wished: SocketAddr) -> Result<(TcpListener, SocketAddr, Option<String>), ServeError> {
    let failed = |source| ServeError::Address { address: wished, source };
    let listener = match TcpListener::bind(wished) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => next_free(wished).ok_or_else(|| failed(error))?,
        other => other.map_err(failed)?,
    };
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let moved = wished.port() != 0 && address.port() != wished.port();
    let note = moved
        .then(|| format!("Port {} is taken by another program, so port {} is used.", wished.port(), address.port()));
    Ok((listener, address, note))
}

fn next_free(wished: SocketAddr) -> Option<TcpListener> {
    (1..=NEXT_PORTS).find_map(|more| {
        let port = wished.port().checked_add(more)?;
        TcpListener::bind(SocketAddr::new(wished.ip(), port)).ok()
    })
}
