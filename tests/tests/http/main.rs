//! The face of a house, over real sockets: who comes in, what is handed out, and what is refused.

mod abuse;
mod api;
mod download;
mod event;
mod foreign;
mod forged;
mod form;
mod header;
mod judge;
mod key;
mod limit;
mod log;
mod notice;
mod operate;
mod preview;
mod session;
mod sign_in;
mod spoofing;
mod stage;
mod stop;
mod upload;
