//! Mails over a real connection to a server that can be as bad as any. Every test ends with the checker of invariants.

mod bounced;
mod cover;
mod doubled;
mod house;
mod killed;
mod measure;
mod refused;
mod silent;
