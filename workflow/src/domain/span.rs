//! Lengths of time as policies write them: "2 working days", "14 days", "1 hour".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text::BadText;

/// A length of time in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// How many units.
    pub count: u32,
    /// Which unit.
    pub unit: Unit,
}

/// The units a policy may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 1 second.
    Second,
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 24 hours.
    Day,
    /// A day that is neither Saturday, Sunday nor one of the policy's holidays, in the policy's time zone.
    WorkingDay,
}

impl Unit {
    const ALL: [Self; 5] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::WorkingDay];

    fn word(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::WorkingDay => "working day",
        }
    }
}

impl Span {
    /// The length in seconds, or none for working days, whose length depends on the calendar.
    pub fn seconds(&self) -> Option<i64> {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Second => Some(count),
            Unit::Minute => Some(count * 60),
            Unit::Hour => Some(count * 3_600),
            Unit::Day => Some(count * 86_400),
            Unit::WorkingDay => None,
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.count, self.unit.word(), if self.count == 1 { "" } else { "s" })
    }
}

impl FromStr for Span {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        let bad = || {
            BadText::new("the length of time", format!("'{text}' is not like '2 working days', '14 days' or '1 hour'"))
        };
        let (count, unit) = text.split_once(' ').ok_or_else(bad)?;
        let count = count.parse().map_err(|_| bad())?;
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        let unit = Unit::ALL.into_iter().find(|u| u.word() == unit).ok_or_else(bad)?;
        if count > 10_000 {
            return Err(BadText::new("the length of time", "counts more than 10,000 units"));
        }
        Ok(Self { count, unit })
    }
}

impl TryFrom<String> for Span {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        for text in ["2 working days", "14 days", "1 hour", "1 working day", "0 days", "90 seconds"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in ["", "2", "two days", "2 weeks", "-1 days", "99999 days"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
