//! The configuration: one file, overridden by the environment, read once.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// The file that a new house gets: every setting with its default and what it is for.
pub const TEMPLATE: &str = include_str!("lockgate.toml");

const PREFIX: &str = "LOCKGATE_";
/// Variables that are no settings: the command line reads them itself.
const NOT_SETTINGS: [&str; 4] = ["LOCKGATE_DIR", "LOCKGATE_AS", "LOCKGATE_LOG", crate::mailer::way::PASSWORD];

/// Every setting. What each is for is said in [`TEMPLATE`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the template says what each setting is for, and a test holds the two together")]
pub struct Config {
    pub house: House,
    pub server: Server,
    pub sns: Sns,
    pub mail: Mail,
    pub chores: Chores,
    pub clock: Clock,
    pub workers: Workers,
    pub disk: Disk,
}

/// `[house]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct House {
    pub name: String,
}

/// `[server]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct Server {
    pub address: String,
    pub url: String,
    pub profile: Profile,
    pub tls_certificate: PathBuf,
    pub tls_key: PathBuf,
    pub proxies: usize,
    pub session_at_most: SignedDuration,
    pub session_idle: SignedDuration,
    pub stop_within: SignedDuration,
}

/// `[sns]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct Sns {
    pub topics: Vec<String>,
    pub certificates: Vec<PathBuf>,
}

/// Whether people come over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// One machine, without TLS.
    Local,
    /// Behind TLS.
    Network,
}

/// `[mail]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct Mail {
    pub from: String,
    pub way: MailWay,
    pub smtp_host: String,
    pub smtp_port: u16,
    pub smtp_security: MailSecurity,
    pub smtp_ca: PathBuf,
    pub smtp_user: String,
    pub smtp_password_file: PathBuf,
    pub smtp_timeout: SignedDuration,
}

/// Where mails go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailWay {
    /// Into a folder, as files.
    Folder,
    /// To a mail server.
    Smtp,
}

/// How the connection to the mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// By TLS, once the server has agreed to it.
    Starttls,
    /// By TLS from the first byte.
    Tls,
    /// By not leaving this machine.
    Loopback,
    /// Not at all.
    Plain,
}

/// `[chores]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct Chores {
    pub deliver_every: SignedDuration,
    pub sweep_every: SignedDuration,
    pub seal_every: SignedDuration,
    pub clean_every: SignedDuration,
    pub watch_every: SignedDuration,
}

/// `[clock]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct Clock {
    pub hold_after: SignedDuration,
}

/// `[workers]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct Workers {
    pub threads: usize,
}

/// `[disk]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as for Config")]
pub struct Disk {
    pub ballast: u32,
    pub keep_free: u32,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is no TOML, or a setting has the wrong type.
    #[error("{whence} is not usable: {problem}")]
    Unusable {
        /// The file or the variable.
        whence: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A setting has a name that there is none of.
    #[error("{whence} names the setting {name}, and there is none of that name")]
    Unknown {
        /// The file or the variable.
        whence: String,
        /// The name.
        name: String,
    },
}

impl Config {
    /// Reads the file, and then the variables of the environment.
    pub fn read(path: &Path, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadConfig> {
        let unreadable = |source| BadConfig::Unreadable { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text, &path.display().to_string(), environment)
    }

    /// Reads a text that came from `whence`, and then the variables of the environment.
    pub fn parse(
        text: &str,
        whence: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BadConfig> {
        let unusable = |problem: &toml::de::Error| BadConfig::Unusable {
            whence: whence.to_owned(),
            problem: problem.to_string().trim_end().to_owned(),
        };
        let given: Table = toml::from_str(text).map_err(|error| unusable(&error))?;
        let mut settings = defaults();
        overlay(&mut settings, given, whence)?;
        for (variable, value) in environment {
            override_one(&mut settings, &variable, &value)?;
        }
        settings.try_into().map_err(|error| unusable(&error))
    }
}

fn defaults() -> Table {
    toml::from_str(TEMPLATE).unwrap_or_else(|error| workflow::bug!("the shipped configuration is no TOML: {error}"))
}

/// Puts what is given in the place of the defaults.
fn overlay(settings: &mut Table, given: Table, whence: &str) -> Result<(), BadConfig> {
    for (section, value) in given {
        let unknown = |name: String| BadConfig::Unknown { whence: whence.to_owned(), name };
        let known = settings.get_mut(&section).and_then(Value::as_table_mut);
        let (Some(known), Value::Table(given)) = (known, value) else { return Err(unknown(section)) };
        for (key, value) in given {
            let setting = known.get_mut(&key).ok_or_else(|| unknown(format!("{section}.{key}")))?;
            *setting = value;
        }
    }
    Ok(())
}

fn override_one(settings: &mut Table, variable: &str, text: &str) -> Result<(), BadConfig> {
    let Some(name) = variable.strip_prefix(PREFIX).filter(|_| !NOT_SETTINGS.contains(&variable)) else { return Ok(()) };
    let name = name.to_ascii_lowercase();
    let unknown =
        || BadConfig::Unknown { whence: format!("the variable {variable}"), name: name.replacen('_', ".", 1) };
    let (section, key) = name.split_once('_').ok_or_else(unknown)?;
    let setting = settings.get_mut(section).and_then(|section| section.get_mut(key)).ok_or_else(unknown)?;
    let unusable =
        |problem: &str| BadConfig::Unusable { whence: format!("the variable {variable}"), problem: problem.to_owned() };
    *setting = match setting {
        Value::Integer(_) => Value::Integer(text.parse().map_err(|_| unusable("it has to be a whole number"))?),
        Value::Boolean(_) => Value::Boolean(text.parse().map_err(|_| unusable("it has to be true or false"))?),
        Value::Array(_) => {
            let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            Value::Array(entries.map(|entry| Value::String(entry.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, BadConfig> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse(text, "lockgate.toml", environment)
    }

    #[test]
    fn what_is_not_given_has_the_default_of_the_file_that_is_shipped() {
        let config = parse("", &[]).unwrap();
        assert_eq!(config, parse(TEMPLATE, &[]).unwrap());
        assert_eq!(config.server.address, "127.0.0.1:8080");
        assert_eq!(config.chores.sweep_every, SignedDuration::from_mins(1));
    }

    #[test]
    fn every_setting_of_the_shipped_file_says_what_it_is_for() {
        let mut before = "";
        for line in TEMPLATE.lines() {
            let is_setting = line.contains(" = ");
            assert!(!is_setting || before.starts_with('#') || before.contains(" = "), "{line}");
            before = line;
        }
    }

    #[test]
    fn the_environment_has_the_last_word() {
        let overrides = [("LOCKGATE_SERVER_ADDRESS", "0.0.0.0:1"), ("LOCKGATE_DISK_KEEP_FREE", "7"), ("HOME", "/")];
        let config = parse("[server]\naddress = \"127.0.0.1:9\"", &overrides).unwrap();
        assert_eq!((config.server.address.as_str(), config.disk.keep_free), ("0.0.0.0:1", 7));
        parse("", &[("LOCKGATE_DIR", "x")]).unwrap();
        let topics = parse("", &[("LOCKGATE_SNS_TOPICS", "arn:a, arn:b,")]).unwrap().sns.topics;
        assert_eq!(topics, ["arn:a", "arn:b"]);
    }

    #[test]
    fn what_is_not_known_or_not_usable_is_refused_by_name() {
        for (text, variable, said) in [
            ("[server]\nadress = \"x\"", ("A", "b"), "server.adress"),
            ("[sever]\naddress = \"x\"", ("A", "b"), "sever"),
            ("", ("LOCKGATE_SERVER_ADRESS", "x"), "LOCKGATE_SERVER_ADRESS"),
            ("", ("LOCKGATE_DISK_BALLAST", "much"), "LOCKGATE_DISK_BALLAST"),
            ("[disk]\nballast = \"much\"", ("A", "b"), "ballast"),
            ("[chores]\nsweep_every = \"often\"", ("A", "b"), "sweep_every"),
            ("not toml", ("A", "b"), "lockgate.toml"),
        ] {
            let refusal = parse(text, &[variable]).unwrap_err().to_string();
            assert!(refusal.contains(said), "{refusal}");
        }
    }
}
