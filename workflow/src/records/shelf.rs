//! Records that were read lately, as they were understood: whoever pages through a manifest of a hundred thousand files
//! has it read and understood once and not for every page.
//!
//! A record is named by the digest of its bytes, so what is on the shelf is right for every house and for ever.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::digest::Digest;

/// What the shelf of the process holds, in bytes of the records' text: about one manifest at the limit of the shipped
/// policies.
const ROOM: usize = 32 << 20;

static SHELF: Mutex<Shelf> = Mutex::new(Shelf::with_room(ROOM));

/// Something that was understood.
type Understood = Arc<dyn Any + Send + Sync>;

/// The newest records, up to an amount of text. The one that was used longest ago goes first.
struct Shelf {
    room: usize,
    records: Vec<(Digest, usize, Understood)>,
}

impl Shelf {
    const fn with_room(room: usize) -> Self {
        Self { room, records: Vec::new() }
    }

    fn take<T: Any + Send + Sync>(&mut self, digest: Digest) -> Option<Arc<T>> {
        let is_wanted = |(known, _, record): &(Digest, usize, Understood)| *known == digest && record.is::<T>();
        let place = self.records.iter().position(is_wanted)?;
        let used = self.records.remove(place);
        let record = Arc::clone(&used.2).downcast::<T>().ok();
        self.records.push(used);
        record
    }

    fn put<T: Any + Send + Sync>(&mut self, digest: Digest, size: usize, record: &Arc<T>) {
        if size > self.room || self.take::<T>(digest).is_some() {
            return;
        }
        self.records.push((digest, size, Arc::clone(record) as Understood));
        let mut held: usize = self.records.iter().map(|(_, size, _)| size).sum();
        while held > self.room {
            held -= self.records.remove(0).1;
        }
    }
}

/// A record that was understood before, if it is still on the shelf.
pub(super) fn take<T: Any + Send + Sync>(digest: Digest) -> Option<Arc<T>> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner).take(digest)
}

/// Puts a record on the shelf; `size` is that of its text. One that is larger than the shelf is not kept.
pub(super) fn put<T: Any + Send + Sync>(digest: Digest, size: usize, record: &Arc<T>) {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner).put(digest, size, record);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u8) -> Digest {
        Digest::of(&[number])
    }

    #[test]
    fn the_shelf_is_bounded_and_what_was_used_longest_ago_goes_first() {
        let mut shelf = Shelf::with_room(10);
        for number in 0..3 {
            shelf.put(digest(number), 4, &Arc::new(number));
            assert_eq!(shelf.take::<u8>(digest(0)).as_deref(), Some(&0), "it was just used");
        }
        assert_eq!(shelf.take::<u8>(digest(1)), None);
        assert_eq!(shelf.take::<u8>(digest(2)).as_deref(), Some(&2));
        shelf.put(digest(9), 11, &Arc::new(9_u8));
        assert_eq!((shelf.take::<u8>(digest(9)), shelf.records.len()), (None, 2));
    }

    #[test]
    fn a_record_is_found_as_what_it_was_understood_as_and_as_nothing_else() {
        let mut shelf = Shelf::with_room(10);
        shelf.put(digest(1), 1, &Arc::new(1_u8));
        assert_eq!(shelf.take::<String>(digest(1)), None);
        shelf.put(digest(1), 1, &Arc::new("one".to_owned()));
        assert_eq!(shelf.take::<u8>(digest(1)).as_deref(), Some(&1));
        assert_eq!(shelf.take::<String>(digest(1)).as_deref().map(String::as_str), Some("one"));
    }
}
