//! Many at once: the closing decision has one winner, and no wake-up is lost.

mod closing;
mod waking;
