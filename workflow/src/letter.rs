//! Letters: what people are written, as whole mails that are ready to be sent.
//!
//! A letter's sentences are put together once and shown twice, as text and as HTML. What researchers wrote is quoted,
//! never followed: it cannot make a header, a tag or a link.

mod content;
mod mime;
mod moment;
mod sender;
mod show;
#[cfg(test)]
pub(crate) mod tests;
mod wording;

pub use mime::Unwritable;
pub use moment::is_timely;
pub use sender::{BaseUrl, Sender};

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::digest::Digest;
use crate::domain::email::Email;
use crate::domain::outbox::{Letter, Message, MessageId};
use crate::domain::policy::Stage;
use crate::domain::request::Request;
use crate::domain::text::Group;
use crate::ports::mailer::Mail;
use content::{Block, Content};
use mime::Envelope;

/// What a letter is written from: the message of the outbox, what it is about, and the request as it is now.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The message.
    pub message: &'a Message,
    /// What it is about.
    pub about: &'a Letter,
    /// The request.
    pub request: &'a Request,
    /// Why this person gets it.
    pub capacity: &'a Capacity,
    /// The newest checkpoint, which an outcome quotes; none if there is none, or if the letter is no outcome.
    pub checkpoint: Option<&'a CheckpointReference>,
}

/// A signed checkpoint, as a letter quotes it: whoever keeps the letter can hold the house to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointReference {
    /// Its number.
    pub number: u64,
    /// The digest of its canonical form.
    pub digest: Digest,
}

/// Why somebody gets a letter: its last lines say so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capacity {
    /// They asked for the files.
    Requester,
    /// They may still decide at a stage.
    Reviewer {
        /// The stage's title.
        stage: String,
        /// The stage's group.
        group: Group,
    },
    /// They are in a group that the policy names.
    Member(Group),
    /// They run the house.
    Operator,
    /// The workflow names their address.
    Named,
    /// They run the house, and there was nobody whom the letter was meant for.
    StandIn {
        /// Whom it was meant for, as a noun phrase.
        instead_of: String,
    },
}

impl Capacity {
    /// The capacity of the people who decide at a stage.
    pub fn reviewer(stage: &Stage) -> Self {
        Self::Reviewer { stage: stage.title.to_string(), group: stage.group.clone() }
    }
}

/// Writes one letter to one address. The same message and address give the same name and, as long as the request has
/// not moved and no checkpoint was made, the same mail.
pub fn write(sender: &Sender, occasion: Occasion<'_>, to: &Email) -> Result<Mail, Unwritable> {
    let mut content = wording::of(sender, occasion);
    content.footer = wording::footer(sender, occasion.capacity);
    let envelope = Envelope {
        name: name_of(occasion.message.id, to),
        to,
        at: occasion.message.created_at,
        thread: Some(occasion.request.id),
    };
    mime::assemble(sender, &envelope, &content)
}

/// Writes several letters to one address as one mail: each with all that it would say apart. Its name stands for
/// exactly these messages.
pub fn write_digest(sender: &Sender, occasions: &[Occasion<'_>], to: &Email) -> Result<Mail, Unwritable> {
    let mut content = Content::new(format!("{} letters in one", occasions.len()));
    content.say(format!(
        "There is much to tell you, so {} letters come as one mail. None of them is missing.",
        occasions.len()
    ));
    for occasion in occasions {
        let letter = wording::of(sender, *occasion);
        content.blocks.push(Block::Heading(letter.subject));
        content.blocks.extend(letter.blocks);
    }
    let mut capacities: Vec<_> = occasions.iter().map(|occasion| occasion.capacity).collect();
    capacities.sort();
    capacities.dedup();
    content.footer = capacities.into_iter().flat_map(|capacity| wording::footer(sender, capacity)).collect();
    content.footer.dedup();
    let Some(at) = occasions.iter().map(|occasion| occasion.message.created_at).max() else {
        crate::bug!("a digest of no letters was to be written")
    };
    let envelope = Envelope { name: name_of_digest(occasions, to), to, at, thread: None };
    mime::assemble(sender, &envelope, &content)
}

/// Writes a mail that only shows that mails arrive. Its name is made of `name`, which is to be new each time.
pub fn write_test(sender: &Sender, (name, at): (Uuid, Timestamp), to: &Email) -> Result<Mail, Unwritable> {
    let mut content = Content::new(format!("A test of {}", show::one_line(sender.house().as_str())));
    content.say("Somebody who runs this installation wanted to know whether its mails reach you. They do. Nothing is asked of you.");
    content.footer = wording::footer(sender, &Capacity::Named);
    let envelope = Envelope { name: format!("test.{name}.{}", fingerprint(to.folded())), to, at, thread: None };
    mime::assemble(sender, &envelope, &content)
}

/// The stable name of the mail about a message to an address. It does not show the address.
fn name_of(message: MessageId, to: &Email) -> String {
    format!("{message}.{}", fingerprint(to.folded()))
}

fn name_of_digest(occasions: &[Occasion<'_>], to: &Email) -> String {
    let mut names: Vec<_> = occasions.iter().map(|occasion| occasion.message.id.to_string()).collect();
    names.sort();
    format!("digest.{}.{}", fingerprint(&names.join(" ")), fingerprint(to.folded()))
}

fn fingerprint(text: &str) -> String {
    Digest::of(text.as_bytes()).hex().chars().take(16).collect()
}
