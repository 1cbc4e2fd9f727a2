//! The contract of [`Mailer`].

use std::sync::Arc;

use async_trait::async_trait;
use workflow::ports::Mailer;
use workflow::ports::mailer::Mail;

use crate::builders::email;

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("mailer.rs");

/// The other end of the wire.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Every mail that arrived, as text.
    async fn arrived(&self) -> Vec<Vec<u8>>;
}

/// The port, and where its mails arrive.
pub struct Post {
    /// The port.
    pub mailer: Arc<dyn Mailer>,
    /// Where its mails arrive.
    pub mailbox: Arc<dyn Mailbox>,
}

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! mailer_contract {
    ($make:path) => {
        $crate::contract!(
            mailer,
            $make,
            [
                a_mail_arrives_as_it_was_written,
                a_mail_that_is_sent_again_is_the_same_mail,
                mails_of_different_names_all_arrive,
                an_address_that_looks_like_a_path_is_an_address,
            ]
        );
    };
}

/// Not a byte more or less, but for what the way adds to the head.
pub async fn a_mail_arrives_as_it_was_written(post: &Post) {
    let mail = mail("r.1.0", "ada@example.org", "Three files wait for you.");
    post.mailer.send(&mail).await.unwrap();
    let arrived = post.mailbox.arrived().await;
    assert_eq!(arrived.len(), 1);
    assert!(shows(&arrived[0], "Three files wait for you."));
}

/// Whoever gets it twice can tell by its name; where the house can tell, nobody gets it twice.
pub async fn a_mail_that_is_sent_again_is_the_same_mail(post: &Post) {
    let mail = mail("r.1.0", "ada@example.org", "Three files wait for you.");
    post.mailer.send(&mail).await.unwrap();
    post.mailer.send(&mail).await.unwrap();
    let arrived = post.mailbox.arrived().await;
    assert!(!arrived.is_empty());
    assert!(arrived.iter().all(|text| shows(text, "X-Lockgate-Message: r.1.0")));
}

/// Two letters about one request are two letters.
pub async fn mails_of_different_names_all_arrive(post: &Post) {
    for name in ["r.1.0", "r.1.1", "r.2.0", "r.2.0/x", "R.2.0"] {
        post.mailer.send(&mail(name, "ada@example.org", name)).await.unwrap();
    }
    assert_eq!(post.mailbox.arrived().await.len(), 5);
}

/// An address may hold slashes and dots, and a house may name files after mails.
pub async fn an_address_that_looks_like_a_path_is_an_address(post: &Post) {
    let address = "a/../../../../b@example.org";
    post.mailer.send(&mail(&format!("r.1.0 {address}"), address, "To you.")).await.unwrap();
    let arrived = post.mailbox.arrived().await;
    assert_eq!(arrived.len(), 1);
    assert!(shows(&arrived[0], "To you."));
}

fn mail(name: &str, to: &str, body: &str) -> Mail {
    let text = format!(
        "From: gate@example.org\r\nTo: {to}\r\nSubject: A request\r\nX-Lockgate-Message: {name}\r\n\r\n{body}\r\n"
    );
    Mail { name: name.to_owned(), from: email("gate@example.org"), to: email(to), text: text.into_bytes() }
}

fn shows(text: &[u8], part: &str) -> bool {
    String::from_utf8_lossy(text).contains(part)
}
