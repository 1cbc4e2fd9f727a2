//! Working days: when "10 working days from now" is.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::span::Span;

/// The working days of one place: Monday to Friday without its holidays.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Makes the calendar of a time zone with its holidays.
    pub fn new(zone: TimeZone, holidays: BTreeSet<Date>) -> Self {
        Self { zone, holidays }
    }

    /// The instant that lies `span` after `start`.
    ///
    /// Working days are counted in the calendar's zone at the same time of day: one working day after Friday 16:00 is
    /// Monday 16:00. What starts on a day off starts to count at the beginning of the next working day. An instant
    /// beyond what the calendar can name is the last one that it can.
    pub fn after(&self, start: Timestamp, span: Span) -> Timestamp {
        match span.seconds() {
            Some(seconds) => start.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX),
            None => self.after_working_days(start, span.count).unwrap_or(Timestamp::MAX),
        }
    }

    /// The same time of day on the next working day, if an instant lies on a day off; otherwise the instant.
    pub fn on_working_day(&self, at: Timestamp) -> Timestamp {
        let local = at.to_zoned(self.zone.clone());
        if self.is_working_day(local.date()) {
            return at;
        }
        let moved = self.next_working_day(local.date()).map(|day| day.to_datetime(local.time()));
        moved.and_then(|moved| moved.to_zoned(self.zone.clone()).ok()).map_or(at, |moved| moved.timestamp())
    }

    fn after_working_days(&self, start: Timestamp, count: u32) -> Option<Timestamp> {
        let local = start.to_zoned(self.zone.clone());
        let (mut day, time) = if self.is_working_day(local.date()) {
            (local.date(), local.time())
        } else {
            (self.next_working_day(local.date())?, jiff::civil::Time::midnight())
        };
        for _ in 0..count {
            day = self.next_working_day(day)?;
        }
        day.to_datetime(time).to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// The instant that lies `span` before `end`, at the same time of day where working days are counted.
    pub fn before(&self, end: Timestamp, span: Span) -> Timestamp {
        match span.seconds() {
            Some(seconds) => end.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN),
            None => self.before_working_days(end, span.count).unwrap_or(Timestamp::MIN),
        }
    }

    fn before_working_days(&self, end: Timestamp, count: u32) -> Option<Timestamp> {
        let local = end.to_zoned(self.zone.clone());
        let mut day = local.date();
        for _ in 0..count {
            day = day.checked_sub(1.day()).ok()?;
            while !self.is_working_day(day) {
                day = day.checked_sub(1.day()).ok()?;
            }
        }
        day.to_datetime(local.time()).to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }

    fn next_working_day(&self, day: Date) -> Option<Date> {
        let mut day = day.checked_add(1.day()).ok()?;
        while !self.is_working_day(day) {
            day = day.checked_add(1.day()).ok()?;
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london(holidays: &[&str]) -> Calendar {
        Calendar::new(TimeZone::get("Europe/London").unwrap(), holidays.iter().map(|d| d.parse().unwrap()).collect())
    }

    fn after(calendar: &Calendar, start: &str, span: &str) -> String {
        calendar.after(start.parse().unwrap(), span.parse().unwrap()).to_string()
    }

    #[test]
    fn a_weekend_does_not_count() {
        assert_eq!(after(&london(&[]), "2026-11-20T16:00:00Z", "1 working day"), "2026-11-23T16:00:00Z");
        assert_eq!(after(&london(&[]), "2026-11-20T16:00:00Z", "10 working days"), "2026-12-04T16:00:00Z");
    }

    #[test]
    fn a_holiday_does_not_count() {
        let calendar = london(&["2026-12-25", "2026-12-28"]);
        assert_eq!(after(&calendar, "2026-12-24T09:30:00Z", "1 working day"), "2026-12-29T09:30:00Z");
    }

    #[test]
    fn what_arrives_on_a_saturday_starts_on_monday() {
        assert_eq!(after(&london(&[]), "2026-11-21T13:00:00Z", "1 working day"), "2026-11-24T00:00:00Z");
    }

    #[test]
    fn working_days_count_backwards_too() {
        let calendar = london(&["2026-11-20"]);
        let before = |end: &str, span: &str| calendar.before(end.parse().unwrap(), span.parse().unwrap()).to_string();
        assert_eq!(before("2026-11-24T16:00:00Z", "2 working days"), "2026-11-19T16:00:00Z");
        assert_eq!(before("2026-11-24T16:00:00Z", "2 days"), "2026-11-22T16:00:00Z");
    }

    #[test]
    fn the_clock_change_keeps_the_time_of_day() {
        // London goes from +00:00 to +01:00 on 29 March 2026.
        assert_eq!(after(&london(&[]), "2026-03-27T10:00:00Z", "1 working day"), "2026-03-30T09:00:00Z");
        assert_eq!(after(&london(&[]), "2026-03-27T10:00:00Z", "3 days"), "2026-03-30T10:00:00Z");
    }
}
