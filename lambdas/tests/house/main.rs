//! The functions against what the stack says of them, and against whoever would forge a token or an event.

mod forged;
mod part;
mod pool;
