//! What was declared: read from the platform's version list, or on record already.

use std::sync::Arc;

use super::super::StepError;
use crate::domain::manifest::{Declared, Manifest, ManifestReference};
use crate::domain::notice::Notice;
use crate::domain::policy::Limits;
use crate::domain::release::RecordReference;
use crate::domain::request::{Request, Submission};
use crate::domain::version_list;
use crate::ports::object_store::Area;
use crate::ports::{Kind, PortError, Ports};
use crate::records;

/// The declared manifest with its record, or the sentence with which the round goes back.
type Declaration = Result<(Arc<Manifest<Declared>>, ManifestReference), String>;

pub(super) async fn declared(ports: &Ports, request: &Request) -> Result<Declaration, StepError> {
    let round = request.round();
    let manifest = match (&round.declared, &round.submission) {
        (Some(reference), _) | (None, Submission::Files(reference)) => {
            let record = RecordReference { key: reference.key.clone(), digest: reference.digest };
            // Every call of the step needs it, and a large request takes many.
            records::share::<Manifest<Declared>>(ports, &record).await?
        }
        (None, Submission::Notice(notice)) => match read_list(ports, notice).await? {
            Ok(manifest) => Arc::new(manifest),
            Err(sentence) => return Ok(Err(sentence)),
        },
    };
    if let Some(reference) = &round.declared {
        return Ok(Ok((manifest, reference.clone())));
    }
    if let Some(sentence) = over_the_limits(&manifest, request.policy().map(|policy| &policy.limits)) {
        return Ok(Err(sentence));
    }
    let record = records::put(ports, request, "declared", &*manifest).await?;
    let bytes = manifest.bytes();
    let reference = super::reference(record, manifest.files().len(), bytes);
    Ok(Ok((manifest, reference)))
}

async fn read_list(ports: &Ports, notice: &Notice) -> Result<Result<Manifest<Declared>, String>, StepError> {
    let key = format!("{}/{}", notice.list_bucket, notice.list_key);
    let missing = || PortError::new("object store", format!("read the version list {key}"), Kind::Missing);
    let object = ports.objects.latest(Area::Source, &key).await?.ok_or_else(missing)?;
    let list = records::read_whole(ports, &object).await?;
    Ok(version_list::read(&list, notice.bucket.as_str(), &notice.folder).map_err(|bad| {
        format!("What was submitted cannot be reviewed: {bad}. Nothing was staged. Put that right and submit again.")
    }))
}

fn over_the_limits(manifest: &Manifest<Declared>, limits: Option<&Limits>) -> Option<String> {
    let limits = limits?;
    let files = u64::try_from(manifest.files().len()).unwrap_or(u64::MAX);
    let bytes = manifest.bytes();
    let problem = if files > limits.files {
        format!("it has {files} files, and the policy allows {}", limits.files)
    } else if bytes > limits.bytes {
        format!("it has {bytes} bytes, and the policy allows {}", limits.bytes)
    } else {
        let large = manifest.files().iter().find(|file| file.size > limits.bytes_per_file)?;
        format!("{} has {} bytes, and the policy allows {} in one file", large.path, large.size, limits.bytes_per_file)
    };
    Some(format!("What was submitted is too much for one request: {problem}. Nothing was staged. Submit less at once."))
}
