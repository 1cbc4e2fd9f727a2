//! The outbox delivered on the adapters of one machine: who is written to, once, and what happens when mail fails.

mod addressees;
mod errands;
mod flood;
mod house;
mod trouble;
