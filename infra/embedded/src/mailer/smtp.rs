//! Mails over SMTP: one connection to one mail server, kept for the next mail.

mod content;
mod refusal;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use workflow::ports::mailer::Mail;
use workflow::ports::{self, PortError, PortResult};

use content::Content;
use refusal::{Failure, Stage, one_line};

/// How long a connection that is not used is good for the next mail: servers end them after minutes.
const IDLE_AT_MOST: Duration = Duration::from_secs(20);

/// How the connection to a mail server is kept secret.
#[derive(Clone)]
pub enum Security {
    /// It is not.
    None,
    /// From its first byte.
    Tls(TlsParameters),
    /// From the server's answer to STARTTLS; without it nothing is said.
    Starttls(TlsParameters),
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Tls(_) => "Tls",
            Self::Starttls(_) => "Starttls",
        })
    }
}

/// A mail server, and how it is spoken to.
#[derive(Clone)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept secret.
    pub security: Security,
    /// Who signs in, and with what; none: nobody does.
    pub credentials: Option<Credentials>,
    /// The name that we go by.
    pub own_name: String,
    /// How long one mail may take, the connection included.
    pub within: Duration,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Hands mails to one mail server, one after the other over one connection.
///
/// What the server refuses for good is `Denied`, with its words; whatever else goes wrong is `Transient`, also a refusal
/// that is about us and not about the mail: a password that is not taken is no reason to give a mail up. A server that
/// was silent for too long is left alone for as long, and every mail fails at once meanwhile.
#[derive(Debug)]
pub struct Smtp {
    server: Server,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    open: Option<(AsyncSmtpConnection, Instant)>,
    silent_until: Option<Instant>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.open.is_some() { "open" } else { "closed" })
    }
}

impl Smtp {
    /// A mailer for a server. Nothing is connected before the first mail.
    pub fn new(server: Server) -> Self {
        Self { server, line: Mutex::default() }
    }

    async fn hand_over(&self, mail: &Mail) -> Result<String, Failure> {
        let envelope = Envelope::of(mail)?;
        let mut line = self.line.lock().await;
        if line.silent_until.is_some_and(|until| until > Instant::now()) {
            return Err(Failure::Silent(self.server.within));
        }
        // Out of the line while it is in use: whatever goes wrong, or is dropped, ends it.
        let kept = line.open.take().filter(|(_, used_at)| used_at.elapsed() < IDLE_AT_MOST);
        let sent = timeout(self.server.within, self.send(kept.map(|(open, _)| open), &envelope, mail)).await;
        line.silent_until = sent.is_err().then(|| Instant::now() + self.server.within);
        let (result, open) = sent.map_err(|_| Failure::Silent(self.server.within))?;
        line.open = open.map(|open| (open, Instant::now()));
        result
    }

    /// Sends over a connection that was kept, or a new one, and gives it back if it is good for the next mail.
    async fn send(
        &self,
        kept: Option<AsyncSmtpConnection>,
        envelope: &Envelope,
        mail: &Mail,
    ) -> (Result<String, Failure>, Option<AsyncSmtpConnection>) {
        if let Some(mut open) = kept
            && open.test_connected().await
        {
            let sent = converse(&mut open, envelope, mail).await;
            return settle(open, sent).await;
        }
        match self.connect().await {
            Ok(mut open) => {
                let sent = converse(&mut open, envelope, mail).await;
                settle(open, sent).await
            }
            Err(failure) => (Err(failure), None),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let server = &self.server;
        let own_name = ClientId::Domain(server.own_name.clone());
        let from_the_start = match &server.security {
            Security::Tls(parameters) => Some(parameters.clone()),
            Security::Starttls(_) | Security::None => None,
        };
        let address = (server.host.as_str(), server.port);
        let connected = AsyncSmtpConnection::connect_tokio1(address, None, &own_name, from_the_start, None);
        let mut open = connected.await.map_err(|error| Failure::of(Stage::Connection, &error))?;
        if let Security::Starttls(parameters) = &server.security {
            let upgraded = open.starttls(parameters.clone(), &own_name).await;
            upgraded.map_err(|error| Failure::of(Stage::Starttls, &error))?;
        }
        if let Some(credentials) = &server.credentials {
            let signed_in = open.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
            signed_in.map_err(|error| Failure::of(Stage::SignIn, &error))?;
        }
        Ok(open)
    }
}

/// Who sends, and to whom, as the server is told.
struct Envelope {
    from: Address,
    to: Address,
    parameters: Vec<MailParameter>,
}

impl Envelope {
    fn of(mail: &Mail) -> Result<Self, Failure> {
        let read = |email: &workflow::domain::email::Email| {
            email.as_str().parse::<Address>().map_err(|_| Failure::Unsendable(format!("{email} cannot be written to")))
        };
        let is_plain = mail.to.as_str().is_ascii() && mail.from.as_str().is_ascii();
        let parameters = if is_plain { Vec::new() } else { vec![MailParameter::SmtpUtfEight] };
        Ok(Self { from: read(&mail.from)?, to: read(&mail.to)?, parameters })
    }
}

/// One mail over an open connection.
async fn converse(open: &mut AsyncSmtpConnection, envelope: &Envelope, mail: &Mail) -> Result<String, Failure> {
    if !envelope.parameters.is_empty() && !open.server_info().supports_feature(Extension::SmtpUtfEight) {
        let sentence = format!("the mail server takes no address with letters beyond ASCII, such as {}", mail.to);
        return Err(Failure::Unsendable(sentence));
    }
    let at = |stage| move |error: lettre::transport::smtp::Error| Failure::of(stage, &error);
    let from = MailFrom::new(Some(envelope.from.clone()), envelope.parameters.clone());
    let content = Content::of(&mail.text).ok_or_else(|| Failure::Unsendable("the mail is no text".into()))?;
    open.command(from).await.map_err(at(Stage::From))?;
    open.command(Rcpt::new(envelope.to.clone(), Vec::new())).await.map_err(at(Stage::To))?;
    open.command(Data).await.map_err(at(Stage::Content))?;
    let answer = open.command(content).await.map_err(at(Stage::Content))?;
    Ok(words_of(&answer))
}

/// Keeps a connection if it is good for the next mail.
async fn settle(
    mut open: AsyncSmtpConnection,
    sent: Result<String, Failure>,
) -> (Result<String, Failure>, Option<AsyncSmtpConnection>) {
    let is_good = match &sent {
        Ok(_) => true,
        Err(failure) if failure.leaves_the_connection() => open.command(Rset).await.is_ok(),
        Err(_) => false,
    };
    (sent, is_good.then_some(open))
}

fn words_of(answer: &Response) -> String {
    one_line(&format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" ")))
}

#[async_trait]
impl ports::Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> PortResult<String> {
        let sent = self.hand_over(mail).await;
        match &sent {
            Ok(answer) => tracing::info!(mail = mail.name, answer, "a mail left"),
            Err(failure) => tracing::warn!(mail = mail.name, %failure, "a mail did not leave"),
        }
        sent.map_err(|failure| PortError::new("mailer", "send a mail", failure.kind()).because(failure))
    }
}
