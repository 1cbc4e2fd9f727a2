//! The pages as a browser gets them, over answers of the API that are written down in `tests/fixture.rs`.

mod document;
mod fixture;
mod page;
