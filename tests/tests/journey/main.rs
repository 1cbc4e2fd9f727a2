//! The sentence, played to each of its ends; after each, everything holds that must, and what an onlooker sees is
//! what was seen before.

mod checker;
mod ends;
mod promise;
