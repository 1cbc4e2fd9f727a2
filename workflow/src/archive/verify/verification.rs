//! What came out of verifying an archive.

use std::fmt;
use std::io;

use super::super::reader::Fault;
use super::super::record::ReleaseRecord;

/// What is checked, in the order of checking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The archive is laid out as releases are, without a gap or a stray byte.
    Structure,
    /// The manifest is there, in canonical form.
    Manifest,
    /// The files are exactly those of the manifest, byte for byte.
    Files,
    /// The release record is there and names this manifest.
    Record,
    /// The envelope is there and its statement names this record.
    Statement,
    /// The statement was signed with the given key.
    Signature,
}

impl Check {
    /// Every check.
    pub const ALL: [Self; 6] =
        [Self::Structure, Self::Manifest, Self::Files, Self::Record, Self::Statement, Self::Signature];

    /// The word for people and for JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Manifest => "manifest",
            Self::Files => "files",
            Self::Record => "record",
            Self::Statement => "statement",
            Self::Signature => "signature",
        }
    }
}

/// How a check ended; what is not a pass says why in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed(String),
    /// It could not be asked.
    NotChecked(String),
}

/// One check and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// How it ended.
    pub outcome: Outcome,
}

/// What came out of verifying an archive: one finding for every check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// The findings, in the order of [`Check::ALL`].
    pub findings: Vec<Finding>,
    /// How many files were found as approved.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// The first file that is not as approved: its path below `files/`.
    pub bad_file: Option<String>,
    /// The release record, if it holds.
    pub record: Option<ReleaseRecord>,
}

impl Verification {
    /// Whether nothing failed. Without a key this says nothing about who made the archive: see [`Self::is_signed`].
    pub fn is_sound(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Whether the signature was checked and holds.
    pub fn is_signed(&self) -> bool {
        self.findings.iter().any(|found| found.check == Check::Signature && found.outcome == Outcome::Passed)
    }

    /// The sentences of what failed.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        self.findings.iter().filter_map(|found| match &found.outcome {
            Outcome::Failed(sentence) => Some(sentence.as_str()),
            Outcome::Passed | Outcome::NotChecked(_) => None,
        })
    }

    /// Notes how a check of `subject` ended, and passes on what it found.
    pub(super) fn note<T>(&mut self, check: Check, subject: &str, result: Result<T, Fault>) -> io::Result<Option<T>> {
        let (outcome, found) = match result {
            Ok(found) => (Outcome::Passed, Some(found)),
            Err(Fault::Broken(problem)) => (Outcome::Failed(format!("{subject} {problem}")), None),
            Err(Fault::Io(error)) => return Err(error),
        };
        self.findings.push(Finding { check, outcome });
        Ok(found)
    }

    pub(super) fn skip(&mut self, check: Check, sentence: &str) {
        self.findings.push(Finding { check, outcome: Outcome::NotChecked(sentence.to_owned()) });
    }

    /// Gives every check that was not reached its finding, and puts the findings in order.
    pub(super) fn skip_the_rest(&mut self) {
        for check in Check::ALL {
            if !self.findings.iter().any(|found| found.check == check) {
                self.skip(check, "not checked: what it rests on did not hold");
            }
        }
        self.findings.sort_by_key(|found| found.check as u8);
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Passed => write!(f, "{}: passed", self.check.name()),
            Outcome::Failed(sentence) => write!(f, "{}: FAILED: {sentence}", self.check.name()),
            Outcome::NotChecked(sentence) => write!(f, "{}: {sentence}", self.check.name()),
        }
    }
}
