//! The AWS house against stand-ins on loopback.
