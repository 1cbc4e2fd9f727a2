//! Policies: which stages a request passes, who decides there, and how long everything may take.

mod document;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use document::BadPolicy;

use super::calendar::Calendar;
use super::digest::Digest;
use super::span::Span;
use super::text::{BadText, Group, PolicyName, StageId, Title};

/// One version of a policy. It is bound to a request when the request is admitted, and never changes for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: PolicyName,
    /// Counts its versions, from 1.
    pub version: u32,
    /// The IANA time zone in which working days are counted.
    pub timezone: String,
    /// Days that are not working days.
    #[serde(default)]
    pub holidays: BTreeSet<Date>,
    /// How long data that may not leave is kept for an appeal before it is deleted with proof.
    pub keep_rejected_for: Span,
    /// How long a returned request waits for its requester before it expires.
    #[serde(default = "document::twenty_working_days")]
    pub returned_for: Span,
    /// Who may download a release, how often and how long a ticket lives.
    pub download: DownloadRule,
    /// What happens to a second request of a store that has an open one.
    pub open_requests_per_store: OpenRequests,
    /// Whether one person may decide at more than one stage. "No" is what four eyes mean.
    #[serde(default)]
    pub one_person_may_decide_at_several_stages: bool,
    /// Counts of people from 1 up to below this are marked for reviewers; 0 marks none. A policy that does not say so
    /// has the document, and the digest, that it had before this could be said.
    #[serde(default = "document::ten", skip_serializing_if = "document::is_ten")]
    pub small_counts_below: u32,
    /// How much one request may hold.
    #[serde(default)]
    pub limits: Limits,
    /// The stages, in order.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
}

/// One approval that a round must pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its id.
    pub id: StageId,
    /// What people call it.
    pub title: Title,
    /// Whose members decide.
    pub group: Group,
    /// How many different people have to approve.
    #[serde(default = "document::one")]
    pub quorum: u32,
    /// Whether a reviewer sees what the others decided only after the stage has closed.
    #[serde(default)]
    pub blind: bool,
    /// How often reviewers are reminded.
    #[serde(default)]
    pub remind_every: Option<Span>,
    /// When the stage has to be decided.
    #[serde(default)]
    pub deadline: Option<Span>,
    /// Who is told when it is getting late: one reminder period before a deadline that expires the request, or at a
    /// deadline that only warns.
    #[serde(default)]
    pub escalate_to: Option<Audience>,
    /// What happens at the deadline when nobody closed the stage.
    #[serde(default)]
    pub silence: Silence,
    /// The least number of characters that a reason has.
    #[serde(default)]
    pub reason_at_least: u32,
}

/// What the deadline of a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// The request goes on waiting.
    #[default]
    Wait,
    /// The request expires.
    Expire,
}

/// What happens to a second request of a store that has an open one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenRequests {
    /// It waits until the first is over.
    Queue,
    /// It is not taken.
    Refuse,
}

/// Who may download a release, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownloadRule {
    /// How many tickets each person gets.
    pub limit: u32,
    /// How long a ticket lives.
    pub expires_after: Span,
    /// Who gets them.
    pub by: Vec<Audience>,
}

/// How much one request may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Files of one request.
    pub files: u64,
    /// Bytes of one file.
    pub bytes_per_file: u64,
    /// Bytes of one request.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 100_000, bytes_per_file: 5 << 40, bytes: 5 << 40 }
    }
}

/// Somebody that a policy speaks of: `requester` or `group:<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Whoever asked.
    Requester,
    /// The members of a group, as far as the request's project is concerned.
    Group(Group),
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requester => f.write_str("requester"),
            Self::Group(group) => write!(f, "group:{group}"),
        }
    }
}

impl FromStr for Audience {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        match (text, text.strip_prefix("group:")) {
            ("requester", _) => Ok(Self::Requester),
            (_, Some(group)) => Ok(Self::Group(Group::parse(group)?)),
            _ => Err(BadText::new("the audience", format!("'{text}' is neither 'requester' nor 'group:<name>'"))),
        }
    }
}

impl TryFrom<String> for Audience {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> String {
        audience.to_string()
    }
}

impl Policy {
    /// The shipped policy of two stages, Information Governance and then Research IT.
    pub const TWO_STAGE: &str = include_str!("../../policy.toml");
    /// The shipped policy of one stage.
    pub const SINGLE: &str = include_str!("../../policy-single.toml");

    /// The stage with a number from 0.
    pub fn stage(&self, index: usize) -> Option<&Stage> {
        self.stages.get(index)
    }

    /// The working days that the policy counts in.
    pub fn calendar(&self) -> Calendar {
        // INVARIANT: `parse` refuses a zone that is not known, and the zones come with the program.
        let zone = TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC);
        Calendar::new(zone, self.holidays.clone())
    }

    /// The digest of the policy's canonical form: what an audit event and a release record name.
    pub fn digest(&self) -> Digest {
        super::digest::of_canonical(self)
    }

    /// Names the version, as in `two-stage v3`.
    pub fn label(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }
}
