//! The way that mails leave, as the configuration says.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};

use super::smtp::{Security, Server};
use crate::house::BadConfig;
use crate::house::config::{Mail, MailSecurity, MailWay};

/// The variable that may hold the password. It is no setting: settings are shown.
pub(crate) const PASSWORD: &str = "LOCKGATE_MAIL_PASSWORD";
/// How long one mail may take: the delivery's lease has room for five such mails.
const LONGEST: Duration = Duration::from_mins(2);

/// The mail server that the settings name; none if mails are kept as files.
pub(crate) fn server(mail: &Mail, dir: &Path, environment: &[(String, String)]) -> Result<Option<Server>, BadConfig> {
    if mail.way == MailWay::Folder {
        return Ok(None);
    }
    let host = mail.smtp_host.trim().to_owned();
    if host.is_empty() || host.chars().any(|c| c.is_whitespace() || c == '/') {
        return Err(unusable("smtp_host", "the way is \"smtp\", so it has to be the name of the mail server"));
    }
    if mail.smtp_port == 0 {
        return Err(unusable("smtp_port", "a port is between 1 and 65535"));
    }
    let security = security(mail, &host, dir)?;
    let credentials = credentials(mail, (dir, environment), &security)?;
    let own_name = mail.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain).to_owned();
    Ok(Some(Server { port: mail.smtp_port, within: within(mail)?, host, security, credentials, own_name }))
}

fn unusable(key: &str, problem: impl Into<String>) -> BadConfig {
    BadConfig::Unusable { whence: format!("the setting mail.{key}"), problem: problem.into() }
}

fn within(mail: &Mail) -> Result<Duration, BadConfig> {
    let within = Duration::try_from(mail.smtp_timeout).unwrap_or_default();
    if within.is_zero() || within > LONGEST {
        return Err(unusable("smtp_timeout", "it has to be more than nothing and at most 2 minutes"));
    }
    Ok(within)
}

fn security(mail: &Mail, host: &str, dir: &Path) -> Result<Security, BadConfig> {
    match mail.smtp_security {
        MailSecurity::Starttls => tls(mail, host, dir).map(Security::Starttls),
        MailSecurity::Tls => tls(mail, host, dir).map(Security::Tls),
        MailSecurity::Plain => Ok(Security::None),
        MailSecurity::Loopback if is_loopback(host) => Ok(Security::None),
        MailSecurity::Loopback => {
            let problem = format!(
                "\"loopback\" is for a mail server on this machine, and {host} may be another; take \"starttls\" or \"tls\""
            );
            Err(unusable("smtp_security", problem))
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn tls(mail: &Mail, host: &str, dir: &Path) -> Result<TlsParameters, BadConfig> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if !mail.smtp_ca.as_os_str().is_empty() {
        let path = dir.join(&mail.smtp_ca);
        let wrong = |problem: String| unusable("smtp_ca", format!("{}: {problem}", path.display()));
        let pem = fs::read(&path).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
        if !pem.windows(11).any(|window| window == b"-----BEGIN ") {
            return Err(wrong("it holds no certificate in the form of PEM".to_owned()));
        }
        let certificate = Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))?;
        parameters = parameters.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    parameters.build().map_err(|error| unusable("smtp_ca", error.to_string()))
}

fn credentials(
    mail: &Mail,
    (dir, environment): (&Path, &[(String, String)]),
    security: &Security,
) -> Result<Option<Credentials>, BadConfig> {
    if mail.smtp_user.is_empty() {
        return Ok(None);
    }
    if matches!(security, Security::None) && mail.smtp_security == MailSecurity::Plain {
        return Err(unusable(
            "smtp_user",
            "a password is not sent over a network in the clear; take \"starttls\" or \"tls\"",
        ));
    }
    let given = environment.iter().find(|(name, _)| name == PASSWORD).map(|(_, value)| value.clone());
    let password = match given {
        Some(password) => password,
        None => read_password(mail, dir)?,
    };
    Ok(Some(Credentials::new(mail.smtp_user.clone(), password)))
}

fn read_password(mail: &Mail, dir: &Path) -> Result<String, BadConfig> {
    if mail.smtp_password_file.as_os_str().is_empty() {
        let problem =
            format!("there is a user, so it has to name the file with the password, or {PASSWORD} has to hold it");
        return Err(unusable("smtp_password_file", problem));
    }
    let path = dir.join(&mail.smtp_password_file);
    let wrong = |problem: String| unusable("smtp_password_file", format!("{}: {problem}", path.display()));
    let text = fs::read_to_string(&path).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
    let password = text.lines().next().unwrap_or_default();
    if password.is_empty() {
        return Err(wrong("its first line is empty".to_owned()));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests;
