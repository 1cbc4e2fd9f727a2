//! Finish an upload: what arrived becomes what is submitted.

use uuid::Uuid;

use super::{ActionError, Caller, refused};
use crate::domain::manifest::{Declared, Manifest, SourceVersion};
use crate::domain::permission::Refusal;
use crate::domain::person::Person;
use crate::domain::text::ProjectId;
use crate::ports::Ports;
use crate::ports::uploads::Upload;

/// Answers the files of the caller's own upload, with the project that they were announced for. Every file has to be
/// there whole. Again: the same.
pub async fn run(ports: &Ports, caller: &Caller, id: Uuid) -> Result<(ProjectId, Manifest<Declared>), ActionError> {
    let person = caller.person(ports).await?;
    match finish(ports, &person, id).await {
        Err(ActionError::Refused(refusal)) => {
            caller.log(ports, refused(None, "finish_upload", &refusal)).await?;
            Err(refusal.into())
        }
        other => other,
    }
}

async fn finish(ports: &Ports, person: &Person, id: Uuid) -> Result<(ProjectId, Manifest<Declared>), ActionError> {
    let upload = find_own(ports, person, id).await?;
    let arrived = ports.uploads.arrived(id).await?;
    let declared: Vec<Declared> = upload.files.iter().zip(&arrived).filter_map(declare).collect();
    let missing = upload.files.len() - declared.len();
    if missing > 0 {
        let absent = upload.files.iter().zip(arrived.iter().chain(std::iter::repeat(&None)));
        let first = absent.into_iter().find(|(_, version)| version.is_none()).map(|(file, _)| file.path.to_string());
        let first = first.unwrap_or_default();
        return Err(Refusal::UploadUnfinished { missing, files: upload.files.len(), first }.into());
    }
    let manifest = Manifest::declare(declared).map_err(|bad| Refusal::UnusableFiles { problem: bad.to_string() })?;
    Ok((upload.project, manifest))
}

fn declare((file, version): (&crate::ports::uploads::Announced, &Option<SourceVersion>)) -> Option<Declared> {
    let source = version.clone()?;
    Some(Declared { path: file.path.clone(), submitted_as: file.submitted_as.clone(), source, size: file.size })
}

/// An upload, to the person whose it is.
pub async fn find_own(ports: &Ports, person: &Person, id: Uuid) -> Result<Upload, ActionError> {
    let upload = ports.uploads.find(id).await?.filter(|upload| upload.by.is_same_person(&person.who));
    Ok(upload.filter(|_| !person.disabled).ok_or(Refusal::NoSuchUpload)?)
}
