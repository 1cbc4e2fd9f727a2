//! One request and its answer, over a connection of their own.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    head: String,
    /// Its body.
    pub body: Vec<u8>,
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// A head that is longer is none.
const LONGEST_HEAD: usize = 64 * 1024;

impl Request {
    /// Reads a request; none if the connection ends before one is whole.
    pub(super) async fn read(client: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) {
                break end;
            }
            if bytes.len() > LONGEST_HEAD || client.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
        let body = bytes.split_off(end + END_OF_HEAD.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut request = Self { head, body };
        if request.header("expect").is_some() {
            client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        while request.body.len() < length {
            if client.read_buf(&mut request.body).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(request))
    }

    /// A value of its head.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Itself without an object's bytes.
    pub(super) fn noted(&self) -> Self {
        let is_object = self.service() == "s3" && self.method() != "POST";
        let body = if is_object { Vec::new() } else { self.body.clone() };
        Self { head: self.head.clone(), body }
    }

    /// The service that it is signed for.
    pub fn service(&self) -> &str {
        // A link has in its address what else is in the head.
        let signed = self.header("authorization").unwrap_or(self.target());
        let scope =
            signed.split_once("Credential=").map_or("", |(_, rest)| rest.split([',', '&']).next().unwrap_or_default());
        scope.split('/').flat_map(|part| part.split("%2F")).nth(3).unwrap_or_default()
    }

    /// Its method.
    pub fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }

    /// The path and query that are asked for.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// What is asked, in short: the operation of a service of JSON, the method and what it is about of S3.
    pub fn call(&self) -> String {
        if let Some(operation) = self.header("x-amz-target") {
            return operation.split('.').next_back().unwrap_or(operation).to_owned();
        }
        let method = self.method();
        let query = self.target().split_once('?').map_or("", |(_, query)| query);
        let about = ["uploads", "uploadId", "partNumber", "versions", "tagging", "list-type", "versionId"];
        let about = about.iter().find(|word| query.split('&').any(|part| part.split('=').next() == Some(**word)));
        let copy = if self.header("x-amz-copy-source").is_some() { " copy" } else { "" };
        format!("{method}{copy}{}", about.map(|word| format!(" {word}")).unwrap_or_default())
    }

    /// Sends it on and gives the whole answer.
    pub(super) async fn forward(&self, service: &str) -> io::Result<Vec<u8>> {
        let mut connection = TcpStream::connect(service).await?;
        let kept = |line: &&str| {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            name != "connection" && name != "expect"
        };
        let mut head: Vec<&str> = self.head.lines().filter(kept).collect();
        // The end of the connection is the end of the answer.
        head.push("connection: close");
        connection.write_all(head.join("\r\n").as_bytes()).await?;
        connection.write_all(END_OF_HEAD).await?;
        connection.write_all(&self.body).await?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await?;
        Ok(answer)
    }

    /// Tells whether the service is spoken to in JSON.
    fn is_json(&self) -> bool {
        self.header("x-amz-target").is_some()
    }

    /// The status with which the service says that it is asked too much.
    pub(super) fn busy(&self) -> &'static str {
        if self.is_json() { "400 Bad Request" } else { "503 Slow Down" }
    }

    pub(super) fn throttle(&self) -> String {
        if self.is_json() {
            return r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#.to_owned();
        }
        "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>".to_owned()
    }

    pub(super) fn failure(&self) -> String {
        if self.is_json() {
            return r#"{"__type":"InternalServerError","message":"Something went wrong"}"#.to_owned();
        }
        "<Error><Code>InternalError</Code><Message>Something went wrong.</Message></Error>".to_owned()
    }
}

/// Answers in place of the service.
pub(super) async fn answer(client: &mut TcpStream, status: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    send(client, format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").as_bytes())
        .await
}

/// Hands an answer over and ends the connection.
pub(super) async fn send(client: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    client.write_all(answer).await?;
    client.shutdown().await
}
