//! Whatever people write, the mail is ours.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::read::{read, words_of_html, words_of_text};
use super::*;
use crate::domain::person::{Identity, Who};
use crate::domain::text::PersonName;

const HEADERS: [&str; 12] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "X-Lockgate-Message",
    "Auto-Submitted",
    "List-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
];

/// Pieces that have broken mails and pages elsewhere.
const PIECES: [&str; 24] = [
    "\r\nBcc: all@evil.example\r\n",
    "\n\n",
    "\n.\n",
    "\nFrom nobody\n",
    "\n--=_",
    "\n-- \n",
    "=?utf-8?q?=0D=0ABcc:_x?=",
    "=0D=0A",
    "<script>alert(1)</script>",
    "<a href=\"https://evil.example\">here</a>",
    "</blockquote></body>",
    "\" onload=\"x",
    "&#60;",
    "{{ content }}",
    "{% for %}",
    "https://gate.trust.example.evil.example/requests/",
    "www.evil.example",
    "mailto:x@evil.example",
    "\u{202E}gpj",
    "\u{2028}To: x",
    "\u{0}\u{1b}[2J",
    "> ",
    "- Title: released",
    "  ",
];

fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        "[ -~]{1,90}",
        any::<char>().prop_map(String::from),
        "\\PC{1,8}",
    ];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// A text of a domain's type, made of as much of some words as the type takes.
fn text<T>(parse: fn(String) -> Option<T>) -> impl Strategy<Value = T>
where
    T: std::fmt::Debug,
{
    words().prop_filter_map("not of this type", move |words| {
        let tame: String = words.chars().filter(|c| !c.is_control()).take(200).collect();
        parse(words).or_else(|| parse(tame))
    })
}

fn email() -> impl Strategy<Value = Email> {
    let local = prop_oneof!["[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,20}", "=\\?utf-8\\?q\\?[a-z=0-9_]{1,9}\\?=", "\\PC{1,8}"];
    let domain = prop_oneof!["[a-z]{1,8}(\\.[a-z]{2,4}){0,2}", "\\PC{1,8}"];
    (local, domain).prop_filter_map("no address", |(local, domain)| Email::parse(format!("{local}@{domain}")).ok())
}

#[derive(Debug, Clone)]
struct Words {
    title: Title,
    prose: Reason,
    sentence: String,
    name: PersonName,
    email: Email,
}

fn hostile() -> impl Strategy<Value = Words> {
    let title = text(|t| Title::parse(t).ok());
    let prose = text(|t| Reason::parse(t).ok());
    let name = text(|t| PersonName::parse(t).ok());
    (title, prose, words(), name, email()).prop_map(|(title, prose, sentence, name, email)| Words {
        title,
        prose,
        sentence,
        name,
        email,
    })
}

/// Everything that people can write into a request and a letter, replaced.
fn rewrite(request: &mut Request, about: &mut Letter, words: &Words) {
    request.title = words.title.clone();
    request.purpose = Some(words.prose.clone());
    let identity = Identity { issuer: "platform".into(), subject: "u".into() };
    let verified_emails = [words.email.clone()].into();
    request.requesters = vec![Who {
        name: words.name.clone(),
        email: words.email.clone(),
        identities: [identity].into(),
        verified_emails,
    }];
    for decision in request.rounds.iter_mut().flat_map(|round| &mut round.decisions) {
        decision.ballot.reason = Some(words.prose.clone());
        decision.by.name = words.name.clone();
    }
    match about {
        Letter::Ended { reason, .. } => *reason = Some(words.prose.clone()),
        Letter::Revoked { reason } | Letter::Commented { text: reason } => *reason = words.prose.clone(),
        Letter::Failed { sentence } | Letter::Undeliverable { trouble: sentence, .. } => {
            sentence.clone_from(&words.sentence);
        }
        Letter::Received
        | Letter::Queued
        | Letter::ReviewWanted { .. }
        | Letter::Reminder { .. }
        | Letter::Escalation { .. }
        | Letter::Released => {}
    }
}

fn assert_is_ours(mail: &Mail, request: &Request) -> Result<(), TestCaseError> {
    let raw = &mail.text;
    prop_assert!(raw.split(|b| *b == b'\n').rev().skip(1).all(|line| line.ends_with(b"\r") && line.len() <= 998));
    prop_assert!(!raw.windows(2).any(|pair| pair.starts_with(b"\r") && !pair.ends_with(b"\n")));
    let read = read(mail);
    let mut headers = read.headers.clone();
    headers.sort_unstable();
    let mut expected = HEADERS;
    expected.sort_unstable();
    prop_assert_eq!(headers, expected);
    let parsed = super::read::parse(mail);
    let to: Vec<_> = parsed.to().unwrap().iter().map(|to| to.address().unwrap().to_owned()).collect();
    prop_assert_eq!(to, [mail.to.to_string()]);
    let from: Vec<_> = parsed.from().unwrap().iter().map(|from| from.address().unwrap().to_owned()).collect();
    prop_assert_eq!(from, ["lockgate@trust.example"]);
    prop_assert_eq!(words_of_text(&read.text), words_of_html(&read.html));
    let page = sender().page_of(request.id);
    for part in [&read.text, &read.html] {
        prop_assert!(part.match_indices("://").all(|(at, _)| part[at - 5..].starts_with(&page)), "{}", part);
    }
    prop_assert_eq!(read.html.matches("href=").count(), 1 + read.html.matches("href=&#34;").count());
    prop_assert!(!read.html.contains("<script") && !read.html.contains("<img") && !read.html.contains("<table"));
    Ok(())
}

fn is_odd(address: &str) -> bool {
    !address.is_ascii() || address.starts_with('.') || ["..", ".@", "=?"].iter().any(|odd| address.contains(odd))
}

/// Made once: a letter's request has a life behind it.
static LETTERS: LazyLock<Vec<(&'static str, Request, Letter, Capacity)>> = LazyLock::new(every_letter);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_people_write_the_mail_has_our_headers_our_links_and_two_equal_parts(words in hostile()) {
        for (name, mut request, mut about, capacity) in LETTERS.clone() {
            rewrite(&mut request, &mut about, &words);
            let message = message(&request, 7, &about);
            let occasion = Occasion { message: &message, about: &about, request: &request, capacity: &capacity, checkpoint: None };
            match write(&sender(), occasion, &words.email) {
                Ok(mail) => {
                    assert_is_ours(&mail, &request)?;
                    prop_assert_eq!(read(&mail).subject, crate::letter::wording::of(&sender(), occasion).subject);
                }
                Err(Unwritable(email)) => prop_assert!(is_odd(email.as_str()), "{} {}", name, email),
            }
        }
    }
}
