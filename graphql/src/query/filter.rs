//! Which list is asked for, in which order, and with which further conditions.

use async_graphql::{Enum, InputObject};
use jiff::Timestamp;
use workflow::actions::offer;
use workflow::domain::email::Email;
use workflow::domain::person::Person;
use workflow::domain::request::Request;
use workflow::domain::text::{BadText, Group, ProjectId, StoreId};
use workflow::ports::request_store::Pattern;

use crate::refused::Refused;
use crate::request::Word;
use crate::scalar::DateTime;

/// The lists that are kept. There are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum RequestPattern {
    /// Every request, the newest first.
    All,
    /// What is not over, the oldest first.
    Open,
    /// What waits for the viewer's decision, the oldest first within each group.
    WaitingForMe,
    /// What the viewer asked for, the newest first.
    Mine,
    /// Of one status, the oldest first.
    InStatus,
    /// Of one project, the newest first.
    OfProject,
    /// Of one requester, the newest first.
    OfRequester,
    /// Of one egress store, the newest first.
    OfStore,
    /// In review at a stage of one group, the oldest first.
    WaitingFor,
    /// Where time asks for something by an instant, the earliest first.
    DueBy,
}

/// An order of a list.
#[allow(clippy::enum_variant_names, reason = "an order is called by what comes first, and clients read the names")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum RequestOrder {
    /// The newest first.
    NewestFirst,
    /// The oldest first.
    OldestFirst,
    /// What time asks for earliest first.
    DueFirst,
}

impl RequestOrder {
    fn in_words(self) -> &'static str {
        match self {
            Self::NewestFirst => "the newest first",
            Self::OldestFirst => "the oldest first",
            Self::DueFirst => "what is due earliest first",
        }
    }
}

/// Which list: a pattern, and what that pattern asks for.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct RequestListInput {
    /// Which list.
    pattern: RequestPattern,
    /// For `IN_STATUS`.
    status: Option<Word>,
    /// For `OF_PROJECT`.
    project: Option<String>,
    /// For `OF_REQUESTER`: an e-mail address.
    requester: Option<String>,
    /// For `OF_STORE`.
    store: Option<String>,
    /// For `WAITING_FOR`.
    group: Option<String>,
    /// For `DUE_BY`.
    due_by: Option<DateTime>,
}

/// The most characters of a text that is looked for.
const LONGEST_TEXT: usize = 200;

/// Further conditions; all that are given have to be met.
#[derive(Debug, Clone, Default, InputObject)]
pub(crate) struct RequestFilter {
    /// Of one of these statuses.
    status: Option<Vec<Word>>,
    /// Of this project.
    project: Option<String>,
    /// Of this workspace.
    workspace: Option<String>,
    /// The name or address of a requester contains this (at most 200 characters), whatever the case.
    requester: Option<String>,
    /// The id, title or purpose contains this (at most 200 characters), whatever the case.
    text: Option<String>,
    /// Received at or after.
    received_from: Option<DateTime>,
    /// Received before.
    received_before: Option<DateTime>,
    /// Changed at or after.
    updated_from: Option<DateTime>,
    /// Changed before.
    updated_before: Option<DateTime>,
    /// Whether the viewer may decide on it now.
    decidable: Option<bool>,
    /// Whether the stage's deadline has passed.
    overdue: Option<bool>,
}

/// A list that was asked for.
pub(super) struct Asked {
    pub(super) patterns: Vec<Pattern>,
    pub(super) kind: RequestPattern,
    order: RequestOrder,
}

impl RequestListInput {
    pub(crate) fn of(pattern: RequestPattern) -> Self {
        let (project, requester, store, group) = (None, None, None, None);
        Self { pattern, status: None, project, requester, store, group, due_by: None }
    }

    pub(crate) fn in_status(word: Word) -> Self {
        Self { status: Some(word), ..Self::of(RequestPattern::InStatus) }
    }

    /// The indexes that the list is walked along.
    pub(super) fn resolve(self, person: &Person) -> Result<Asked, Refused> {
        let (patterns, order) = match self.pattern {
            RequestPattern::All => (vec![Pattern::All], RequestOrder::NewestFirst),
            RequestPattern::Open => (vec![Pattern::Open], RequestOrder::OldestFirst),
            RequestPattern::WaitingForMe => (groups(person), RequestOrder::OldestFirst),
            RequestPattern::Mine => (emails(person), RequestOrder::NewestFirst),
            RequestPattern::InStatus => {
                let status = self.status.ok_or_else(|| missing("list.status", "a status"))?;
                (vec![Pattern::InStatus(status.into())], RequestOrder::OldestFirst)
            }
            RequestPattern::OfProject => {
                let project = parse("list.project", "a project", self.project, ProjectId::parse)?;
                (vec![Pattern::OfProject(project)], RequestOrder::NewestFirst)
            }
            RequestPattern::OfRequester => {
                let email = parse("list.requester", "a requester", self.requester, Email::parse)?;
                (vec![Pattern::OfRequester(email)], RequestOrder::NewestFirst)
            }
            RequestPattern::OfStore => {
                let store = parse("list.store", "a store", self.store, StoreId::parse)?;
                (vec![Pattern::OfStore(store)], RequestOrder::NewestFirst)
            }
            RequestPattern::WaitingFor => {
                let group = parse("list.group", "a group", self.group, Group::parse)?;
                (vec![Pattern::WaitingFor(group)], RequestOrder::OldestFirst)
            }
            RequestPattern::DueBy => {
                let by = self.due_by.ok_or_else(|| missing("list.dueBy", "an instant"))?;
                (vec![Pattern::DueBy(by.0)], RequestOrder::DueFirst)
            }
        };
        Ok(Asked { patterns, kind: self.pattern, order })
    }
}

impl Asked {
    /// Refuses any order but the list's own.
    pub(super) fn require(&self, order: Option<RequestOrder>) -> Result<(), Refused> {
        match order {
            Some(order) if order != self.order => Err(Refused::order(format!(
                "This list is kept {}; it cannot be answered {}. Ask for it in its own order, or for another list.",
                self.order.in_words(),
                order.in_words(),
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// What belongs to the list beyond its indexes. A request of two addresses of the viewer is listed once.
    pub(super) fn holds(&self, person: &Person, row: &Request, index: usize) -> bool {
        match self.kind {
            RequestPattern::WaitingForMe => offer::decide(person, row).is_ok(),
            RequestPattern::Mine => {
                let is_listed = |pattern: &Pattern| match pattern {
                    Pattern::OfRequester(email) => row.requesters.iter().any(|who| who.email == *email),
                    _ => false,
                };
                row.is_of(&person.who) && !self.patterns.iter().take(index).any(is_listed)
            }
            _ => true,
        }
    }
}

fn groups(person: &Person) -> Vec<Pattern> {
    let mut groups: Vec<_> = person.memberships.iter().map(|membership| membership.group.clone()).collect();
    groups.dedup();
    groups.into_iter().map(Pattern::WaitingFor).collect()
}

fn emails(person: &Person) -> Vec<Pattern> {
    let mut emails = person.who.verified_emails.clone();
    emails.insert(person.who.email.clone());
    emails.into_iter().map(Pattern::OfRequester).collect()
}

fn missing(field: &str, what: &str) -> Refused {
    Refused::input(field, &format!("this list needs {what}"))
}

fn parse<T>(
    field: &str,
    what: &str,
    text: Option<String>,
    parse: impl Fn(String) -> Result<T, BadText>,
) -> Result<T, Refused> {
    let text = text.ok_or_else(|| missing(field, what))?;
    parse(text).map_err(|bad| Refused::input(field, &bad.to_string()))
}

impl RequestFilter {
    /// Refuses texts that are longer than anything they could be found in.
    pub(super) fn require(&self) -> Result<(), Refused> {
        for (field, text) in [("where.requester", &self.requester), ("where.text", &self.text)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
                let sentence = format!("what is looked for has more than {LONGEST_TEXT} characters");
                return Err(Refused::input(field, &sentence));
            }
        }
        Ok(())
    }

    /// Whether a row meets all conditions.
    pub(super) fn accepts(&self, person: &Person, row: &Request, now: Timestamp) -> bool {
        self.accepts_place(row) && self.accepts_text(row) && self.accepts_time(row, now) && {
            self.decidable.is_none_or(|wanted| offer::decide(person, row).is_ok() == wanted)
        }
    }

    fn accepts_place(&self, row: &Request) -> bool {
        let word = Word::from(row.status.word());
        self.status.as_ref().is_none_or(|words| words.contains(&word))
            && self.project.as_ref().is_none_or(|project| row.project.as_str() == project)
            && self.workspace.as_ref().is_none_or(|workspace| row.workspace.as_str() == workspace)
    }

    fn accepts_text(&self, row: &Request) -> bool {
        let purpose = row.purpose.as_ref().map_or("", |purpose| purpose.as_str());
        self.text.as_ref().is_none_or(|wanted| {
            contains(row.title.as_str(), wanted) || contains(purpose, wanted) || contains(&row.id.to_string(), wanted)
        }) && self.requester.as_ref().is_none_or(|wanted| {
            let is_wanted = |who: &workflow::domain::person::Who| contains(&who.to_string(), wanted);
            row.requesters.iter().any(is_wanted)
        })
    }

    fn accepts_time(&self, row: &Request, now: Timestamp) -> bool {
        let deadline = row.round().entry.as_ref().and_then(|entry| entry.deadline_at);
        self.received_from.is_none_or(|from| row.received_at >= from.0)
            && self.received_before.is_none_or(|before| row.received_at < before.0)
            && self.updated_from.is_none_or(|from| row.updated_at >= from.0)
            && self.updated_before.is_none_or(|before| row.updated_at < before.0)
            && self.overdue.is_none_or(|wanted| deadline.is_some_and(|deadline| deadline <= now) == wanted)
    }
}

fn contains(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}
