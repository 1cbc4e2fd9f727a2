//! Create an upload: a researcher announces files and learns where their bytes go.

use std::time::Duration;

use uuid::Uuid;

use super::{ActionError, Caller, refused};
use crate::domain::manifest::{Declared, Manifest, SourceVersion};
use crate::domain::path::SafePath;
use crate::domain::permission::{Refusal, may_submit};
use crate::domain::person::Person;
use crate::domain::policy::Limits;
use crate::domain::text::ProjectId;
use crate::ports::uploads::{Announced, Upload};
use crate::ports::{Kind, PortError, Ports};

/// How long an upload waits to be submitted.
const LIVES_FOR: Duration = Duration::from_hours(24);

/// What is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The name of the upload, as the house made it.
    pub id: Uuid,
    /// The project whose data it is.
    pub project: ProjectId,
    /// The name and size of each file.
    pub files: Vec<(String, u64)>,
}

/// An upload with the address of each of its files, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The upload.
    pub upload: Upload,
    /// The addresses.
    pub addresses: Vec<String>,
}

/// Makes room for files, if they could become a request. Again with the same id: the upload that is there, if it is
/// the caller's and holds the same files.
pub async fn run(ports: &Ports, caller: &Caller, announcement: Announcement) -> Result<Created, ActionError> {
    let person = caller.person(ports).await?;
    match create(ports, &person, announcement).await {
        Err(ActionError::Refused(refusal)) => {
            caller.log(ports, refused(None, "create_upload", &refusal)).await?;
            Err(refusal.into())
        }
        other => other,
    }
}

async fn create(ports: &Ports, person: &Person, announcement: Announcement) -> Result<Created, ActionError> {
    let may = may_submit(person, &announcement.project)?;
    let policy = ports.policies.for_project(&announcement.project).await?;
    let files = check(announcement.files, &policy.limits)?;
    if let Some(upload) = ports.uploads.find(announcement.id).await? {
        let is_same =
            upload.by.is_same_person(&person.who) && upload.project == announcement.project && upload.files == files;
        return if is_same { answer(ports, upload).await } else { Err(Refusal::NoSuchUpload.into()) };
    }
    let expires_at = ports.clock.now().checked_add(LIVES_FOR).unwrap_or(jiff::Timestamp::MAX);
    let (id, project) = (announcement.id, announcement.project);
    answer(ports, Upload { id, by: may.who().clone(), project, files, expires_at }).await
}

async fn answer(ports: &Ports, upload: Upload) -> Result<Created, ActionError> {
    match ports.uploads.create(&upload).await {
        Ok(addresses) => Ok(Created { upload, addresses }),
        Err(PortError { kind: Kind::Conflict, .. }) => Err(Refusal::NoSuchUpload.into()),
        Err(error) => Err(error.into()),
    }
}

/// Refuses before any byte moves what staging would refuse after all of them had.
fn check(files: Vec<(String, u64)>, limits: &Limits) -> Result<Vec<Announced>, Refusal> {
    let unusable = |problem: String| Refusal::UnusableFiles { problem };
    if u64::try_from(files.len()).unwrap_or(u64::MAX) > limits.files {
        return Err(unusable(format!("there are {} of them, and the policy allows {}", files.len(), limits.files)));
    }
    let bytes = files.iter().fold(0_u64, |sum, (_, size)| sum.saturating_add(*size));
    if bytes > limits.bytes {
        return Err(unusable(format!("they have {bytes} bytes, and the policy allows {}", limits.bytes)));
    }
    let declared = files.into_iter().map(|(name, size)| declare(&name, size, limits)).collect::<Result<Vec<_>, _>>();
    let manifest = declared.and_then(|files| Manifest::declare(files).map_err(|bad| bad.to_string()));
    let announced = |file: &Declared| Announced {
        path: file.path.clone(),
        submitted_as: file.submitted_as.clone(),
        size: file.size,
    };
    Ok(manifest.map_err(unusable)?.files().iter().map(announced).collect())
}

fn declare(name: &str, size: u64, limits: &Limits) -> Result<Declared, String> {
    let path = SafePath::parse(name).map_err(|bad| bad.to_string())?;
    if size > limits.bytes_per_file {
        return Err(format!("{path} has {size} bytes, and the policy allows {} in one file", limits.bytes_per_file));
    }
    let submitted_as = (path.as_str() != name).then(|| name.to_owned());
    // Where the bytes will be is known once they are there.
    let source = SourceVersion { key: String::new(), version: String::new() };
    Ok(Declared { path, submitted_as, source, size })
}
