//! What happens to machines: each test is a row of `docs/faults.md`, on the shipped binary, and ends with the checker.
//!
//! Several of them mount file systems and watch system calls, so they have to be run as root. Where that is not allowed
//! they fail and say so: a fault that could not be tried is not one that was withstood.

mod clock;
mod damage;
mod directory;
mod disk;
mod flush;
mod folder;
mod handle;
mod mount;
mod pause;
mod secret;
