//! The mail around a letter: its headers and its two parts.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::content::Content;
use super::sender::Sender;
use super::show;
use crate::domain::email::Email;
use crate::domain::id::RequestId;
use crate::ports::mailer::Mail;

/// The header that holds our own name of a mail, whatever a mail service makes of `Message-ID`.
pub(super) const NAME_HEADER: &str = "X-Lockgate-Message";

/// Says that no mail can be written to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address {0} cannot be written to")]
pub struct Unwritable(pub Email);

/// What the headers are made of.
pub(super) struct Envelope<'a> {
    pub(super) name: String,
    pub(super) to: &'a Email,
    pub(super) at: Timestamp,
    /// The request that the mail belongs to, if it is one.
    pub(super) thread: Option<RequestId>,
}

/// Puts a mail together. The same arguments give the same bytes.
pub(super) fn assemble(sender: &Sender, envelope: &Envelope<'_>, content: &Content) -> Result<Mail, Unwritable> {
    let domain = sender.domain();
    let mut message = Message::builder()
        .from(Mailbox::new(Some(show::one_line(sender.house().as_str())), address(sender.from())?))
        .to(Mailbox::new(None, address(envelope.to)?))
        .subject(&content.subject)
        .date(SystemTime::from(envelope.at))
        .message_id(Some(format!("<{}@{domain}>", envelope.name)))
        .raw_header(ours(NAME_HEADER, envelope.name.clone()))
        .raw_header(ours("Auto-Submitted", "auto-generated".to_owned()))
        .raw_header(ours("List-Id", format!("<lockgate.{domain}>")));
    if let Some(request) = envelope.thread {
        let thread = format!("<request.{request}@{domain}>");
        message = message.in_reply_to(thread.clone()).references(thread);
    }
    // INVARIANT: a boundary that begins with `=_` occurs in no quoted-printable part, whatever the part says.
    let parts = MultiPart::alternative()
        .boundary(format!("=_{}", super::fingerprint(&envelope.name)))
        .singlepart(part(ContentType::TEXT_PLAIN, content.to_text()))
        .singlepart(part(ContentType::TEXT_HTML, content.to_html()));
    let message = message.multipart(parts).map_err(|_| Unwritable(envelope.to.clone()))?;
    Ok(Mail {
        name: envelope.name.clone(),
        from: sender.from().clone(),
        to: envelope.to.clone(),
        text: message.formatted(),
    })
}

fn part(kind: ContentType, text: String) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(text)
}

fn ours(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// The address as a mail header takes it. One that reads as an encoded word would be decoded into another address.
fn address(email: &Email) -> Result<Address, Unwritable> {
    let plain = Some(email.as_str()).filter(|text| !text.contains("=?"));
    plain.and_then(|text| text.parse().ok()).ok_or_else(|| Unwritable(email.clone()))
}
