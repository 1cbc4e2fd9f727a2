//! A mail server that can be as bad as any: for tests alone.

mod session;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A point of the conversation at which the server can misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// The first line of the server.
    Greeting,
    /// AUTH.
    SignIn,
    /// MAIL FROM.
    From,
    /// RCPT TO.
    To,
    /// DATA.
    Data,
    /// The end of the mail, which the server has by then.
    End,
}

/// What the server does at a point in place of what it ought to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers this line.
    Say(&'static str),
    /// It answers nothing more.
    Hang,
    /// It ends the connection.
    Drop,
}

/// How the connection to the server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// It is not.
    None,
    /// From STARTTLS on, which it offers.
    Starttls,
    /// From the first byte.
    Tls,
}

/// A mail that the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Who it was for.
    pub to: String,
    /// Its text.
    pub text: String,
    /// Who had signed in.
    pub user: Option<String>,
    /// Whether it came encrypted.
    pub is_secret: bool,
    /// On the how manieth connection.
    pub connection: u32,
}

impl Arrived {
    /// Our own name of the mail.
    pub fn name(&self) -> &str {
        self.header("X-Lockgate-Message: ")
    }

    /// What it is about.
    pub fn subject(&self) -> &str {
        self.header("Subject: ")
    }

    fn header(&self, name: &str) -> &str {
        self.text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default()
    }
}

/// A mail server on a port of its own.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificate, as PEM.
    pub certificate: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    cover: Cover,
    acceptor: TlsAcceptor,
    /// The user and the password that it wants, if it wants any.
    login: Option<(&'static str, &'static str)>,
    moods: Mutex<BTreeMap<(Point, Option<String>), Mood>>,
    arrived: Mutex<Vec<Arrived>>,
    connections: AtomicU32,
    count: watch::Sender<usize>,
}

impl Sink {
    /// A server that takes everything, without encryption and without signing in.
    pub async fn open() -> Self {
        Self::with(Cover::None, None).await
    }

    /// A server for `localhost` that is spoken to as said, and wants somebody to sign in if there is a login.
    pub async fn with(cover: Cover, login: Option<(&'static str, &'static str)>) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let state = Arc::new(State {
            cover,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            login,
            moods: Mutex::default(),
            arrived: Mutex::default(),
            connections: AtomicU32::new(0),
            count: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(listen(listener, Arc::clone(&state)));
        Self { address, certificate: cert.pem(), state, task }
    }

    /// Has it misbehave at a point, whoever the mail is for.
    pub fn be(&self, point: Point, mood: Mood) {
        self.state.moods.lock().unwrap().insert((point, None), mood);
    }

    /// Has it misbehave at a point once the mail is for an address.
    pub fn be_to(&self, address: &str, point: Point, mood: Mood) {
        self.state.moods.lock().unwrap().insert((point, Some(address.to_owned())), mood);
    }

    /// Has it behave again.
    pub fn mend(&self) {
        self.state.moods.lock().unwrap().clear();
    }

    /// Every mail that it has, in the order in which they came.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.state.arrived.lock().unwrap().clone()
    }

    /// Waits until it has so many mails.
    pub async fn has(&self, mails: usize) {
        let mut count = self.state.count.subscribe();
        count.wait_for(|arrived| *arrived >= mails).await.unwrap();
    }

    /// How often it was connected to.
    pub fn connections(&self) -> u32 {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The settings of a house that sends its mails here, as variables.
    pub fn settings(&self) -> Vec<(String, String)> {
        let security = match self.state.cover {
            Cover::None => "loopback",
            Cover::Starttls => "starttls",
            Cover::Tls => "tls",
        };
        [
            ("WAY", "smtp".to_owned()),
            ("SMTP_HOST", "localhost".to_owned()),
            ("SMTP_PORT", self.address.port().to_string()),
            ("SMTP_SECURITY", security.to_owned()),
            ("SMTP_TIMEOUT", "2 seconds".to_owned()),
        ]
        .map(|(key, value)| (format!("LOCKGATE_MAIL_{key}"), value))
        .into()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let number = state.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let state = Arc::clone(&state);
        // A client that breaks off is one of the things that clients do.
        tokio::spawn(async move { session::serve(stream, number, &state).await });
    }
}

impl State {
    fn mood(&self, point: Point, to: &str) -> Option<Mood> {
        let moods = self.moods.lock().unwrap();
        moods.get(&(point, Some(to.to_owned()))).or_else(|| moods.get(&(point, None))).copied()
    }

    fn keep(&self, mail: Arrived) {
        let mut arrived = self.arrived.lock().unwrap();
        arrived.push(mail);
        self.count.send_replace(arrived.len());
    }
}
