//! What the gate does: its rules, its steps and the archive that it releases, without I/O and without a clock.

pub mod archive;
pub mod canonical;
