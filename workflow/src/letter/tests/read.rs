//! Reading mails back as a mail programme does.

use mail_parser::{Message, MessageParser};

use crate::ports::mailer::Mail;

/// A mail, as its reader has it.
pub(super) struct Read {
    pub(super) headers: Vec<String>,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

pub(super) fn parse(mail: &Mail) -> Message<'_> {
    MessageParser::default().parse(&mail.text).unwrap()
}

pub(super) fn read(mail: &Mail) -> Read {
    let message = parse(mail);
    assert_eq!((message.parts.len(), message.text_body_count(), message.html_body_count()), (3, 1, 1));
    assert_eq!(message.attachment_count(), 0);
    Read {
        headers: message.headers_raw().map(|(name, _)| name.to_owned()).collect(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap().replace("\r\n", "\n"),
        html: message.body_html(0).unwrap().replace("\r\n", "\n"),
    }
}

/// The words of the text part, without the marks that stand for what HTML does with tags.
pub(super) fn words_of_text(text: &str) -> Vec<String> {
    let unmarked = |line: &str| {
        let marks = ["> ", "- ", "# ", "-- "];
        marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line).to_owned()
    };
    words(&text.lines().map(unmarked).collect::<Vec<_>>().join("\n"))
}

/// The words that the HTML part shows.
pub(super) fn words_of_html(html: &str) -> Vec<String> {
    let body = html.split_once("<body").unwrap().1.split_once("</body>").unwrap().0;
    let mut shown = String::new();
    for piece in body.split('<') {
        shown.push(' ');
        shown.push_str(piece.split_once('>').unwrap().1);
    }
    let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    words(&entities.into_iter().fold(shown, |text, (entity, character)| text.replace(entity, character)))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
