//! The house as it is shown over HTTP.

use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::time::Duration;

use infra_embedded::house::Config;
use infra_embedded::house::config::Profile;

use crate::failure::Failure;
use crate::open::Open;

/// Shows a house until `shutdown` returns.
pub(crate) async fn show(
    house: &Arc<Open>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<http::Serving, Failure> {
    let config = house.config();
    let settings = settings(config)?;
    let mut shown = http::House::new(house.ports().clone());
    shown.changes = Some(house.changes().subscribe());
    let cannot = |error: http::ServeError| Failure::unreachable(format!("{error}. Nothing was lost."));
    http::serve(shown, settings, shutdown).await.map_err(cannot)
}

fn settings(config: &Config) -> Result<http::Settings, Failure> {
    let server = &config.server;
    let unusable = || Failure::unreachable(format!("The setting server.address is not usable: '{}'.", server.address));
    let address = server.address.to_socket_addrs().map_err(|_| unusable())?.next().ok_or_else(unusable)?;
    Ok(http::Settings {
        address,
        url: Some(server.url.clone()).filter(|url| !url.is_empty()),
        profile: match server.profile {
            Profile::Local => http::Profile::Local,
            Profile::Network => http::Profile::Network,
        },
        stop_within: Duration::try_from(server.stop_within).unwrap_or_default(),
        ..http::Settings::default()
    })
}
