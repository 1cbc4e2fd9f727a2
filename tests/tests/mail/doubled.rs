//! A mail that was taken, and an answer that never came.

use tests::sink::{Mood, Point};

use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_after_the_mail_was_taken_sends_it_again_under_its_name() {
    let house = House::open().await;
    house.sink.be(Point::End, Mood::Drop);
    house.receive().await;
    let first = house.sink.arrived();
    assert!(!first.is_empty());
    house.sink.mend();
    house.recover().await;
    house.release().await;
    house.recover().await;
    let all = house.sink.arrived();
    for mail in &first {
        let same: Vec<_> = all.iter().filter(|other| other.name() == mail.name()).collect();
        assert_eq!(same.len(), 2, "once more, and under the same name");
        assert_eq!((&same[0].to, &same[0].text), (&same[1].to, &same[1].text));
    }
    assert!(house.counts().values().all(|count| *count <= 2), "{:?}", house.counts());
    house.scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_mails_go_over_one_connection() {
    let house = House::open().await;
    house.release().await;
    assert!(house.sink.arrived().len() > 4);
    assert_eq!(house.sink.connections(), 1);
    house.scene.hold().await;
}
