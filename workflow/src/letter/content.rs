//! What a letter says, before it is text or HTML: both templates show the same blocks, so neither can say more.

use askama::Template;

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// What the letter is about and what is asked of its reader, in one short line.
    pub(super) subject: String,
    /// Its body, in order.
    pub(super) blocks: Vec<Block>,
    /// Who sent it, and why to this reader.
    pub(super) footer: Vec<String>,
}

/// One block of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// Begins a letter within a digest.
    Heading(String),
    /// Our own words.
    Paragraph(String),
    /// Lines of a label and a value.
    Facts(Vec<(&'static str, String)>),
    /// Somebody else's words, line by line.
    Quote(Vec<String>),
    /// A place to go to, with what is there.
    Link {
        /// What is there.
        label: &'static str,
        /// Where it is: always below the house's own address.
        url: String,
    },
}

impl Content {
    pub(super) fn new(subject: String) -> Self {
        Self { subject, blocks: Vec::new(), footer: Vec::new() }
    }

    /// Adds a paragraph of our own words.
    pub(super) fn say(&mut self, sentence: impl Into<String>) {
        self.blocks.push(Block::Paragraph(sentence.into()));
    }

    /// Adds somebody else's words.
    pub(super) fn quote(&mut self, words: &str) {
        self.blocks.push(Block::Quote(super::show::lines(words)));
    }

    /// Adds lines of a label and a value.
    pub(super) fn state(&mut self, facts: Vec<(&'static str, String)>) {
        self.blocks.push(Block::Facts(facts));
    }

    /// The letter as plain text.
    pub(super) fn to_text(&self) -> String {
        shown(Text { content: self }.render())
    }

    /// The letter as HTML.
    pub(super) fn to_html(&self) -> String {
        shown(Html { content: self }.render())
    }
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    content: &'a Content,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    content: &'a Content,
}

fn shown(rendered: askama::Result<String>) -> String {
    match rendered {
        Ok(text) => text,
        Err(error) => crate::bug!("a letter could not be shown: {error}"),
    }
}
