//! A process that commits is ended in the middle of it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use futures_util::future::join_all;
use infra_embedded::RequestStore;
use tests::builders::{Story, commit, request_id};
use workflow::domain::audit::Actor;
use workflow::domain::id::RequestId;

use crate::witness::{reopen, whole_version};

/// Says to a child where to work.
const FOLDER: &str = "LOCKGATE_TESTS_FOLDER";
/// As many requests are changed at once.
const REQUESTS: u64 = 8;

#[tokio::test]
async fn everything_that_was_acknowledged_is_there_after_a_kill() {
    for lines in [1, 7, 40, 150, 400] {
        let folder = tempfile::tempdir().unwrap();
        let acknowledged = run_until_killed(folder.path(), lines);
        assert!(!acknowledged.is_empty());
        let database = reopen(folder.path());
        for number in 1..=REQUESTS {
            let id = request_id(number);
            let stored = whole_version(&database, id).await;
            let promised = acknowledged.get(&id).copied().unwrap_or(0);
            assert!(stored >= promised, "{id}: {promised} changes were acknowledged and {stored} are there");
            assert!(
                stored <= promised + 1,
                "{id}: {stored} changes are there, and nobody asked for more than {promised} + 1"
            );
        }
        // The next process goes on where this one was stopped.
        commit(&RequestStore::new(database), Story::of_notice(99, "store-99").last()).await;
    }
}

/// Runs a child until it has said so many lines, ends it, and gives the newest acknowledged version of each request.
fn run_until_killed(folder: &Path, lines: usize) -> BTreeMap<RequestId, u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::commit_until_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut heard = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut acknowledged: BTreeMap<_, _> = heard.by_ref().filter_map(|line| read(&line)).take(lines).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it was ended counts, whoever had heard it by then.
    acknowledged.extend(heard.filter_map(|line| read(&line)));
    acknowledged
}

/// Reads `acknowledged <request> <version>.` at the end of a whole line; the test harness says something before the first.
fn read(line: &str) -> Option<(RequestId, u64)> {
    let (id, version) = line.split_once("acknowledged ")?.1.strip_suffix('.')?.split_once(' ')?;
    Some((id.parse().ok()?, version.parse().ok()?))
}

/// The child: nothing but the parent ends it, and it does nothing unless a parent says where.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only a child of the other test runs this"]
async fn commit_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let requests = RequestStore::new(reopen(Path::new(&folder)));
    let one = |number: u64| {
        let requests = requests.clone();
        async move {
            let mut story = Story::of_notice(number, &format!("store-{number}"));
            // Bounded, so that a child whose parent is gone does not fill the disk.
            for seconds in 1..2_000 {
                commit(&requests, story.last()).await;
                let line = format!("acknowledged {} {}.\n", story.request().id, story.request().version());
                std::io::stdout().write_all(line.as_bytes()).unwrap();
                story = story.then(|request, at| request.extend_deadlines(seconds, Actor::chore("sweep"), at));
            }
        }
    };
    join_all((1..=REQUESTS).map(one)).await;
}
