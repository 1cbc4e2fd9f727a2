//! Tickets, whoever holds them and whenever.

use jiff::SignedDuration;
use proptest::prelude::*;

use crate::domain::digest::Digest;
use crate::domain::permission::may_download;
use crate::domain::policy::Policy;
use crate::domain::release::{PublishedArchive, RecordReference, Release, Ticket};
use crate::domain::request::Request;
use crate::domain::request::tests::{Life, person, start};
use crate::domain::status::Status;

fn secret(number: u8) -> Digest {
    Digest::of(&[number])
}

/// A released request with tickets: whose, which secret, and until when in seconds.
fn released(tickets: &[(u8, u8, i64)]) -> Request {
    let mut request = Life::in_review(Policy::TWO_STAGE).request;
    let record = RecordReference { key: "plan".into(), digest: Digest::of(b"plan") };
    let archive = PublishedArchive {
        key: request.release_key(),
        version: "1".into(),
        size: 1,
        digest: Digest::of(b"archive"),
        released_at: start(),
    };
    request.status = Status::Released;
    request.release = Some(Release { plan: record, assembly: None, progress: None, archive: Some(archive) });
    request.tickets = tickets
        .iter()
        .map(|(whose, number, until)| Ticket {
            secret: secret(*number),
            person: reader(*whose).who,
            granted_at: start(),
            expires_at: start() + SignedDuration::from_secs(*until),
        })
        .collect();
    request
}

fn reader(number: u8) -> crate::domain::person::Person {
    person(&format!("reader{number}"), &["InformationGovernance"])
}

proptest! {
    /// A ticket opens the archive for its holder, with its secret, before it ends, and never otherwise.
    #[test]
    fn a_ticket_is_good_for_its_holder_its_secret_and_its_time_alone(
        tickets in prop::collection::vec((0..3_u8, 0..6_u8, -3..4_i64), 0..6),
        (whose, number, now) in (0..4_u8, 0..8_u8, -2..4_i64),
    ) {
        let request = released(&tickets);
        let may = may_download(&reader(whose), &request).unwrap();
        let redeemed = request.redeem(&may, secret(number), start() + SignedDuration::from_secs(now)).is_ok();
        let is_held = tickets.iter().any(|(holder, held, until)| *holder == whose && *held == number && *until > now);
        prop_assert_eq!(redeemed, is_held);
    }

    /// Once a release is called back nobody may even ask with whatever ticket.
    #[test]
    fn no_ticket_is_good_after_a_release_was_called_back(tickets in prop::collection::vec((0..3_u8, 0..6_u8, 0..4_i64), 0..6), whose in 0..4_u8) {
        let mut request = released(&tickets);
        request.status = Status::Revoked;
        prop_assert!(may_download(&reader(whose), &request).is_err());
    }

    /// Nobody is granted more than the policy says, and a ticket that lives is not counted again.
    #[test]
    fn tickets_are_counted_while_they_are_granted(waits in prop::collection::vec(0..7_200_i64, 1..8)) {
        let (mut request, mut now) = (released(&[]), start());
        let limit = request.policy().unwrap().download.limit;
        let may = may_download(&reader(1), &request).unwrap();
        for (number, wait) in (0..).zip(waits) {
            now += SignedDuration::from_secs(wait);
            let lives = request.tickets.iter().any(|ticket| ticket.expires_at > now);
            let before = request.grants_of(may.who());
            match request.grant_download(&may, secret(number), crate::domain::audit::Actor::Platform, now) {
                Ok(change) => {
                    request = change.after().clone();
                    prop_assert_eq!(request.grants_of(may.who()), before + u32::from(!lives));
                    prop_assert!(request.redeem(&may, secret(number), now).is_ok());
                }
                Err(_) => prop_assert!(before == limit && !lives),
            }
            prop_assert!(request.grants_of(may.who()) <= limit && request.tickets.len() <= 1);
        }
    }
}
