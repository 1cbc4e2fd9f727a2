//! The sentence, played to each of its ends; after each, everything holds that must.

mod ends;
