//! A mail's text as it goes over the line.

use std::fmt;

/// A whole mail and the line that ends it, to be written at once: a client that writes them one after the other waits
/// for the server to acknowledge the first, and servers take up to 40 ms for that.
pub(super) struct Content<'a> {
    text: &'a str,
}

impl<'a> Content<'a> {
    /// None if it is no text.
    pub(super) fn of(text: &'a [u8]) -> Option<Self> {
        std::str::from_utf8(text).ok().map(|text| Self { text })
    }
}

impl fmt::Display for Content<'_> {
    /// A line that begins with a dot gets a second one (RFC 5321, 4.5.2): a lone dot ends the mail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.text.split_inclusive('\n') {
            if line.starts_with('.') {
                f.write_str(".")?;
            }
            f.write_str(line)?;
        }
        if !self.text.ends_with("\r\n") {
            f.write_str("\r\n")?;
        }
        f.write_str(".\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> String {
        Content::of(text.as_bytes()).unwrap().to_string()
    }

    #[test]
    fn a_lone_dot_of_the_mail_does_not_end_it() {
        assert_eq!(sent("a\r\n.\r\nb.\r\n"), "a\r\n..\r\nb.\r\n.\r\n");
        assert_eq!(sent(".a"), "..a\r\n.\r\n");
        assert_eq!(sent("a\n.\r\n"), "a\n..\r\n.\r\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_no_mail() {
        assert!(Content::of(&[0xff]).is_none());
    }
}
