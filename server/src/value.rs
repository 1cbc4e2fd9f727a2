//! Single arguments, parsed: what is wrong with one is said before anything is done.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::outbox::MessageId;
use workflow::domain::person::Membership;
use workflow::domain::span::Span;
use workflow::domain::status::StatusWord;
use workflow::domain::text::{
    BadText, BucketName, Group, PersonName, PolicyName, ProjectId, Reason, StageId, StoreId, Title, WorkspaceId,
};

/// Makes a path absolute where the command was typed: the server that reads it may stand elsewhere.
pub(crate) fn path(text: &str) -> Result<PathBuf, std::io::Error> {
    std::path::absolute(text)
}

/// Reads a folder within a bucket.
pub(crate) fn prefix(text: &str) -> Result<String, String> {
    let climbs = text.split('/').any(|part| part == "." || part == "..");
    if climbs || text.starts_with('/') || text.len() > 900 || text.chars().any(char::is_control) {
        return Err(
            "a folder of a bucket has at most 900 bytes, no control characters, no '..' and no '/' in front".to_owned()
        );
    }
    Ok(text.to_owned())
}

macro_rules! parsers {
    ($($name:ident: $type:ty = $parse:expr;)*) => {$(
        pub(crate) fn $name(text: &str) -> Result<$type, BadText> {
            $parse(text)
        }
    )*};
}

parsers! {
    email: Email = Email::parse;
    request: RequestId = str::parse;
    message: MessageId = str::parse;
    digest: Digest = str::parse;
    bucket: BucketName = BucketName::parse;
    group: Group = Group::parse;
    membership: Membership = str::parse;
    person_name: PersonName = PersonName::parse;
    policy_name: PolicyName = PolicyName::parse;
    project: ProjectId = ProjectId::parse;
    reason: Reason = Reason::parse;
    span: Span = str::parse;
    stage: StageId = StageId::parse;
    store: StoreId = StoreId::parse;
    title: Title = Title::parse;
    workspace: WorkspaceId = WorkspaceId::parse;
}

/// One of the words for where a request stands.
pub(crate) fn status() -> impl TypedValueParser<Value = StatusWord> {
    PossibleValuesParser::new(StatusWord::ALL.map(StatusWord::as_str))
        .try_map(|word| StatusWord::parse(&word).ok_or("there is no such status"))
}
