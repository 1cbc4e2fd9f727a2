use super::*;
use crate::house::Config;

fn server_of(settings: &str, environment: &[(&str, &str)], dir: &Path) -> Result<Option<Server>, String> {
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let text = format!("[mail]\nfrom = \"gate@trust.example\"\n{settings}");
    let config = Config::parse(&text, "lockgate.toml", environment.clone()).map_err(|bad| bad.to_string())?;
    server(&config.mail, dir, &environment).map_err(|bad| bad.to_string())
}

#[test]
fn without_a_word_mails_are_files() {
    assert!(server_of("", &[], Path::new("/")).unwrap().is_none());
}

#[test]
fn what_cannot_work_is_said_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("empty"), "").unwrap();
    for (settings, said) in [
        ("way = \"pigeon\"", "mail.way"),
        ("way = \"smtp\"", "mail.smtp_host is not usable: the way is \"smtp\""),
        ("way = \"smtp\"\nsmtp_host = \"a b\"", "mail.smtp_host"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_port = 0", "mail.smtp_port"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_port = 70000", "smtp_port"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_security = \"loopback\"", "for a mail server on this machine"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_timeout = \"10 minutes\"", "at most 2 minutes"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_ca = \"nowhere.pem\"", "cannot be read"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_ca = \"empty\"", "no certificate"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_user = \"gate\"", "LOCKGATE_MAIL_PASSWORD"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_user = \"gate\"\nsmtp_password_file = \"empty\"", "first line"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_user = \"gate\"\nsmtp_password_file = \"no\"", "cannot be read"),
        ("way = \"smtp\"\nsmtp_host = \"mx\"\nsmtp_user = \"gate\"\nsmtp_security = \"plain\"", "in the clear"),
    ] {
        let refusal = server_of(settings, &[], dir.path()).unwrap_err();
        assert!(refusal.contains(said), "{settings}: {refusal}");
    }
}

#[test]
fn a_password_comes_from_a_file_or_a_variable_and_is_shown_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("password"), "canary-in-a-file\n").unwrap();
    let settings =
        "way = \"smtp\"\nsmtp_host = \"mx.trust.example\"\nsmtp_user = \"gate\"\nsmtp_password_file = \"password\"";
    let from_file = server_of(settings, &[], dir.path()).unwrap().unwrap();
    assert_eq!(from_file.credentials, Some(Credentials::new("gate".into(), "canary-in-a-file".into())));
    let variable = [(PASSWORD, "canary-in-a-variable")];
    let from_variable = server_of(settings, &variable, dir.path()).unwrap().unwrap();
    assert_eq!(from_variable.credentials, Some(Credentials::new("gate".into(), "canary-in-a-variable".into())));
    let shown = format!("{from_file:?} {from_variable:?} {:?}", from_variable.credentials);
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn this_machine_may_be_spoken_to_in_the_clear() {
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
        let settings = format!("way = \"smtp\"\nsmtp_host = \"{host}\"\nsmtp_security = \"loopback\"");
        let server = server_of(&settings, &[], Path::new("/")).unwrap().unwrap();
        assert!(matches!(server.security, Security::None), "{host}");
    }
}
