//! What time asks: look after what got stuck, deliver what is due, delete what may not be kept, seal the record.

pub mod deliver;
pub mod dispose;
pub mod seal;
pub mod sweep;
