//! The contract of [`Intake`].

use uuid::Uuid;
use workflow::ports::Intake;
use workflow::ports::intake::Quarantined;

use crate::builders::at;

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("intake.rs");

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! intake_contract {
    ($make:path) => {
        $crate::contract!(
            intake,
            $make,
            [
                what_could_not_be_taken_is_kept_as_it_came,
                what_comes_again_is_kept_once_with_the_newer_reason,
                what_is_kept_is_listed_oldest_first,
                what_was_let_go_is_gone_and_may_come_again,
            ]
        );
    };
}

/// Whatever it was.
pub async fn what_could_not_be_taken_is_kept_as_it_came(intake: &dyn Intake) {
    let odd = item(1, 5, "{\"not\": \u{1F4A9} json\r\n\u{0}");
    intake.quarantine(&odd).await.unwrap();
    assert_eq!(intake.find(odd.id).await.unwrap(), Some(odd));
    assert_eq!(intake.find(Uuid::from_u128(9)).await.unwrap(), None);
}

/// A platform that insists does not fill the disk.
pub async fn what_comes_again_is_kept_once_with_the_newer_reason(intake: &dyn Intake) {
    let first = item(1, 5, "a");
    let again = Quarantined { reason: "the bucket is not known yet".to_owned(), ..item(2, 9, "a") };
    intake.quarantine(&first).await.unwrap();
    intake.quarantine(&first).await.unwrap();
    intake.quarantine(&again).await.unwrap();
    let kept = Quarantined { reason: again.reason, ..first };
    assert_eq!(intake.list(10).await.unwrap(), [kept]);
    assert_eq!(intake.find(again.id).await.unwrap(), None);
}

/// By when it came, not by when it was entered.
pub async fn what_is_kept_is_listed_oldest_first(intake: &dyn Intake) {
    for (number, came) in [(1, 30), (2, 10), (3, 20)] {
        intake.quarantine(&item(number, came, &number.to_string())).await.unwrap();
    }
    let bodies = async |first| intake.list(first).await.unwrap().into_iter().map(|item| item.body).collect::<Vec<_>>();
    assert_eq!(bodies(10).await, ["2", "3", "1"]);
    assert_eq!(bodies(2).await, ["2", "3"]);
}

/// A replay that worked ends it, and a later notice of the same words is a matter of its own.
pub async fn what_was_let_go_is_gone_and_may_come_again(intake: &dyn Intake) {
    intake.quarantine(&item(1, 5, "a")).await.unwrap();
    intake.release(Uuid::from_u128(1)).await.unwrap();
    intake.release(Uuid::from_u128(1)).await.unwrap();
    assert_eq!(intake.list(10).await.unwrap(), []);
    intake.quarantine(&item(2, 9, "a")).await.unwrap();
    assert_eq!(intake.list(10).await.unwrap(), [item(2, 9, "a")]);
}

fn item(number: u128, seconds: i64, body: &str) -> Quarantined {
    let reason = "it is not a notice".to_owned();
    Quarantined { id: Uuid::from_u128(number), at: at(seconds), reason, body: body.to_owned() }
}
