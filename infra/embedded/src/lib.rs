//! The house of one machine: every port of the workflow on one directory, and the engine that runs the definition.

pub mod database;
