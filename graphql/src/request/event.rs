//! What happened to a request: comments, the timeline, and the audit behind both.

use async_graphql::{Result, SimpleObject};
use workflow::domain::audit::{Actor, Event, Fact};
use workflow::domain::permission::may_know;
use workflow::domain::person::Person;
use workflow::domain::request::Request;

use super::status::Word;
use crate::context::Context;
use crate::fault::fault;
use crate::page::{self, PageInfo};
use crate::person::PersonView;
use crate::scalar::{DateTime, Long};
use crate::sentence;

/// How many events are read at once.
const READ: u32 = 200;
/// How many events one page looks at before it says that there may be more.
const LOOKED_AT: usize = 2_000;

/// What somebody said.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Comment {
    /// Its place in the request's chain.
    sequence: Long,
    /// Who said it.
    by: Option<PersonView>,
    /// Whether the viewer said it.
    mine: bool,
    /// What.
    text: String,
    /// When.
    at: DateTime,
}

/// Something that happened.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct TimelineEvent {
    /// Its place in the request's chain.
    sequence: Long,
    /// When.
    at: DateTime,
    /// Who or what did it.
    by: String,
    /// What happened, as a sentence.
    sentence: String,
    /// Where the request stood afterwards.
    status: Word,
}

/// One event of the audit chain.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct AuditEvent {
    /// Its place in the chain, from 1.
    sequence: Long,
    /// When it was committed.
    at: DateTime,
    /// Who or what made the change.
    by: String,
    /// The person, if one did.
    person: Option<PersonView>,
    /// What happened, as a word.
    fact: String,
    /// What happened, as a sentence.
    sentence: String,
    /// Where the request stood afterwards.
    status: Word,
    /// The digest of the request as the change left it.
    state: String,
    /// The hash of the event before it.
    previous: String,
    /// The hash of this event.
    hash: String,
}

macro_rules! connections {
    ($($(#[$doc:meta])* $name:ident of $node:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, SimpleObject)]
        pub(crate) struct $name {
            /// The rows.
            nodes: Vec<$node>,
            /// Where the page ends.
            page_info: PageInfo,
        }

        impl $name {
            fn of(trail: Trail, view: impl Fn(&Event) -> $node) -> Self {
                Self { nodes: trail.events.iter().map(view).collect(), page_info: PageInfo::ending_at(trail.next) }
            }
        }
    )*};
}

connections! {
    /// A page of comments.
    CommentConnection of Comment;
    /// A page of what happened.
    TimelineConnection of TimelineEvent;
    /// A page of the audit chain.
    AuditConnection of AuditEvent;
}

/// Some events of a chain, and where the rest begins.
pub(crate) struct Trail {
    events: Vec<Event>,
    next: Option<String>,
}

impl Trail {
    /// Reads events that are wanted, from after a cursor.
    async fn read(
        call: &Context,
        request: &Request,
        (first, after): (i32, Option<String>),
        wants: impl Fn(&Event) -> bool,
    ) -> Result<Self> {
        let mut after: u64 = after.and_then(|cursor| page::decode(&cursor).ok()).unwrap_or(0);
        let (rows, mut looked_at, mut events) = (page::rows(first), 0, Vec::new());
        while looked_at < LOOKED_AT {
            let read = call.ports.requests.trail(request.id, after, READ).await;
            let read = read.map_err(|error| fault(call, &error))?;
            let is_last = read.len() < READ as usize;
            for event in read {
                (after, looked_at) = (event.sequence, looked_at + 1);
                if wants(&event) {
                    events.push(event);
                }
                if events.len() == rows {
                    let next = (after < request.version()).then(|| page::encode(&after));
                    return Ok(Self { events, next });
                }
            }
            if is_last {
                return Ok(Self { events, next: None });
            }
        }
        Ok(Self { events, next: Some(page::encode(&after)) })
    }
}

pub(super) async fn comments(
    call: &Context,
    request: &Request,
    page: (i32, Option<String>),
) -> Result<CommentConnection> {
    let person = call.person().await?;
    let trail = Trail::read(call, request, page, |event| matches!(event.fact, Fact::Commented { .. })).await?;
    Ok(CommentConnection::of(trail, |event| comment(person, event)))
}

fn comment(person: &Person, event: &Event) -> Comment {
    let text = match &event.fact {
        Fact::Commented { text, .. } => text.to_string(),
        _ => String::new(),
    };
    let who = match &event.actor {
        Actor::Person { who, .. } => Some(who),
        Actor::Step { .. } | Actor::Chore { .. } | Actor::Platform => None,
    };
    Comment {
        sequence: event.sequence.into(),
        by: who.map(|who| PersonView::from(who.as_ref())),
        mine: who.is_some_and(|who| who.is_same_person(&person.who)),
        text,
        at: event.at.into(),
    }
}

pub(super) async fn timeline(
    call: &Context,
    request: &Request,
    page: (i32, Option<String>),
) -> Result<TimelineConnection> {
    let person = call.person().await?;
    let trail = Trail::read(call, request, page, |event| sentence::is_news(&event.fact)).await?;
    Ok(TimelineConnection::of(trail, |event| {
        let told = Told::to(person, request, event);
        TimelineEvent {
            sequence: event.sequence.into(),
            at: event.at.into(),
            by: told.by,
            sentence: told.sentence,
            status: event.status.into(),
        }
    }))
}

/// A page of the whole chain.
pub(crate) async fn audit_page(
    call: &Context,
    request: &Request,
    page: (i32, Option<String>),
) -> Result<AuditConnection> {
    let person = call.person().await?;
    let trail = Trail::read(call, request, page, |_| true).await?;
    Ok(AuditConnection::of(trail, |event| {
        let told = Told::to(person, request, event);
        AuditEvent {
            sequence: event.sequence.into(),
            at: event.at.into(),
            by: told.by,
            person: told.person,
            fact: word(&event.fact),
            sentence: told.sentence,
            status: event.status.into(),
            state: event.state.to_string(),
            previous: event.previous.to_string(),
            hash: event.hash.to_string(),
        }
    }))
}

/// What a person may know of an event: of a decision at a blind stage that is open, only that there is one.
struct Told {
    by: String,
    person: Option<PersonView>,
    sentence: String,
}

impl Told {
    fn to(person: &Person, request: &Request, event: &Event) -> Self {
        if let Fact::Decided { decision } = &event.fact
            && !may_know(person, request, decision)
        {
            let title = sentence::title(&decision.ballot.stage, request.policy());
            let sentence = format!("Somebody decided at {title}; what and who shows once the stage has closed.");
            return Self { by: "A reviewer".to_owned(), person: None, sentence };
        }
        let who = match &event.actor {
            Actor::Person { who, .. } => Some(PersonView::from(who.as_ref())),
            Actor::Step { .. } | Actor::Chore { .. } | Actor::Platform => None,
        };
        Self { by: sentence::actor(&event.actor), person: who, sentence: sentence::of(&event.fact, request.policy()) }
    }
}

/// The word under which the chain itself has a fact.
fn word(fact: &Fact) -> String {
    let json = serde_json::to_value(fact).unwrap_or_default();
    json.get("fact").and_then(|word| word.as_str()).unwrap_or("changed").to_owned()
}
