//! Clocks that cannot be believed: whatever time would bring about waits for an operator's word.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, ToSpan};
use tests::builders::NOTICE;
use tests::invariants::{Outside, trail};
use tests::scene::{IRIS, OLGA, Scene, Setting, Story, sample_id};
use workflow::actions::{self, ActionError};
use workflow::domain::decision::Opinion;
use workflow::domain::policy::Policy;
use workflow::domain::request::Request;
use workflow::domain::status::{Status, StatusWord};
use workflow::domain::text::Reason;
use workflow::ports::Clock as _;

/// A house whose deadlines are held after a gap of more than a day, with the sample in review.
struct Watched {
    folder: tempfile::TempDir,
    setting: Setting,
    scene: Option<Scene>,
}

impl Watched {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        tests::scene::prepare(&folder.path().join("house"), Policy::TWO_STAGE).await;
        let mut setting = Setting::quiet(7);
        setting.options.environment.retain(|(name, _)| name != "LOCKGATE_CLOCK_HOLD_AFTER");
        let mut watched = Self { folder, setting, scene: None };
        watched.reopen().await;
        actions::receive::run(watched.scene().ports(), NOTICE.as_bytes()).await.unwrap();
        watched.scene().settle().await;
        assert_eq!(watched.status().await, StatusWord::InReview);
        watched
    }

    async fn reopen(&mut self) {
        if let Some(scene) = self.scene.take() {
            assert!(scene.house.close().await);
        }
        self.scene = Some(Scene::open(&self.folder.path().join("house"), self.setting.clone()).await);
    }

    fn scene(&self) -> &Scene {
        self.scene.as_ref().unwrap()
    }

    async fn request(&self) -> Request {
        self.scene().request().await.unwrap()
    }

    async fn status(&self) -> StatusWord {
        self.request().await.status.word()
    }

    async fn deadline(&self) -> Timestamp {
        self.request().await.round().entry.as_ref().unwrap().deadline_at.unwrap()
    }

    /// What time brought about.
    async fn passed(&self) -> Vec<&'static str> {
        let events = trail(self.scene().ports(), sample_id()).await;
        let words = events.iter().map(|event| event.fact.word());
        words.filter(|word| ["reminded", "escalated", "expired", "ending", "deleted"].contains(word)).collect()
    }

    async fn release(&self) -> Result<u64, ActionError> {
        let caller = self.scene().caller(OLGA).await;
        let moved = actions::give_time_back::run(self.scene().ports(), &caller).await?;
        self.scene().house.release_deadlines().await.unwrap();
        self.scene().settle().await;
        Ok(moved)
    }
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn a_machine_that_was_off_for_weeks_expires_nothing_until_an_operator_says_so() {
    let mut watched = Watched::open().await;
    let before = watched.deadline().await;
    let seen = watched.setting.clock.now();
    watched.setting.clock.advance(days(61));
    watched.reopen().await;
    for _ in 0..3 {
        watched.scene().pass(SignedDuration::from_hours(3)).await;
    }
    assert_eq!((watched.status().await, watched.passed().await.len()), (StatusWord::InReview, 0));
    let held = watched.scene().house.held_deadlines().unwrap();
    assert_eq!(held.since, seen);
    assert!(held.because.contains("61 d"), "{}", held.because);
    assert_eq!(watched.release().await.unwrap(), 1);
    let (gap, after) = (days(61) + SignedDuration::from_hours(9), watched.deadline().await);
    let moved = after.duration_since(before);
    assert!(moved >= gap && moved <= gap + days(4), "{moved:?}");
    let local = after.to_zoned(jiff::tz::TimeZone::get("Europe/London").unwrap());
    assert!(local.weekday().to_monday_one_offset() <= 5, "{local} is a day off");
    watched.scene().pass(after.duration_since(watched.setting.clock.now()) - SignedDuration::from_secs(1)).await;
    assert_eq!(watched.status().await, StatusWord::InReview);
}

#[tokio::test]
async fn a_jump_into_the_future_and_back_costs_nobody_their_time() {
    let watched = Watched::open().await;
    let (before, now) = (watched.deadline().await, watched.setting.clock.now());
    watched.scene().pass(days(30)).await;
    assert_eq!((watched.status().await, watched.passed().await.len()), (StatusWord::InReview, 0));
    assert!(watched.scene().house.held_deadlines().unwrap().because.contains("forward by 30 d"));
    // The clock is put right two hours after it was last believed.
    watched.setting.clock.set(now + SignedDuration::from_hours(2));
    assert_eq!(watched.release().await.unwrap(), 1);
    assert_eq!(watched.deadline().await, before + SignedDuration::from_hours(2));
    assert_eq!(watched.release().await.unwrap(), 0);
}

#[tokio::test]
async fn a_jump_into_the_past_holds_deadlines_and_moves_none() {
    let watched = Watched::open().await;
    let before = watched.deadline().await;
    watched.setting.clock.set(watched.setting.clock.now() - days(30));
    watched.scene().settle().await;
    assert!(watched.scene().house.held_deadlines().unwrap().because.contains("back by 30 d"));
    assert_eq!(watched.release().await.unwrap(), 0);
    assert_eq!((watched.deadline().await, watched.scene().house.held_deadlines()), (before, None));
}

#[tokio::test]
async fn people_go_on_while_deadlines_are_held_and_what_they_began_is_moved_by_less() {
    let watched = Watched::open().await;
    watched.scene().pass(days(3)).await;
    watched.scene().pass(SignedDuration::from_hours(5)).await;
    watched.scene().decide(IRIS, Opinion::Approve).await.unwrap();
    watched.scene().settle().await;
    assert!(matches!(watched.request().await.status, Status::InReview { stage: 1, .. }));
    let entered = watched.deadline().await;
    watched.scene().pass(SignedDuration::from_hours(5)).await;
    watched.release().await.unwrap();
    assert!(watched.deadline().await < entered + days(4));
    let released = watched.scene().play(Story::RELEASE).await;
    assert_eq!(released.status.word(), StatusWord::Released);
    watched.scene().hold_with(Outside { acknowledged: vec![sample_id()], ..Outside::default() }).await;
}

#[tokio::test]
async fn rejected_bytes_are_not_deleted_by_a_clock_that_is_not_believed() {
    let watched = Watched::open().await;
    watched.scene().decide(IRIS, Opinion::Reject).await.unwrap();
    watched.scene().settle().await;
    assert_eq!(watched.status().await, StatusWord::Rejected);
    watched.scene().pass(days(200)).await;
    assert!(!watched.passed().await.contains(&"deleted"));
    watched.release().await.unwrap();
    assert!(watched.passed().await.contains(&"deleted"), "the policy's time is over by a clock that is right");
}

#[tokio::test]
async fn a_hold_outlives_a_restart_and_only_an_operator_ends_it() {
    let mut watched = Watched::open().await;
    watched.scene().pass(days(2)).await;
    watched.reopen().await;
    assert!(watched.scene().house.held_deadlines().is_some());
    let caller = watched.scene().caller(IRIS).await;
    let refused = actions::give_time_back::run(watched.scene().ports(), &caller).await;
    assert!(matches!(refused, Err(ActionError::Refused(_))));
    watched.release().await.unwrap();
    watched.reopen().await;
    assert_eq!(watched.scene().house.held_deadlines(), None);
}

#[tokio::test]
async fn a_night_without_the_machine_is_no_reason_to_ask_anybody() {
    let mut watched = Watched::open().await;
    for _ in 0..40 {
        watched.setting.clock.advance(SignedDuration::from_hours(16));
        watched.reopen().await;
        watched.scene().settle().await;
    }
    assert_eq!(watched.scene().house.held_deadlines(), None);
    watched.scene().pass(SignedDuration::from_mins(5)).await;
    assert!(watched.status().await.is_over(), "what was not decided for 26 days expires");
}

#[tokio::test]
async fn summer_time_and_leap_days_are_no_jumps() {
    let watched = Watched::open().await;
    // Two years by the hour-and-a-half of a summer-time change at most: the machine's clock counts in UTC.
    let clock = Arc::clone(&watched.setting.clock);
    let mut at = clock.now().to_zoned(jiff::tz::TimeZone::get("Europe/London").unwrap());
    for _ in 0..800 {
        at = at.checked_add(1.day()).unwrap().with().hour(9).build().unwrap();
        let steps = at.timestamp().duration_since(clock.now());
        for _ in 0..2 {
            clock.advance(steps / 2);
            clock.now();
            watched.scene().ports().clock.now();
        }
    }
    assert_eq!(watched.scene().house.held_deadlines(), None);
}

/// The times of the last two changes.
async fn last_two(watched: &Watched) -> (Timestamp, Timestamp) {
    let events = trail(watched.scene().ports(), sample_id()).await;
    let [.., before, last] = events.as_slice() else { panic!("{} events", events.len()) };
    (before.at, last.at)
}

#[tokio::test]
async fn a_clock_that_is_set_right_by_seconds_does_not_turn_the_record_back_and_one_by_an_hour_shows() {
    let watched = Watched::open().await;
    let clock = Arc::clone(&watched.setting.clock);
    let began = trail(watched.scene().ports(), sample_id()).await.last().unwrap().at;
    clock.set(began - SignedDuration::from_secs(5));
    let (caller, text) = (watched.scene().caller(IRIS).await, Reason::parse("Whose data is this?").unwrap());
    actions::comment::run(watched.scene().ports(), &caller, sample_id(), text.clone()).await.unwrap();
    assert_eq!(last_two(&watched).await, (began, began));
    watched.scene().hold().await;
    clock.set(began - SignedDuration::from_hours(1));
    actions::comment::run(watched.scene().ports(), &caller, sample_id(), text).await.unwrap();
    assert_eq!(last_two(&watched).await, (began, began - SignedDuration::from_hours(1)));
}
