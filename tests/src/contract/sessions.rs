//! The contract of [`Sessions`].

use std::collections::BTreeSet;

use workflow::domain::digest::Digest;
use workflow::domain::person::Identity;
use workflow::domain::text::Title;
use workflow::ports::sessions::{Account, ApiKey, KeyScope, LOCAL_ISSUER, Session};
use workflow::ports::{Kind, Sessions};

use crate::builders::{at, email};

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("sessions.rs");

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! sessions_contract {
    ($make:path) => {
        $crate::contract!(
            sessions,
            $make,
            [
                an_account_is_found_by_its_address_in_any_letters,
                a_session_that_was_closed_does_not_come_back_by_being_used,
                a_session_that_is_opened_again_stays_as_it_is,
                closing_all_sessions_of_a_person_leaves_those_of_others,
                sessions_that_ended_or_lie_idle_are_forgotten,
                a_key_is_entered_once_and_its_first_revocation_stands,
            ]
        );
    };
}

/// People type as they like.
pub async fn an_account_is_found_by_its_address_in_any_letters(sessions: &dyn Sessions) {
    let account =
        Account { identity: identity("ada"), email: email("Ada@Example.org"), password: "$argon2id$x".into() };
    sessions.save_account(&account).await.unwrap();
    sessions.save_account(&account).await.unwrap();
    assert_eq!(sessions.account(&email("ADA@example.ORG")).await.unwrap(), Some(account));
    assert_eq!(sessions.account(&email("eve@example.org")).await.unwrap(), None);
}

/// Somebody signs out in one window while another goes on.
pub async fn a_session_that_was_closed_does_not_come_back_by_being_used(sessions: &dyn Sessions) {
    let session = session("t", "ada");
    sessions.open(&session).await.unwrap();
    assert_eq!(sessions.find(&session.token).await.unwrap(), Some(session.clone()));
    sessions.close(&session.token).await.unwrap();
    sessions.close(&session.token).await.unwrap();
    sessions.touch(&session.token, at(5)).await.unwrap();
    assert_eq!(sessions.find(&session.token).await.unwrap(), None);
}

/// An answer was lost.
pub async fn a_session_that_is_opened_again_stays_as_it_is(sessions: &dyn Sessions) {
    let session = session("t", "ada");
    sessions.open(&session).await.unwrap();
    sessions.touch(&session.token, at(50)).await.unwrap();
    sessions.touch(&session.token, at(40)).await.unwrap();
    sessions.open(&session).await.unwrap();
    let found = sessions.find(&session.token).await.unwrap();
    assert_eq!(found, Some(Session { seen_at: at(50), ..session }));
}

/// Whoever is shut out is out everywhere, and nobody else is.
pub async fn closing_all_sessions_of_a_person_leaves_those_of_others(sessions: &dyn Sessions) {
    for (token, subject) in [("a", "ada"), ("b", "ada"), ("c", "bob")] {
        sessions.open(&session(token, subject)).await.unwrap();
    }
    assert_eq!(sessions.close_all(Some(&identity("ada"))).await.unwrap(), 2);
    assert!(sessions.find(&Digest::of(b"c")).await.unwrap().is_some());
    assert_eq!(sessions.close_all(None).await.unwrap(), 1);
    assert!(sessions.find(&Digest::of(b"c")).await.unwrap().is_none());
}

/// However long somebody stays, and however little they do.
pub async fn sessions_that_ended_or_lie_idle_are_forgotten(sessions: &dyn Sessions) {
    for token in ["idle", "used"] {
        sessions.open(&session(token, "ada")).await.unwrap();
    }
    sessions.touch(&Digest::of(b"used"), at(50)).await.unwrap();
    sessions.prune(at(60), at(40)).await.unwrap();
    assert!(sessions.find(&Digest::of(b"idle")).await.unwrap().is_none());
    assert_eq!(sessions.find(&Digest::of(b"used")).await.unwrap().unwrap().seen_at, at(50));
    sessions.prune(at(100), at(40)).await.unwrap();
    assert!(sessions.find(&Digest::of(b"used")).await.unwrap().is_none());
}

/// A key is a name and a secret; the name is taken once.
pub async fn a_key_is_entered_once_and_its_first_revocation_stands(sessions: &dyn Sessions) {
    sessions.add_key(&key("k", "s")).await.unwrap();
    sessions.add_key(&key("k", "s")).await.unwrap();
    assert_eq!(sessions.add_key(&key("k", "other")).await.unwrap_err().kind, Kind::Conflict);
    sessions.revoke_key("k", at(3)).await.unwrap();
    sessions.revoke_key("k", at(4)).await.unwrap();
    assert_eq!(sessions.revoke_key("none", at(4)).await.unwrap_err().kind, Kind::Missing);
    let expected = ApiKey { revoked_at: Some(at(3)), ..key("k", "s") };
    assert_eq!(sessions.key("k").await.unwrap().as_ref(), Some(&expected));
    assert_eq!(sessions.keys(Some(&identity("ada"))).await.unwrap(), [expected]);
    assert!(sessions.keys(Some(&identity("bob"))).await.unwrap().is_empty());
    assert_eq!(sessions.keys(None).await.unwrap().len(), 1);
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: LOCAL_ISSUER.into(), subject: subject.into() }
}

fn session(token: &str, subject: &str) -> Session {
    let token = Digest::of(token.as_bytes());
    Session { token, identity: identity(subject), opened_at: at(0), seen_at: at(0), expires_at: at(100) }
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
