//! What the database of one machine promises when the machine stops: what was acknowledged is there, and what is there
//! is whole.

mod killed;
mod torn;
mod witness;
