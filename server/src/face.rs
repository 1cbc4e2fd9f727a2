//! The house as it is shown over HTTP.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use infra_embedded::house::Config;
use infra_embedded::house::config::{Profile, Server};

use crate::command::demo;
use crate::failure::Failure;
use crate::open::Open;

/// Shows a house until `shutdown` returns.
pub(crate) async fn show(
    dir: &Path,
    house: &Arc<Open>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<http::Serving, Failure> {
    let config = house.config();
    let settings = settings(dir, config)?;
    if demo::is_set(dir) {
        keep_here(&settings)?;
    }
    let mut shown = http::House::new(house.ports().clone());
    shown.changes = Some(house.changes());
    let cannot = |error: http::ServeError| Failure::unreachable(format!("{error}. Nothing was lost."));
    http::serve(shown, settings, shutdown).await.map_err(cannot)
}

/// Everybody knows the passwords of a demo.
fn keep_here(settings: &http::Settings) -> Result<(), Failure> {
    if settings.address.ip().is_loopback() && settings.profile == http::Profile::Local && settings.proxies == 0 {
        return Ok(());
    }
    Err(Failure::refused(
        "DEMO",
        "This directory is a demo, whose passwords everybody knows: it is shown to this machine alone. Nothing was \
         changed. Make a directory of your own with 'lockgate init'.",
    ))
}

/// The settings of the face, with the files that they name.
pub(crate) fn settings(dir: &Path, config: &Config) -> Result<http::Settings, Failure> {
    let server = &config.server;
    Ok(http::Settings {
        address: address(server)?,
        url: Some(server.url.clone()).filter(|url| !url.is_empty()),
        profile: match server.profile {
            Profile::Local => http::Profile::Local,
            Profile::Network => http::Profile::Network,
        },
        tls: tls(dir, server)?,
        proxies: server.proxies,
        sessions: http::SessionLimits {
            at_most: Duration::try_from(server.session_at_most).unwrap_or_default(),
            idle: Duration::try_from(server.session_idle).unwrap_or_default(),
        },
        sns: sns(dir, config)?,
        stop_within: Duration::try_from(server.stop_within).unwrap_or_default(),
        ..http::Settings::default()
    })
}

fn address(server: &Server) -> Result<SocketAddr, Failure> {
    let unusable = || Failure::unreachable(format!("The setting server.address is not usable: '{}'.", server.address));
    server.address.to_socket_addrs().map_err(|_| unusable())?.next().ok_or_else(unusable)
}

fn tls(dir: &Path, server: &Server) -> Result<Option<http::Tls>, Failure> {
    let is_empty = |path: &Path| path.as_os_str().is_empty();
    match (is_empty(&server.tls_certificate), is_empty(&server.tls_key)) {
        (true, true) => Ok(None),
        (false, false) => {
            let (certificate, key) = (dir.join(&server.tls_certificate), dir.join(&server.tls_key));
            Ok(Some(http::Tls { certificate, key }))
        }
        _ => Err(Failure::unreachable(
            "The settings server.tls_certificate and server.tls_key go together: set both, or neither.".to_owned(),
        )),
    }
}

fn sns(dir: &Path, config: &Config) -> Result<http::Sns, Failure> {
    let read = |path: &PathBuf| {
        let path = dir.join(path);
        let cannot = |error| format!("The certificate {} of SNS cannot be read: {error}.", path.display());
        std::fs::read_to_string(&path).map_err(|error| Failure::unreachable(cannot(error)))
    };
    let certificates = config.sns.certificates.iter().map(read).collect::<Result<_, _>>()?;
    Ok(http::Sns { topics: config.sns.topics.iter().cloned().collect(), certificates })
}
