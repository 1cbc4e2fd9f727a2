//! Impossible states, named.

/// Ends the work on an impossible state with a sentence. A panic is a bug: this is the only way to make one.
#[macro_export]
macro_rules! bug {
    ($($sentence:tt)*) => {{
        #[allow(clippy::panic, reason = "an impossible state has no other answer, and the sentence says which it was")]
        {
            panic!($($sentence)*)
        }
    }};
}
