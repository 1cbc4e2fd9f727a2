//! Deleting by version: no marker is left, and nothing that could be brought back.

use aws_sdk_s3::types::{Delete, Error, ObjectIdentifier};
use workflow::ports::Kind;
use workflow::ports::object_store::{Area, ObjectVersion};

use super::ObjectStore;
use crate::failure::{Failure, Outcome};

/// S3 takes so many in one call.
const AT_ONCE: usize = 1_000;

impl ObjectStore {
    pub(super) async fn remove(&self, objects: &[ObjectVersion]) -> Outcome<()> {
        for of_area in objects.chunk_by(|one, next| one.area == next.area) {
            for some in of_area.chunks(AT_ONCE) {
                self.remove_some(some).await?;
            }
        }
        Ok(())
    }

    /// Removes versions of one area.
    async fn remove_some(&self, objects: &[ObjectVersion]) -> Outcome<()> {
        let Some(first) = objects.first().filter(|first| first.area != Area::Source) else {
            return Err(Failure::refused(Kind::Denied, "nothing of the source is ours to delete"));
        };
        let bucket = self.spot(first.area, &first.key)?.bucket;
        let named = objects.iter().map(|object| {
            let identifier = ObjectIdentifier::builder().key(&object.key).version_id(&object.version).build();
            identifier.map_err(|error| Failure::damaged("a version", error))
        });
        let doomed = Delete::builder().set_objects(Some(named.collect::<Outcome<Vec<_>>>()?)).quiet(true).build();
        let doomed = doomed.map_err(|error| Failure::damaged("a list of versions", error))?;
        let call = self.client.delete_objects().bucket(bucket).delete(doomed);
        let answer = call.send().await.map_err(Failure::of)?;
        all_gone(answer.errors())
    }
}

/// What the errors of an answer come to: nothing, if every version that could not be deleted was gone before.
fn all_gone(errors: &[Error]) -> Outcome<()> {
    errors.iter().map(failure_of).find(|failure| !is_gone(failure)).map_or(Ok(()), Err)
}

/// Tells whether a version was deleted before. Nothing else is taken for that: deletion is proved by this answer, and
/// the versions are named as S3 itself named them.
fn is_gone(failure: &Failure) -> bool {
    ["NoSuchKey", "NoSuchVersion"].contains(&failure.code())
}

/// Why one of them is still there. Its key stays out of it: researchers chose it.
fn failure_of(error: &Error) -> Failure {
    let code = error.code().unwrap_or_default().to_owned();
    Failure::Service { text: format!("{code}: {}", error.message().unwrap_or("no reason was given")), code }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(codes: &[&str]) -> Vec<Error> {
        codes.iter().map(|code| Error::builder().code(*code).message("words").build()).collect()
    }

    #[test]
    fn only_what_was_gone_before_counts_as_gone() {
        assert!(all_gone(&[]).is_ok());
        assert!(all_gone(&errors(&["NoSuchVersion", "NoSuchKey"])).is_ok());
        for code in ["AccessDenied", "InternalError", "InvalidArgument", "NoSuchBucket", "SlowDown", ""] {
            assert!(all_gone(&errors(&["NoSuchVersion", code])).is_err(), "{code}");
        }
        assert_eq!(all_gone(&errors(&["AccessDenied"])).unwrap_err().kind(), Kind::Denied);
    }
}
