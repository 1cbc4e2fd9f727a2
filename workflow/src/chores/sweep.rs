//! Sweep: the second net. It finds what a crash, an outage or a bug left behind, and sets it going again.

use jiff::{SignedDuration, Timestamp};

use super::dispose;
use crate::amend::{amend, time_of_change};
use crate::domain::audit::Actor;
use crate::domain::id::ExecutionName;
use crate::domain::request::Request;
use crate::domain::slip::Slip;
use crate::domain::status::{Cause, Status};
use crate::ports::orchestrator::Execution;
use crate::ports::request_store::{Commit, Pattern, Query};
use crate::ports::sealer::TokenContext;
use crate::ports::{PortError, Ports};

/// The chore's name in the audit.
const NAME: &str = "sweep";
/// Requests that are looked at in one page.
const PAGE: u32 = 100;
/// A run may take so long from its commit to its first state before somebody asks where it is.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Requests that were looked at.
    pub requests: u32,
    /// Runs that had to be begun.
    pub begun: u32,
    /// Waits that had to be woken.
    pub woken: u32,
    /// Requests whose run had ended without an outcome.
    pub failed: u32,
    /// Returned requests whose time was up.
    pub expired: u32,
    /// Assemblies that nobody was writing any longer.
    pub dropped: u32,
    /// Requests that could not be looked after; the next sweep tries again.
    pub troubles: u32,
}

/// Looks after everything that is open or due. Again: nothing, once all is in order. Trouble with one request does not
/// keep the sweep from the others.
pub async fn run(ports: &Ports) -> Result<Swept, PortError> {
    let mut swept = Swept::default();
    each(ports, Pattern::Open, &mut swept, Look::After).await?;
    // While deadlines are held, time asks for nothing.
    if ports.clock.held_since().is_none() {
        each(ports, Pattern::DueBy(ports.clock.now()), &mut swept, Look::ForTime).await?;
    }
    swept.dropped = drop_orphans(ports).await?;
    Ok(swept)
}

#[derive(Clone, Copy)]
enum Look {
    After,
    ForTime,
}

async fn each(ports: &Ports, pattern: Pattern, swept: &mut Swept, look: Look) -> Result<(), PortError> {
    let mut after = None;
    loop {
        let page = ports.requests.list(&Query { pattern: pattern.clone(), after, first: PAGE }).await?;
        for request in &page.requests {
            let result = match look {
                Look::After => look_after(ports, request, swept).await,
                Look::ForTime => ask_for_time(ports, request, swept).await,
            };
            swept.requests += 1;
            swept.troubles += u32::from(result.is_err());
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn look_after(ports: &Ports, request: &Request, swept: &mut Swept) -> Result<(), PortError> {
    let now = ports.clock.now();
    if request.status.is_running() {
        match ports.orchestrator.describe(request.execution()).await? {
            Execution::Running => wake_if_unseen(ports, request, swept).await?,
            Execution::Unknown if is_past_grace(request, now) => {
                ports.orchestrator.begin(request.execution(), &Slip::first(request.id, request.run)).await?;
                swept.begun += 1;
            }
            Execution::Unknown => {}
            Execution::Ended if is_past_grace(request, now) => give_up(ports, request, swept).await?,
            Execution::Ended => {}
        }
    } else if request.status == Status::Queued {
        swept.begun += u32::from(let_in(ports, request).await?);
    } else if is_untold(request) && is_past_grace(request, now) && !is_under_way(ports, request).await? {
        amend(ports, request.id, |request, now| {
            Ok::<_, PortError>(is_untold(request).then(|| request.tell_again(Actor::chore(NAME), now)))
        })
        .await?;
        swept.begun += 1;
    }
    Ok(())
}

/// Lets a queued request begin if its store came free while nobody looked.
async fn let_in(ports: &Ports, request: &Request) -> Result<bool, PortError> {
    let Ok(change) = request.dequeue(Actor::chore(NAME), time_of_change(ports, request)) else { return Ok(false) };
    Ok(ports.requests.commit(&change).await? == Commit::Done)
}

fn is_past_grace(request: &Request, now: Timestamp) -> bool {
    now.duration_since(request.updated_at) >= GRACE
}

fn is_untold(request: &Request) -> bool {
    !request.told && (request.status.is_over() || request.status == Status::Returned)
}

async fn is_under_way(ports: &Ports, request: &Request) -> Result<bool, PortError> {
    Ok(ports.orchestrator.describe(request.execution()).await? == Execution::Running)
}

/// Wakes a wait whose request holds news that no tally has seen: whoever committed it died before waking.
async fn wake_if_unseen(ports: &Ports, request: &Request, swept: &mut Swept) -> Result<(), PortError> {
    let may_pass = ports.clock.held_since().is_none();
    let overdue = may_pass && request.due_at.is_some_and(|due| due <= ports.clock.now());
    let Some(waiting) = request.waiting.as_ref().filter(|_| request.has_unseen_news() || overdue) else {
        return Ok(());
    };
    let context = TokenContext { request: request.id, run: waiting.run };
    let token = ports.sealer.open(&waiting.token, context).await?;
    ports.orchestrator.wake(&token).await?;
    swept.woken += 1;
    Ok(())
}

/// Looks after the request of an execution that is said to have ended without an outcome. Again, or if the request says
/// how it ended: nothing.
pub async fn run_ended(ports: &Ports, name: ExecutionName) -> Result<(), PortError> {
    let Some(request) = ports.requests.find(name.request).await? else { return Ok(()) };
    let is_its_run = request.execution() == name && request.status.is_running();
    if is_its_run && ports.orchestrator.describe(name).await? == Execution::Ended {
        give_up(ports, &request, &mut Swept::default()).await?;
    }
    Ok(())
}

/// The execution ended and the request does not say so: an operator has to look.
async fn give_up(ports: &Ports, request: &Request, swept: &mut Swept) -> Result<(), PortError> {
    let run = request.run;
    let cause = Cause {
        state: "Sweep".to_owned(),
        error: "Lockgate.Abandoned".to_owned(),
        sentence: format!(
            "Run {run} of the workflow ended without an outcome. The request is kept as it stood; retry it."
        ),
    };
    amend(ports, request.id, |request, now| {
        let stands = request.run == run && request.status.is_running();
        let change = stands.then(|| request.fail(run, cause.clone(), Actor::chore(NAME), now));
        Ok::<_, PortError>(change.and_then(Result::ok))
    })
    .await?;
    swept.failed += 1;
    Ok(())
}

async fn ask_for_time(ports: &Ports, request: &Request, swept: &mut Swept) -> Result<(), PortError> {
    let now = ports.clock.now();
    dispose::due(ports, request.id).await?;
    if request.answer_by.is_some_and(|by| by <= now) {
        amend(ports, request.id, |request, now| {
            let is_late = request.answer_by.is_some_and(|by| by <= now);
            let change = is_late.then(|| request.expire(Actor::chore(NAME), now));
            Ok::<_, PortError>(change.and_then(Result::ok))
        })
        .await?;
        swept.expired += 1;
    }
    Ok(())
}

/// Drops assemblies of requests that are not being released: a process died between beginning one and recording it, or
/// a rival attempt published first.
async fn drop_orphans(ports: &Ports) -> Result<u32, PortError> {
    let mut dropped = 0;
    for (assembly, owner) in ports.objects.assemblies().await? {
        let is_wanted = match owner {
            Some((id, _)) => ports.requests.find(id).await?.is_some_and(|request| is_releasing(&request)),
            None => false,
        };
        if !is_wanted {
            ports.objects.abort(&assembly).await?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

fn is_releasing(request: &Request) -> bool {
    match &request.status {
        Status::Releasing => true,
        Status::Failed { resume_at, .. } => **resume_at == Status::Releasing,
        _ => false,
    }
}
