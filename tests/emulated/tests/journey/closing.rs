//! Many reviewers decide at the same instant, as many functions do: the stage closes once, and the losers are told.

use futures_util::future::join_all;
use tests::builders::{Story, at, commit_all, person, single};
use tests::invariants::{self, Outside};
use tests::scene::ballot;
use tests::world::SimClock;
use tests_emulated::{Installation, Way};
use workflow::actions::{ActionError, Caller, decide};
use workflow::domain::decision::Opinion;
use workflow::domain::permission::Refusal;
use workflow::ports::Ports;

const RACERS: usize = 8;
const ROUNDS: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_closing_decision_has_one_winner() {
    race(Way::Straight, ROUNDS).await;
}

/// Also when nobody can be sure that their decision arrived.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_closing_decision_has_one_winner_when_answers_are_lost() {
    race(Way::Troubled, ROUNDS / 4).await;
}

async fn race(way: Way, rounds: u64) {
    let installation = Box::pin(Installation::whole(way)).await;
    let mut ports = infra_aws::ports(&installation.settings, &installation.clients);
    ports.clock = std::sync::Arc::new(SimClock::at(at(1_000_000)));
    let callers = enter(&ports).await;
    for round in 0..rounds {
        let story = Story::of_notice(round, &format!("store-{round}")).admitted_under(single()).staged();
        commit_all(&*ports.requests, &story).await;
        let request = story.request();
        let votes = callers.iter().enumerate().map(|(n, caller)| {
            let opinion = if n % 2 == 0 { Opinion::Approve } else { Opinion::Reject };
            let (ports, caller, ballot, id) = (ports.clone(), caller.clone(), ballot(request, opinion), request.id);
            tokio::spawn(async move { decide::run(&ports, &caller, id, ballot).await })
        });
        let results: Vec<_> = join_all(votes).await.into_iter().map(Result::unwrap).collect();
        let won = results.iter().filter(|result| result.is_ok()).count();
        let told = results.iter().filter(|r| matches!(r, Err(ActionError::Refused(Refusal::StageClosed)))).count();
        assert_eq!((won, told), (1, RACERS - 1), "round {round}: {results:?}");
    }
    invariants::hold(&ports, &Outside::default()).await;
}

async fn enter(ports: &Ports) -> Vec<Caller> {
    let mut callers = Vec::new();
    for n in 0..RACERS {
        let racer = person(&format!("racer{n}@example.ac.uk")).in_group("InformationGovernance").build();
        ports.people.save(&racer).await.unwrap();
        callers.push(Caller { who: racer.who, claimed: None, system_user: None, origin: None });
    }
    callers
}
