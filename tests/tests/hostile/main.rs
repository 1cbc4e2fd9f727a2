//! Hostile and clumsy submissions: names, folders, lists and amounts. Whatever is submitted is released as promised, or
//! comes back with a sentence.

mod big;
mod content;
mod corpus;
mod folder;
mod limit;
mod name;
mod platform;
mod unpack;
