//! How the face is to be shown: read once by whoever starts it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Whether people come over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// From this machine alone, without TLS.
    Local,
    /// Over TLS, which ends here or at a proxy in front.
    Network,
}

/// A certificate chain and its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// However much it is used.
    pub at_most: Duration,
    /// Without being used.
    pub idle: Duration,
}

/// Whose notices are taken over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sns {
    /// The topics, by ARN. None: no notice is taken.
    pub topics: BTreeSet<String>,
    /// The certificates that SNS signs with, as PEM; each text may hold several.
    pub certificates: Vec<String>,
}

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen. If the port is taken, the next free one is used.
    pub address: SocketAddr,
    /// What people type to get here, as in `https://egress.example.org`; none: the address.
    pub url: Option<String>,
    /// Whether people come over a network.
    pub profile: Profile,
    /// The certificate, if TLS ends here.
    pub tls: Option<Tls>,
    /// How many proxies stand in front. Each has to add the address it was called from to `X-Forwarded-For`.
    pub proxies: usize,
    /// How long a session lasts.
    pub sessions: SessionLimits,
    /// Whose notices are taken.
    pub sns: Sns,
    /// How many calls are answered at once; more are asked to come back.
    pub calls_at_once: usize,
    /// How long the headers of a call may take to arrive.
    pub headers_within: Duration,
    /// How long a call may take, but for transfers of files and for events.
    pub answer_within: Duration,
    /// How long a transfer may stand still.
    pub stall_at_most: Duration,
    /// The most bytes of a file that a preview shows.
    pub preview_bytes: u64,
    /// How long calls that are being answered may go on once the house stops.
    pub stop_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            url: None,
            profile: Profile::Local,
            tls: None,
            proxies: 0,
            sessions: SessionLimits { at_most: Duration::from_hours(12), idle: Duration::from_hours(1) },
            sns: Sns::default(),
            calls_at_once: 256,
            headers_within: Duration::from_secs(10),
            answer_within: Duration::from_secs(30),
            stall_at_most: Duration::from_mins(1),
            preview_bytes: 8 << 20,
            stop_within: Duration::from_secs(20),
        }
    }
}

impl Settings {
    /// Tells whether browsers come over TLS: then cookies are bound to it.
    pub(crate) fn is_secure(&self) -> bool {
        self.profile == Profile::Network || self.tls.is_some()
    }
}
