//! The adapters of an AWS account.
