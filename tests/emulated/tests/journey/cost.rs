//! What a request costs in calls of the account: what it grows with is bounded, and the rest is a fixed price.

use std::collections::BTreeMap;

use tests::scene::Story;
use tests_emulated::Way;
use tests_emulated::scene::Scene;
use workflow::domain::status::Status;

/// A file more: whether its copy is there, how large it is, the copy, its measure, its bytes on the way out, and a note of
/// whose it is. Its end is one call for a thousand files.
const CALLS_PER_FILE: usize = 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_more_costs_a_handful_of_calls() {
    let files = if tests::process::is_long() { 1_000 } else { 43 };
    let (few, many) = (calls(3).await, calls(files).await);
    let (fewer, more): (usize, usize) = (few.values().sum(), many.values().sum());
    println!("calls for 3 files: {fewer} {few:?}\ncalls for {files} files: {more} {many:?}");
    assert!(more - fewer <= (files - 3) * CALLS_PER_FILE, "{} calls for {} files more", more - fewer, files - 3);
}

/// Plays a release of so many files and counts what was called.
async fn calls(files: usize) -> BTreeMap<String, usize> {
    let files = (0..files).map(|n| (format!("table-{n}.csv"), format!("row,value\n{n},1\n").into_bytes())).collect();
    let scene = Box::pin(Scene::open_with(Way::Noted, files)).await;
    assert_eq!(scene.play(Story::RELEASE).await.status, Status::Released);
    let mut counts = BTreeMap::new();
    for call in scene.installation.proxies.iter().flat_map(tests_emulated::proxy::Proxy::calls) {
        *counts.entry(call).or_default() += 1;
    }
    counts
}
