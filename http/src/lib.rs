//! What is not GraphQL: routes, sign-in, sessions, tickets, uploads, previews' bytes, events, health. It mounts the API
//! and the pages.
//!
//! [`serve`] binds an address and answers until it is told to stop. Everything that a call can do goes through the
//! workflow's actions, with the caller that an [`Authenticator`] has proven.

pub mod account;
mod api;
mod authentication;
mod call;
mod client;
mod cookie;
mod download;
mod event;
mod face;
mod header;
mod health;
pub mod key;
mod metric;
mod notice;
mod password;
mod patience;
mod preview;
mod problem;
mod router;
mod serve;
mod session;
mod settings;
mod throttle;
mod tls;
mod upload;
mod visit;

pub use authentication::{Authenticator, Proof};
pub use face::House;
pub use graphql::predecessor::sdl as predecessor_sdl;
pub use graphql::sdl;
pub use router::router;
pub use serve::{ServeError, Serving, serve};
pub use session::open_session;
pub use settings::{Profile, SessionLimits, Settings, Sns, Tls};
