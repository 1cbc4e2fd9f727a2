//! How mails leave: over SMTP, or as files in an outbox folder that people, or a mail program, can look into.

mod smtp;
pub(crate) mod way;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use workflow::ports::mailer::Mail;
use workflow::ports::{self, PortResult};

use crate::disk::Disk;
use crate::failure::{OfPort, blocking};

pub use smtp::{Security, Server, Smtp};

/// The longest file name that is kept as it is; longer ones end in a digest.
const LONGEST_NAME: usize = 180;

/// Puts each mail into a folder as one `.eml` file.
#[derive(Debug, Clone)]
pub struct OutboxFolder {
    folder: PathBuf,
    disk: Disk,
}

impl OutboxFolder {
    /// A folder for mails; it is made with the first one.
    pub fn new(folder: impl Into<PathBuf>, disk: Disk) -> Self {
        Self { folder: folder.into(), disk }
    }

    fn keep(&self, mail: &Mail) -> std::io::Result<()> {
        let path = self.folder.join(file_name(&mail.name));
        if path.exists() {
            return self.disk.sync_folder(&self.folder);
        }
        let mut draft = self.disk.draft()?;
        draft.write_all(&mail.text)?;
        draft.publish_new(&path).map(|_| ())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }
}

#[async_trait]
impl ports::Mailer for OutboxFolder {
    async fn send(&self, mail: &Mail) -> PortResult<String> {
        let (folder, mail) = (self.clone(), mail.clone());
        let name = mail.name.clone();
        let kept = blocking(move || folder.keep(&mail)).await.of_port("mailer", || format!("keep mail {name}"));
        kept.map(|()| format!("kept as {}", file_name(&name)))
    }
}

/// The stable name as a file name: what could mean a folder or an option is escaped.
fn file_name(name: &str) -> String {
    let mut safe = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"@_".contains(&byte) || (at > 0 && b".-+".contains(&byte));
        if plain {
            safe.push(char::from(byte));
        } else {
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    if safe.len() > LONGEST_NAME {
        safe.truncate(LONGEST_NAME - 64);
        safe.push_str(&hex::encode(Sha256::digest(name)));
    }
    safe + ".eml"
}

#[cfg(test)]
mod tests {
    use workflow::domain::email::Email;
    use workflow::ports::Mailer as _;

    use super::*;

    fn mail(name: &str, text: &[u8]) -> Mail {
        Mail {
            name: name.to_owned(),
            from: Email::parse("gate@example.org").unwrap(),
            to: Email::parse("ada@example.org").unwrap(),
            text: text.to_vec(),
        }
    }

    #[tokio::test]
    async fn a_mail_that_is_sent_twice_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path().join("drafts"), None).unwrap();
        let outbox = OutboxFolder::new(folder.path().join("outbox"), disk);
        outbox.send(&mail("m1-ada@example.org", b"first")).await.unwrap();
        outbox.send(&mail("m1-ada@example.org", b"again")).await.unwrap();
        outbox.send(&mail("m2-ada@example.org", b"other")).await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("outbox/m1-ada@example.org.eml")).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(outbox.path()).unwrap().count(), 2);
    }

    #[test]
    fn no_name_leaves_the_folder_and_no_two_names_are_one_file() {
        assert_eq!(file_name("../x"), "%2E.%2Fx.eml");
        assert_eq!(file_name("-x"), "%2Dx.eml");
        let (long, longer) = ("a".repeat(300), "a".repeat(301));
        assert_ne!(file_name(&long), file_name(&longer));
        assert!(file_name(&long).len() < 255);
    }
}
