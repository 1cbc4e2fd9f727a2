use super::*;
use crate::settings::Sns;
use jiff::Timestamp;
use serde_json::Value;

const TOPIC: &str = "arn:aws:sns:eu-west-2:111122223333:demo-ldn-tre-EgressTopic";

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../testdata/sns/", $name))
    };
}

fn signers(certificates: &[&str]) -> Signers {
    let certificates = certificates.iter().map(|pem| (*pem).to_owned()).collect();
    Signers::read(&Sns { topics: [TOPIC.to_owned()].into(), certificates }).unwrap()
}

fn now() -> Timestamp {
    "2030-01-01T00:00:00Z".parse().unwrap()
}

fn verify(body: &str) -> Result<Message, Forged> {
    signers(&[sample!("good.pem"), sample!("expired.pem")]).verify(body.as_bytes(), now())
}

#[test]
fn what_was_signed_is_believed_in_both_versions() {
    for body in [
        sample!("notification-good-v1.json"),
        sample!("notification-good-v2.json"),
        sample!("subject-good-v1.json"),
        sample!("subject-good-v2.json"),
        sample!("confirmation-good-v1.json"),
        sample!("confirmation-good-v2.json"),
    ] {
        assert!(verify(body).is_ok(), "{body}");
    }
}

#[test]
fn what_another_or_an_expired_certificate_signed_is_not() {
    for body in [
        sample!("notification-other-v1.json"),
        sample!("notification-other-v2.json"),
        sample!("notification-expired-v1.json"),
        sample!("notification-expired-v2.json"),
    ] {
        assert_eq!(verify(body), Err(Forged::Signature));
    }
}

#[test]
fn no_signed_field_can_be_changed() {
    let fields = ["Message", "MessageId", "Timestamp", "Subject", "Token", "SubscribeURL", "Type", "Signature"];
    let mut changed = 0;
    for body in
        [sample!("subject-good-v1.json"), sample!("confirmation-good-v2.json"), sample!("notification-good-v2.json")]
    {
        for field in fields {
            let mut message: Value = serde_json::from_str(body).unwrap();
            if message.get(field).is_none() && field != "Subject" {
                continue;
            }
            message[field] = match field {
                "Type" if message["Type"] == "Notification" => "UnsubscribeConfirmation".into(),
                "Type" => "Notification".into(),
                "Signature" => "AAAA".into(),
                _ => "changed".into(),
            };
            let is_signed = !(field == "Subject" && message["Type"] == "SubscriptionConfirmation");
            assert_eq!(verify(&message.to_string()).is_err(), is_signed, "{field} of {}", message["Type"]);
            changed += 1;
        }
    }
    assert_eq!(changed, 20);
}

#[test]
fn a_signature_of_one_version_is_not_good_as_the_other() {
    for (version, expected) in [("2", Forged::Signature), ("3", Forged::Version), ("", Forged::Version)] {
        let mut message: Value = serde_json::from_str(sample!("notification-good-v1.json")).unwrap();
        message["SignatureVersion"] = version.into();
        assert_eq!(verify(&message.to_string()), Err(expected));
    }
}

#[test]
fn a_message_of_another_topic_is_refused_before_its_signature_is_looked_at() {
    let sns =
        Sns { topics: ["arn:aws:sns:eu-west-2:1:other".into()].into(), certificates: vec![sample!("good.pem").into()] };
    let result = Signers::read(&sns).unwrap().verify(sample!("notification-good-v2.json").as_bytes(), now());
    assert_eq!(result, Err(Forged::Topic));
}

#[test]
fn what_is_no_message_is_said_to_be_none() {
    for body in ["", "{}", "[]", sample!("../platform/notice.json")] {
        assert_eq!(verify(body), Err(Forged::Unreadable), "{body}");
    }
}

#[test]
fn a_topic_needs_a_certificate_and_a_certificate_an_rsa_key() {
    let read = |certificates: Vec<String>| Signers::read(&Sns { topics: [TOPIC.to_owned()].into(), certificates });
    assert!(matches!(read(vec![]), Err(BadCertificate::None)));
    assert!(matches!(read(vec!["no pem".into()]), Err(BadCertificate::Unreadable(_) | BadCertificate::None)));
    assert!(signers(&[sample!("good.pem")]).verify(sample!("notification-good-v1.json").as_bytes(), now()).is_ok());
    assert!(Signers::read(&Sns::default()).unwrap().take_nothing());
}
