//! Measures bytes on their way by.

use aws_sdk_s3::primitives::ByteStream;
use sha2::{Digest as _, Sha256};
use workflow::domain::digest::Digest;
use workflow::ports::object_store::{Measured, ObjectVersion};

use super::ObjectStore;
use crate::failure::{Failure, Outcome};

/// As often a version is read on from where the bytes broke off.
const BREAKS: u32 = 5;

/// Size, SHA-256 and CRC-32 of bytes that pass by.
#[derive(Default)]
struct Measure {
    sha256: Sha256,
    crc32: crc32fast::Hasher,
    size: u64,
}

impl Measure {
    fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc32.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// Takes a stream to its end; none if it broke off.
    async fn take(&mut self, mut stream: ByteStream) -> Option<()> {
        loop {
            match stream.try_next().await {
                Ok(Some(bytes)) => self.update(&bytes),
                Ok(None) => return Some(()),
                Err(_) => return None,
            }
        }
    }
}

impl ObjectStore {
    /// Measures a version by reading all of it. Memory does not grow with it.
    pub(super) async fn measure(&self, object: &ObjectVersion) -> Outcome<Measured> {
        let mut measure = Measure::default();
        for round in 0..BREAKS {
            let answer = match self.open(object, measure.size, u64::MAX - measure.size).await {
                Err(failure) if failure.code() == "InvalidRange" => return Ok(finish(measure)),
                answer => answer?,
            };
            if measure.take(answer.body).await.is_some() {
                return Ok(finish(measure));
            }
            crate::table::pause(round).await;
        }
        Err(Failure::busy("the bytes broke off again and again"))
    }
}

fn finish(measure: Measure) -> Measured {
    let digest = Digest::Sha256(measure.sha256.finalize().into());
    Measured { size: measure.size, digest, crc32: measure.crc32.finalize() }
}
