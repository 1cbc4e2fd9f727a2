//! One conversation, from the server's side.

use base64::Engine as _;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{Arrived, Cover, Mood, Point, State};

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// Why a conversation ends.
struct Over;

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

struct Session<'a> {
    wire: BufReader<Box<dyn Wire>>,
    state: &'a State,
    number: u32,
    user: Option<String>,
    is_secret: bool,
    to: String,
}

/// Speaks with one client until one of the two has had enough.
pub(super) async fn serve(stream: TcpStream, number: u32, state: &State) {
    let is_secret = state.cover == Cover::Tls;
    let wire: Box<dyn Wire> = if is_secret {
        let Ok(stream) = state.acceptor.accept(stream).await else { return };
        Box::new(stream)
    } else {
        Box::new(stream)
    };
    let mut session = Session { wire: BufReader::new(wire), state, number, user: None, is_secret, to: String::new() };
    if session.answer(Point::Greeting, "220 sink.example ready").await.is_err() {
        return;
    }
    while let Ok(line) = session.line().await {
        match session.obey(line.trim_end()).await {
            Ok(true) => {}
            Ok(false) => {
                let Some(upgraded) = session.upgrade().await else { return };
                session = upgraded;
            }
            Err(Over) => return,
        }
    }
}

impl<'a> Session<'a> {
    async fn line(&mut self) -> Result<String, Over> {
        let mut line = Vec::new();
        let read = self.wire.read_until(b'\n', &mut line).await?;
        if read == 0 { Err(Over) } else { Ok(String::from_utf8_lossy(&line).into_owned()) }
    }

    async fn say(&mut self, line: &str) -> Result<(), Over> {
        self.wire.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(self.wire.flush().await?)
    }

    /// Answers a line, or whatever the mood at this point is.
    async fn answer(&mut self, point: Point, line: &str) -> Result<bool, Over> {
        match self.state.mood(point, &self.to) {
            None => self.say(line).await.map(|()| true),
            Some(Mood::Say(line)) => self.say(line).await.map(|()| false),
            Some(Mood::Hang) => std::future::pending().await,
            Some(Mood::Drop) => Err(Over),
        }
    }

    /// Does what a line asks for; false if it asks for encryption.
    async fn obey(&mut self, line: &str) -> Result<bool, Over> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let needs_login = self.state.login.is_some() && self.user.is_none();
        match verb.as_str() {
            "EHLO" | "HELO" => self.greet().await?,
            "STARTTLS" if self.state.cover == Cover::Starttls => {
                self.say("220 go on").await?;
                return Ok(false);
            }
            "AUTH" => self.sign_in(line).await?,
            "MAIL" | "RCPT" | "DATA" if needs_login => self.say("530 5.7.0 sign in first").await?,
            "MAIL" => {
                self.to.clear();
                self.answer(Point::From, "250 2.1.0 ok").await?;
            }
            "RCPT" => {
                self.to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                self.answer(Point::To, "250 2.1.5 ok").await?;
            }
            "DATA" => self.take().await?,
            "QUIT" => {
                self.say("221 bye").await?;
                return Err(Over);
            }
            _ => self.say("250 ok").await?,
        }
        Ok(true)
    }

    async fn greet(&mut self) -> Result<(), Over> {
        let mut lines = vec!["sink.example", "8BITMIME"];
        if self.state.cover == Cover::Starttls && !self.is_secret {
            lines.push("STARTTLS");
        }
        if self.state.login.is_some() {
            lines.push("AUTH PLAIN");
        }
        let last = lines.pop().unwrap();
        for line in lines {
            self.say(&format!("250-{line}")).await?;
        }
        self.say(&format!("250 {last}")).await
    }

    async fn sign_in(&mut self, line: &str) -> Result<(), Over> {
        let given = line.rsplit(' ').next().unwrap_or_default();
        let given = base64::engine::general_purpose::STANDARD.decode(given).unwrap_or_default();
        let wanted = self.state.login.map(|(user, password)| format!("\0{user}\0{password}"));
        if wanted.is_none_or(|wanted| wanted.as_bytes() != given) {
            return self.say("535 5.7.8 who are you?").await;
        }
        self.user = self.state.login.map(|(user, _)| user.to_owned());
        self.answer(Point::SignIn, "235 2.7.0 welcome").await.map(drop)
    }

    async fn take(&mut self) -> Result<(), Over> {
        if !self.answer(Point::Data, "354 go on, end with a dot").await? {
            return Ok(());
        }
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            if line == ".\r\n" {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        let refuses = matches!(self.state.mood(Point::End, &self.to), Some(Mood::Say(_)));
        if !refuses {
            let (to, user) = (self.to.clone(), self.user.clone());
            self.state.keep(Arrived { to, text, user, is_secret: self.is_secret, connection: self.number });
        }
        self.answer(Point::End, "250 2.0.0 queued as 4711").await.map(drop)
    }

    async fn upgrade(self) -> Option<Session<'a>> {
        let wire: Box<dyn Wire> = Box::new(self.state.acceptor.accept(self.wire.into_inner()).await.ok()?);
        Some(Session { wire: BufReader::new(wire), is_secret: true, ..self })
    }
}
