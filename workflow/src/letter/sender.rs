//! Who sends the letters of a house, and where its pages are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::email::Email;
use crate::domain::id::RequestId;
use crate::domain::text::{BadText, Title};

/// Who sends the letters of a house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    from: Email,
    house: Title,
    base: BaseUrl,
}

impl Sender {
    /// A house that writes as `house` from one address, with its pages below `base`. The address has to be one that a
    /// mail can be sent from, with a domain in ASCII: the names of mails end in it.
    pub fn new(from: Email, house: Title, base: BaseUrl) -> Result<Self, BadText> {
        let sender = Self { from, house, base };
        if !sender.domain().is_ascii() || sender.from.as_str().parse::<lettre::Address>().is_err() {
            return Err(BadText::new("the sender's address", format!("'{}' cannot send mail", sender.from)));
        }
        Ok(sender)
    }

    /// The address.
    pub fn from(&self) -> &Email {
        &self.from
    }

    /// What the house is called.
    pub fn house(&self) -> &Title {
        &self.house
    }

    /// The page of a request.
    pub fn page_of(&self, request: RequestId) -> String {
        format!("{}/requests/{request}", self.base)
    }

    /// What follows the `@` in the address.
    pub(super) fn domain(&self) -> &str {
        self.from.as_str().rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Where the pages of a house begin: `http` or `https`, a host, perhaps a port and a path; no `/` at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(String);

impl FromStr for BaseUrl {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        let bad = |problem: &str| BadText::new("the address of the pages", format!("'{text}' {problem}"));
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or_else(|| bad("begins neither with https:// nor with http://"))?.trim_end_matches('/');
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() || !host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c)) {
            return Err(bad("has no host, or one with characters that a host does not have"));
        }
        if !rest.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:[]/".contains(c)) {
            return Err(bad("has more than a host, a port and a plain path"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        text.parse()
    }
}

impl From<BaseUrl> for String {
    fn from(url: BaseUrl) -> String {
        url.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_pages_is_a_plain_one() {
        for good in
            ["https://gate.example.org", "http://127.0.0.1:8080/", "https://example.org/gate", "http://[::1]:80"]
        {
            assert_eq!(good.parse::<BaseUrl>().unwrap().to_string(), good.trim_end_matches('/'));
        }
        for bad in [
            "",
            "gate.example.org",
            "ftp://x",
            "https://",
            "https:///x",
            "https://a@b",
            "https://x/?q",
            "https://x/\"",
            "http://x y",
        ] {
            assert!(bad.parse::<BaseUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sender_has_an_address_that_can_send() {
        let sender = |from: &str| {
            Sender::new(
                Email::parse(from).unwrap(),
                Title::parse("Gate").unwrap(),
                "https://gate.example.org".parse().unwrap(),
            )
        };
        assert!(sender("gate@example.org").is_ok());
        assert!(sender("gate@bücher.example").unwrap_err().to_string().contains("cannot send mail"));
    }
}
