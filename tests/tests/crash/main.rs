//! Crashes, faults and doubles: whatever happens in the middle, the ending is the same and nothing is lost.

mod doubled;
mod faulty;
mod stopped;

use std::path::Path;

use tests::scene::{Scene, Setting, Story, prepare};
use workflow::domain::policy::Policy;
use workflow::domain::status::StatusWord;

/// The stories that each kind of trouble is tried on, with their endings.
const STORIES: [(Story, StatusWord); 3] = [
    (Story::RELEASE, StatusWord::Released),
    (Story::REJECT, StatusWord::Rejected),
    (Story::RETURN, StatusWord::Returned),
];

/// Makes the house that every try begins with a copy of.
async fn template(dir: &Path) {
    prepare(dir, Policy::TWO_STAGE).await;
}

/// Tells whether every single case is to be tried, or a sample of them.
fn is_long() -> bool {
    std::env::var_os("LOCKGATE_LONG_TESTS").is_some()
}

/// Plays a story in a house to its end, ends the trouble, and requires that everything holds.
async fn ends(dir: &Path, setting: Setting, (story, ending): (Story, StatusWord), what: &str, calm: impl FnOnce()) {
    let scene = Scene::open(dir, setting).await;
    let request = scene.play(story).await;
    calm();
    assert_eq!(request.status.word(), ending, "{what}: {:?}", request.status);
    scene.hold().await;
    assert_eq!(scene.house.engine().open_executions(), 0, "{what}: the engine is not empty");
    scene.house.close().await;
}
