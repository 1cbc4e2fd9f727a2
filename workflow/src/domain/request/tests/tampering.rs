//! A chain that somebody else changed.

use super::*;

/// Changes of each field of an event.
type Edit = fn(&mut Event);
const EDITS: [(&str, Edit); 8] = [
    ("request", |event| event.request = "00000000-0000-4000-8000-000000000000".parse().unwrap()),
    ("sequence", |event| event.sequence += 1),
    ("at", |event| event.at = at("2020-01-01T00:00:00Z")),
    ("actor", |event| event.actor = Actor::Platform),
    ("fact", |event| event.fact = Fact::Claimed { state: "Stage".into(), attempt: 9 }),
    ("status", |event| event.status = StatusWord::Released),
    ("state", |event| event.state = Digest::of(b"another state")),
    ("previous", |event| event.previous = Digest::of(b"another event")),
];

#[test]
fn every_class_of_tampering_is_named() {
    let mut life = Life::in_review(Policy::TWO_STAGE);
    life.decide(&ig(), Opinion::Approve).unwrap();
    let check = |events: &[Event]| verify_chain(life.request.id, events, life.request.head).unwrap_err().to_string();
    let mut edited = life.events.clone();
    edited[2].at = at("2020-01-01T00:00:00Z");
    assert!(check(&edited).contains("event 3"), "{}", check(&edited));
    let mut resealed = life.events.clone();
    resealed[2].at = at("2020-01-01T00:00:00Z");
    resealed[2].hash = resealed[2].compute_hash();
    assert!(check(&resealed).contains("event 4") && check(&resealed).contains("follow"));
    let mut removed = life.events.clone();
    removed.remove(1);
    assert!(check(&removed).contains("event 2") && check(&removed).contains("missing"));
    let mut swapped = life.events.clone();
    swapped.swap(1, 2);
    assert!(check(&swapped).contains("event 2"));
    let cut = &life.events[..3];
    assert!(check(cut).contains("end at 3"));
    for (field, edit) in EDITS {
        let mut edited = life.events.clone();
        edit(&mut edited[2]);
        assert_ne!(edited[2].hash, edited[2].compute_hash(), "the hash does not bind {field}");
        assert!(check(&edited).contains("event 3"), "{field}: {}", check(&edited));
    }
    assert_eq!(life.request.state_digest(), life.events.last().unwrap().state);
    let mut row = life.request.clone();
    row.requesters.clear();
    assert_ne!(row.state_digest(), life.events.last().unwrap().state);
}
