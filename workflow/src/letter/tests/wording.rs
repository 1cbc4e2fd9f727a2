//! Each letter as its reader has it, and when it is worth sending.

use super::read::{parse, read, words_of_html, words_of_text};
use super::*;

fn written(request: &Request, about: &Letter, capacity: &Capacity) -> Mail {
    let message = message(request, 7, about);
    let occasion = Occasion { message: &message, about, request, capacity, checkpoint: None };
    write(&sender(), occasion, &Email::parse("reader@trust.example").unwrap()).unwrap()
}

#[test]
fn every_letter_reads_as_it_should() {
    for (name, request, about, capacity) in every_letter() {
        let read = read(&written(&request, &about, &capacity));
        insta::assert_snapshot!(name, format!("Subject: {}\n\n{}", read.subject, read.text));
        assert_eq!(words_of_text(&read.text), words_of_html(&read.html), "{name}");
    }
}

#[test]
fn the_html_part_is_plain_and_has_one_link() {
    let (_, request, about, capacity) = every_letter().remove(2);
    insta::assert_snapshot!("review_wanted_html", read(&written(&request, &about, &capacity)).html);
}

#[test]
fn the_whole_mail_is_the_same_bytes_each_time_it_is_written() {
    let (_, request, about, capacity) = every_letter().remove(0);
    let mail = written(&request, &about, &capacity);
    assert_eq!(mail, written(&request, &about, &capacity));
    insta::assert_snapshot!("whole_mail", String::from_utf8(mail.text).unwrap().replace("\r\n", "\n"));
}

#[test]
fn letters_of_one_request_are_one_thread_and_each_has_a_name_of_its_own() {
    let mut names = std::collections::BTreeSet::new();
    for (at, (_, request, about, capacity)) in every_letter().into_iter().enumerate() {
        let message = message(&request, at as u64, &about);
        let occasion =
            Occasion { message: &message, about: &about, request: &request, capacity: &capacity, checkpoint: None };
        for to in ["a@trust.example", "b@trust.example"] {
            let mail = write(&sender(), occasion, &Email::parse(to).unwrap()).unwrap();
            let parsed = parse(&mail);
            let thread = format!("request.{}@trust.example", request.id);
            assert_eq!(
                (parsed.in_reply_to().as_text(), parsed.references().as_text()),
                (Some(&*thread), Some(&*thread))
            );
            assert_eq!(parsed.message_id(), Some(&*format!("{}@trust.example", mail.name)));
            assert_eq!(parsed.header_raw("X-Lockgate-Message").map(str::trim), Some(&*mail.name));
            assert!(names.insert(mail.name.clone()), "{} twice", mail.name);
        }
    }
}

#[test]
fn a_digest_says_all_that_its_letters_would_say_apart() {
    let letters = every_letter();
    let messages: Vec<_> =
        (0..).zip(&letters).map(|(at, (_, request, about, _))| message(request, at, about)).collect();
    let occasions: Vec<_> = letters
        .iter()
        .zip(&messages)
        .map(|((_, request, about, capacity), message)| Occasion {
            message,
            about,
            request,
            capacity,
            checkpoint: None,
        })
        .collect();
    let to = Email::parse("reader@trust.example").unwrap();
    let mail = write_digest(&sender(), &occasions, &to).unwrap();
    let digest = read(&mail);
    assert_eq!(digest.subject, "15 letters in one");
    assert_eq!(words_of_text(&digest.text), words_of_html(&digest.html));
    for occasion in &occasions {
        let apart = read(&write(&sender(), *occasion, &to).unwrap());
        assert!(digest.text.contains(apart.text.split_once("\n-- \n").unwrap().0), "{}", apart.subject);
    }
    let fewer = write_digest(&sender(), &occasions[1..], &to).unwrap();
    assert_ne!(fewer.name, mail.name);
}

#[test]
fn an_outcome_quotes_the_newest_checkpoint_and_nothing_else_does() {
    let checkpoint = CheckpointReference { number: 12, digest: Digest::of(b"checkpoint") };
    for (name, request, about, capacity) in every_letter() {
        let message = message(&request, 7, &about);
        let checkpoint = Some(&checkpoint);
        let occasion =
            Occasion { message: &message, about: &about, request: &request, capacity: &capacity, checkpoint };
        let read = read(&write(&sender(), occasion, &Email::parse("reader@trust.example").unwrap()).unwrap());
        let is_outcome = matches!(about, Letter::Released | Letter::Ended { .. } | Letter::Revoked { .. });
        let line = format!("- Newest checkpoint: number 12, {}\n", Digest::of(b"checkpoint"));
        assert_eq!(read.text.contains(&line), is_outcome, "{name}");
        assert_eq!(words_of_text(&read.text), words_of_html(&read.html), "{name}");
    }
}

#[test]
fn a_test_mail_says_that_it_is_one_and_has_a_name_of_its_own() {
    let to = Email::parse("reader@trust.example").unwrap();
    let at = instant("2026-03-03T15:41:31Z");
    let write = |number| write_test(&sender(), (Uuid::from_u128(number), at), &to).unwrap();
    let mail = read(&write(1));
    assert_eq!(mail.subject, "A test of Trust Data Gate");
    assert_eq!(words_of_text(&mail.text), words_of_html(&mail.html));
    assert_ne!(write(1).name, write(2).name);
}

#[test]
fn what_asks_for_a_decision_is_late_once_nobody_can_decide() {
    let mut life = in_review();
    let stage = first_stage();
    let wanted = Letter::ReviewWanted { stage: stage.clone(), round: 1 };
    let escalation = Letter::Escalation { stage: stage.clone(), round: 1 };
    let reminder = |count| Letter::Reminder { stage: stage.clone(), round: 1, count };
    assert!(is_timely(&life.request, &wanted) && is_timely(&life.request, &escalation));
    assert!(!is_timely(&life.request, &Letter::ReviewWanted { stage: stage.clone(), round: 2 }));
    assert!(!is_timely(
        &life.request,
        &Letter::ReviewWanted { stage: StageId::parse("research_it").unwrap(), round: 1 }
    ));
    life.rule(instant("2026-03-05T15:41:31Z"));
    assert!(is_timely(&life.request, &reminder(1)));
    life.rule(instant("2026-03-09T15:41:31Z"));
    assert!(!is_timely(&life.request, &reminder(1)) && is_timely(&life.request, &reminder(2)));
    life.decide(&iris(), Opinion::Approve).unwrap();
    assert!(!is_timely(&life.request, &wanted) && !is_timely(&life.request, &escalation));
    assert!(is_timely(&life.request, &Letter::Received));
}
