use std::collections::BTreeSet;

use super::*;
use crate::database::Mode;
use workflow::domain::text::Title;
use workflow::ports::Kind;
use workflow::ports::sessions::{KeyScope, Sessions as _};

struct Desk {
    sessions: Sessions,
    _directory: tempfile::TempDir,
}

fn desk() -> Desk {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&directory.path().join("lockgate.db"), Mode::ReadWrite).unwrap();
    Desk { sessions: Sessions::new(database), _directory: directory }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: LOCAL_ISSUER.into(), subject: subject.into() }
}

fn session(token: &str, subject: &str) -> Session {
    Session {
        token: Digest::of(token.as_bytes()),
        identity: identity(subject),
        opened_at: at(0),
        seen_at: at(0),
        expires_at: at(100),
    }
}

fn key(id: &str, secret: &str) -> ApiKey {
    ApiKey {
        id: id.into(),
        secret: Digest::of(secret.as_bytes()),
        label: Title::parse("nightly export").unwrap(),
        identity: identity("ada"),
        scopes: BTreeSet::from([KeyScope::Act]),
        created_at: at(1),
        expires_at: at(9),
        revoked_at: None,
    }
}

#[tokio::test]
async fn an_account_is_found_by_its_address_in_any_letters() {
    let desk = desk();
    let email = Email::parse("Ada@Example.org").unwrap();
    let account = Account { identity: identity("ada"), email, password: "$argon2id$x".into() };
    desk.sessions.save_account(&account).await.unwrap();
    desk.sessions.save_account(&account).await.unwrap();
    let found = desk.sessions.account(&Email::parse("ADA@example.ORG").unwrap()).await.unwrap();
    assert_eq!(found, Some(account));
}

#[tokio::test]
async fn a_session_that_was_closed_does_not_come_back_by_being_used() {
    let desk = desk();
    let session = session("t", "ada");
    desk.sessions.open(&session).await.unwrap();
    assert_eq!(desk.sessions.find(&session.token).await.unwrap(), Some(session.clone()));
    desk.sessions.close(&session.token).await.unwrap();
    desk.sessions.touch(&session.token, at(5)).await.unwrap();
    assert_eq!(desk.sessions.find(&session.token).await.unwrap(), None);
}

#[tokio::test]
async fn closing_all_sessions_of_a_person_leaves_those_of_others() {
    let desk = desk();
    for (token, subject) in [("a", "ada"), ("b", "ada"), ("c", "bob")] {
        desk.sessions.open(&session(token, subject)).await.unwrap();
    }
    assert_eq!(desk.sessions.close_all(Some(&identity("ada"))).await.unwrap(), 2);
    assert!(desk.sessions.find(&Digest::of(b"c")).await.unwrap().is_some());
    assert_eq!(desk.sessions.close_all(None).await.unwrap(), 1);
}

#[tokio::test]
async fn sessions_that_ended_or_lie_idle_are_forgotten() {
    let desk = desk();
    for token in ["idle", "used"] {
        desk.sessions.open(&session(token, "ada")).await.unwrap();
    }
    desk.sessions.touch(&Digest::of(b"used"), at(50)).await.unwrap();
    desk.sessions.prune(at(60), at(40)).await.unwrap();
    assert!(desk.sessions.find(&Digest::of(b"idle")).await.unwrap().is_none());
    assert_eq!(desk.sessions.find(&Digest::of(b"used")).await.unwrap().unwrap().seen_at, at(50));
    desk.sessions.prune(at(100), at(40)).await.unwrap();
    assert!(desk.sessions.find(&Digest::of(b"used")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_key_is_entered_once_and_its_first_revocation_stands() {
    let desk = desk();
    desk.sessions.add_key(&key("k", "s")).await.unwrap();
    desk.sessions.add_key(&key("k", "s")).await.unwrap();
    assert_eq!(desk.sessions.add_key(&key("k", "other")).await.unwrap_err().kind, Kind::Conflict);
    desk.sessions.revoke_key("k", at(3)).await.unwrap();
    desk.sessions.revoke_key("k", at(4)).await.unwrap();
    assert_eq!(desk.sessions.revoke_key("none", at(4)).await.unwrap_err().kind, Kind::Missing);
    let expected = ApiKey { revoked_at: Some(at(3)), ..key("k", "s") };
    assert_eq!(desk.sessions.keys(Some(&identity("ada"))).await.unwrap(), [expected]);
    assert!(desk.sessions.keys(Some(&identity("bob"))).await.unwrap().is_empty());
    assert_eq!(desk.sessions.keys(None).await.unwrap().len(), 1);
}
