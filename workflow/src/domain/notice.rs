//! The platform's notice that some files should leave (wire contract D1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::email::Email;
use super::id::RequestId;
use super::path::escape;
use super::text::{BadText, BucketName, ProjectId, StoreId, Title, WorkspaceId};

/// The largest notice in bytes: what SNS can carry.
pub const LARGEST_NOTICE: usize = 256 * 1024;

/// A notice whose every field was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The submission's own id.
    pub id: RequestId,
    /// The upstream store whose content was submitted.
    pub store: StoreId,
    /// Its name, as people know it.
    pub store_name: Title,
    /// The workspace it belongs to.
    pub workspace: WorkspaceId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// The bucket that holds the files.
    pub bucket: BucketName,
    /// The folder within it, ending in `/`.
    pub folder: String,
    /// The bucket that holds the version list.
    pub list_bucket: BucketName,
    /// The key of the version list.
    pub list_key: String,
    /// Counts the submissions of this store, from 1.
    pub submission: u64,
    /// Who created the store.
    pub creator: UpstreamUser,
    /// When the store was created.
    pub store_created_at: Timestamp,
    /// Who submitted.
    pub submitter: UpstreamUser,
    /// When they did.
    pub submitted_at: Timestamp,
}

/// A user of the platform: its own id, which is no id of ours, and the address that it vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamUser {
    /// The platform's user id.
    pub id: String,
    /// Their address.
    pub email: Email,
}

/// Says what is wrong with a notice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadNotice {
    /// It is larger than SNS can carry.
    #[error("the notice has {0} bytes; at most 262,144 can be taken")]
    TooLarge(usize),
    /// It is not JSON, or a field is missing or of the wrong type.
    #[error("the notice cannot be read ({0})")]
    Unreadable(String),
    /// A field holds something that cannot be right.
    #[error("in the notice, {field} is not usable: {problem}")]
    Field {
        /// The field, by the platform's name.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Deserialize)]
struct Wire {
    egress_store_object_list_location: String,
    id: String,
    egress_store_id: String,
    egress_store_name: String,
    created_at: String,
    created_by: String,
    created_by_email: String,
    workspace_id: String,
    project_id: String,
    s3_bucketname: String,
    s3_bucketpath: String,
    updated_by: String,
    updated_by_email: String,
    updated_at: String,
    ver: u64,
}

impl Notice {
    /// Reads the text of a notice. Fields that it does not know are ignored: the platform may add some.
    pub fn parse(body: &[u8]) -> Result<Self, BadNotice> {
        if body.len() > LARGEST_NOTICE {
            return Err(BadNotice::TooLarge(body.len()));
        }
        let wire: Wire = serde_json::from_slice(body).map_err(|e| BadNotice::Unreadable(escape(&e.to_string())))?;
        let (list_bucket, list_key) = split_location(&wire.egress_store_object_list_location)?;
        Ok(Self {
            id: check("id", wire.id.parse())?,
            store: check("egress_store_id", StoreId::parse(wire.egress_store_id))?,
            store_name: check("egress_store_name", Title::parse(wire.egress_store_name))?,
            workspace: check("workspace_id", WorkspaceId::parse(wire.workspace_id))?,
            project: check("project_id", ProjectId::parse(wire.project_id))?,
            bucket: check("s3_bucketname", BucketName::parse(wire.s3_bucketname))?,
            folder: check_folder(wire.s3_bucketpath)?,
            list_bucket,
            list_key,
            submission: check_count(wire.ver)?,
            creator: user("created_by", wire.created_by, "created_by_email", wire.created_by_email)?,
            store_created_at: instant("created_at", &wire.created_at)?,
            submitter: user("updated_by", wire.updated_by, "updated_by_email", wire.updated_by_email)?,
            submitted_at: instant("updated_at", &wire.updated_at)?,
        })
    }
}

fn check<T>(field: &'static str, parsed: Result<T, BadText>) -> Result<T, BadNotice> {
    parsed.map_err(|bad| BadNotice::Field { field, problem: bad.to_string() })
}

fn wrong(field: &'static str, problem: &str) -> BadNotice {
    BadNotice::Field { field, problem: problem.to_owned() }
}

fn instant(field: &'static str, text: &str) -> Result<Timestamp, BadNotice> {
    text.parse().map_err(|_| wrong(field, "it is not an ISO 8601 instant"))
}

fn user(id_field: &'static str, id: String, field: &'static str, email: String) -> Result<UpstreamUser, BadNotice> {
    if id.is_empty() || id.len() > 256 || id.chars().any(char::is_control) {
        return Err(wrong(id_field, "a user id has 1 to 256 visible characters"));
    }
    Ok(UpstreamUser { id, email: check(field, Email::parse(email))? })
}

/// The bucket and key of `arn:aws:s3:::<bucket>/<key>`.
fn split_location(location: &str) -> Result<(BucketName, String), BadNotice> {
    const FIELD: &str = "egress_store_object_list_location";
    let form = || wrong(FIELD, "it is not of the form arn:aws:s3:::<bucket>/<key>");
    let rest = location.strip_prefix("arn:").and_then(|r| r.split_once(":s3:::")).ok_or_else(form)?.1;
    let (bucket, key) = rest.split_once('/').ok_or_else(form)?;
    check_key(FIELD, key)?;
    Ok((check(FIELD, BucketName::parse(bucket))?, key.to_owned()))
}

fn check_folder(path: String) -> Result<String, BadNotice> {
    check_key("s3_bucketpath", &path)?;
    Ok(if path.ends_with('/') { path } else { format!("{path}/") })
}

fn check_count(count: u64) -> Result<u64, BadNotice> {
    if count == 0 { Err(wrong("ver", "submissions are counted from 1")) } else { Ok(count) }
}

fn check_key(field: &'static str, key: &str) -> Result<(), BadNotice> {
    let escapes = key.split('/').any(|segment| segment == ".." || segment == ".");
    if key.is_empty() || key.len() > 1024 || key.starts_with('/') || escapes || key.chars().any(char::is_control) {
        return Err(wrong(field, "an object key has 1 to 1,024 bytes, no control characters and no '..' part"));
    }
    Ok(())
}

#[cfg(test)]
mod property;

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = include_str!("../../../testdata/platform/notice.json");

    fn with(field: &str, value: serde_json::Value) -> Result<Notice, BadNotice> {
        let mut notice: serde_json::Value = serde_json::from_str(REAL).unwrap();
        notice[field] = value;
        Notice::parse(&serde_json::to_vec(&notice).unwrap())
    }

    #[test]
    fn the_platforms_notice_is_read() {
        let notice = Notice::parse(REAL.as_bytes()).unwrap();
        assert_eq!(notice.project.as_str(), "TREProject1Prod");
        assert_eq!(notice.folder, "8c1f0c5e-6c1b-4a3a-9d5e-2f7f3e0a1b44/");
        assert!(notice.list_key.ends_with("Marriage survey-egress-store-ver1.json"));
        assert_eq!(notice.submission, 1);
    }

    #[test]
    fn every_field_that_cannot_be_right_is_named() {
        for (field, value) in [
            ("id", "not-a-uuid".into()),
            ("project_id", "a b".into()),
            ("workspace_id", "../x".into()),
            ("s3_bucketpath", "/abs/".into()),
            ("s3_bucketpath", "a/../b/".into()),
            ("created_by_email", "nobody".into()),
            ("updated_at", "yesterday".into()),
            ("egress_store_object_list_location", "https://example.org/x".into()),
            ("egress_store_name", "a\r\nSubject: x".into()),
            ("egress_store_name", "".into()),
            ("egress_store_name", "x".repeat(201).into()),
            ("egress_store_id", "s".repeat(101).into()),
            ("project_id", "p".repeat(101).into()),
            ("project_id", "проект".into()),
            ("s3_bucketname", "b".repeat(256).into()),
            ("s3_bucketpath", "k".repeat(1_025).into()),
            ("s3_bucketpath", "a\u{0}b/".into()),
            ("created_by", "".into()),
            ("updated_by", "u".repeat(257).into()),
            ("updated_by_email", format!("{}@example.org", "a".repeat(65)).into()),
            ("updated_by_email", "a@b@example.org".into()),
            ("updated_by_email", "a\r\nBcc: x@example.org".into()),
            ("created_at", "2026-13-01T00:00:00Z".into()),
            ("egress_store_object_list_location", "arn:aws:s3:::bucket".into()),
            ("egress_store_object_list_location", "arn:aws:s3:::bucket/../key".into()),
            ("ver", 0.into()),
        ] {
            let sentence = with(field, value).unwrap_err().to_string();
            assert!(sentence.contains(field), "{field}: {sentence}");
        }
        for version in ["one".into(), (-1).into(), 1.5.into(), serde_json::Value::Null] {
            assert!(matches!(with("ver", version), Err(BadNotice::Unreadable(_))));
        }
    }

    #[test]
    fn every_field_is_wanted_and_what_fits_exactly_is_taken() {
        let real: serde_json::Value = serde_json::from_str(REAL).unwrap();
        for field in real.as_object().unwrap().keys().filter(|field| *field != "status") {
            let mut notice = real.clone();
            notice.as_object_mut().unwrap().remove(field);
            let said = Notice::parse(notice.to_string().as_bytes()).unwrap_err().to_string();
            assert!(said.contains(field.as_str()), "{field}: {said}");
        }
        for (field, value) in [
            ("egress_store_name", "é".repeat(200)),
            ("egress_store_id", "s".repeat(100)),
            ("s3_bucketname", "b".repeat(255)),
            ("s3_bucketpath", "k".repeat(1_024)),
            ("created_by", "u".repeat(256)),
            ("updated_by_email", format!("{}@example.org", "a".repeat(64))),
        ] {
            with(field, value.into()).unwrap();
        }
        let padded = format!("{REAL}{}", " ".repeat(LARGEST_NOTICE - REAL.len()));
        Notice::parse(padded.as_bytes()).unwrap();
    }

    #[test]
    fn what_is_not_json_or_too_large_is_refused() {
        assert!(matches!(Notice::parse(b"{"), Err(BadNotice::Unreadable(_))));
        assert!(matches!(Notice::parse(&vec![b' '; LARGEST_NOTICE + 1]), Err(BadNotice::TooLarge(_))));
    }

    #[test]
    fn a_folder_without_its_slash_is_still_a_folder() {
        assert_eq!(with("s3_bucketpath", "ws-1".into()).unwrap().folder, "ws-1/");
    }
}
