//! What the contracts do not ask about troubles.

use tests::builders::email;
use tests::contract::mailer::Post;
use tests_emulated::proxy::Trouble;
use tests_emulated::{Installation, Way, subject};
use workflow::ports::mailer::Mail;

/// A mail whose answer was lost is sent again under the same name: twice is better than never, and can be told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_whose_answer_was_lost_arrives_under_one_name() {
    let post = subject::post(Way::Troubled).await;
    let mail = mail();
    let post: &Post = &post;
    post.mailer.send(&mail).await.unwrap();
    let arrived = post.mailbox.arrived().await;
    assert_eq!(arrived.len(), 2);
    assert!(arrived.iter().all(|text| String::from_utf8_lossy(text).contains("X-Lockgate-Message: r.1.0")));
}

/// The suite would prove nothing if the troubles did not happen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_trouble_happens() {
    use workflow::ports::Policies as _;
    let installation = Installation::of_tables(Way::Troubled).await;
    let policies = infra_aws::Policies::new(&installation.settings, &installation.clients);
    for name in ["a", "b", "c", "d", "e"] {
        policies.for_project(&tests::builders::project(name)).await.unwrap();
    }
    let troubles = installation.proxies[0].troubles();
    let expected = [Trouble::LostAnswer, Trouble::Delay, Trouble::Reset, Trouble::Failure, Trouble::Throttle];
    assert!(expected.iter().all(|trouble| troubles.contains_key(trouble)), "{troubles:?}");
}

fn mail() -> Mail {
    let text = "From: gate@example.org\r\nTo: ada@example.org\r\nSubject: A request\r\nX-Lockgate-Message: r.1.0\r\n\r\nHello\r\n";
    Mail {
        name: "r.1.0".to_owned(),
        from: email("gate@example.org"),
        to: email("ada@example.org"),
        text: text.as_bytes().to_vec(),
    }
}
