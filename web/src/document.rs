//! The documents that the pages run, typed from the schema when this is compiled.
#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::pedantic,
    unreachable_pub,
    non_camel_case_types,
    reason = "generated from the documents, which say what they are"
)]

use graphql_client::GraphQLQuery;

use crate::word::{
    Content, Moved, OpenRequests, Opinion, ReplayOutcome, RequestPattern, Silence, StatusWord, StepKind, StepPlace,
};

type DateTime = jiff::Timestamp;
type Long = u64;

macro_rules! documents {
    ($($name:ident $path:tt)*) => {
        $(
            #[derive(GraphQLQuery)]
            #[graphql(
                schema_path = "../frontend-schema/schema.graphql",
                query_path = $path,
                response_derives = "Debug,Clone",
                variables_derives = "Debug,Clone",
                extern_enums(
                    "Content", "Moved", "OpenRequests", "Opinion", "ReplayOutcome", "RequestPattern", "Silence", "StatusWord",
                    "StepKind", "StepPlace"
                )
            )]
            pub(crate) struct $name;
        )*

        /// Every document: the operation's name, and its text.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), include_str!(concat!("../", $path)))),*];
    };
}

documents! {
    Abort "../frontend-schema/operations/abort.graphql"
    Account "../frontend-schema/operations/account.graphql"
    Audit "../frontend-schema/operations/audit.graphql"
    Comment "../frontend-schema/operations/comment.graphql"
    Comments "../frontend-schema/operations/comments.graphql"
    CreateUpload "../frontend-schema/operations/create_upload.graphql"
    Decide "../frontend-schema/operations/decide.graphql"
    Deliberation "../frontend-schema/operations/deliberation.graphql"
    Files "../frontend-schema/operations/files.graphql"
    GrantDownload "../frontend-schema/operations/grant_download.graphql"
    Home "../frontend-schema/operations/home.graphql"
    Look "../frontend-schema/operations/look.graphql"
    Policies "../frontend-schema/operations/policies.graphql"
    ReplayQuarantined "../frontend-schema/operations/replay_quarantined.graphql"
    Request "../frontend-schema/operations/request.graphql"
    Requests "../frontend-schema/operations/requests.graphql"
    Resubmission "../frontend-schema/operations/resubmission.graphql"
    Resubmit "../frontend-schema/operations/resubmit.graphql"
    Retry "../frontend-schema/operations/retry.graphql"
    RetryMessage "../frontend-schema/operations/retry_message.graphql"
    Revoke "../frontend-schema/operations/revoke.graphql"
    Stuck "../frontend-schema/operations/stuck.graphql"
    Submission "../frontend-schema/operations/submission.graphql"
    Submit "../frontend-schema/operations/submit.graphql"
    Timeline "../frontend-schema/operations/timeline.graphql"
    Withdraw "../frontend-schema/operations/withdraw.graphql"
}
