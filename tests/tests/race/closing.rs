//! Sixteen reviewers decide at the same instant: the stage closes once, and the losers are told.

use tests::builders::{Story, at, commit_all, person, single};
use tests::invariants::{self, Outside};
use tests::scene::{Setting, ballot};
use workflow::actions::{ActionError, Caller, decide};
use workflow::domain::decision::Opinion;
use workflow::domain::permission::Refusal;

const RACERS: usize = 16;
const ROUNDS: u64 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn the_closing_decision_has_one_winner() {
    let dir = tempfile::tempdir().unwrap();
    infra_embedded::House::init(dir.path()).unwrap();
    let setting = Setting::quiet(1);
    setting.clock.set(at(1_000_000));
    let house = infra_embedded::House::open(dir.path(), setting.options).await.unwrap();
    let ports = house.ports();
    let callers: Vec<Caller> = futures_util::future::join_all((0..RACERS).map(async |n| {
        let racer = person(&format!("racer{n}@example.ac.uk")).in_group("InformationGovernance").build();
        ports.people.save(&racer).await.unwrap();
        Caller { who: racer.who, claimed: None, system_user: None, origin: None }
    }))
    .await;
    for round in 0..ROUNDS {
        let story = Story::of_notice(round, &format!("store-{round}")).admitted_under(single()).staged();
        commit_all(&*ports.requests, &story).await;
        let request = story.request();
        let votes = callers.iter().enumerate().map(|(n, caller)| {
            let opinion = if n % 2 == 0 { Opinion::Approve } else { Opinion::Reject };
            let (ports, caller, ballot, id) = (ports.clone(), caller.clone(), ballot(request, opinion), request.id);
            tokio::spawn(async move { decide::run(&ports, &caller, id, ballot).await })
        });
        let results: Vec<_> = futures_util::future::join_all(votes).await.into_iter().map(Result::unwrap).collect();
        let won = results.iter().filter(|result| result.is_ok()).count();
        let told = results.iter().filter(|r| matches!(r, Err(ActionError::Refused(Refusal::StageClosed)))).count();
        assert_eq!((won, told), (1, RACERS - 1), "round {round}");
    }
    invariants::hold(ports, &Outside::default()).await;
}
