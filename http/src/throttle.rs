//! How often somebody may try to sign in.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::client::neighbourhood;

/// Tries that one address has at once, for whomever; one more comes every five seconds.
const OF_ADDRESS: (u32, Duration) = (60, Duration::from_secs(5));
/// Tries that one address has at once for one person; one more comes every minute.
const OF_ADDRESS_FOR_PERSON: (u32, Duration) = (10, Duration::from_mins(1));
/// Tries that all addresses together have at once for one person; one more comes every ten seconds. It is far above
/// the limit of one address: somebody who guesses from one place cannot shut the person out at another.
const FOR_PERSON: (u32, Duration) = (100, Duration::from_secs(10));

/// Refusals of nobody in particular that one address has on the access log at once; one more comes every five seconds.
/// Each costs a flush, and anybody can cause one.
const RECORDED_OF_ADDRESS: (u32, Duration) = (20, Duration::from_secs(5));

/// Counts tries by address, by person and by both.
pub(crate) struct Throttle {
    of_address: DefaultKeyedRateLimiter<IpAddr>,
    of_address_for_person: DefaultKeyedRateLimiter<(IpAddr, String)>,
    for_person: DefaultKeyedRateLimiter<String>,
    recorded: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            of_address: RateLimiter::keyed(quota(OF_ADDRESS)),
            of_address_for_person: RateLimiter::keyed(quota(OF_ADDRESS_FOR_PERSON)),
            for_person: RateLimiter::keyed(quota(FOR_PERSON)),
            recorded: RateLimiter::keyed(quota(RECORDED_OF_ADDRESS)),
        }
    }
}

fn quota((at_once, every): (u32, Duration)) -> Quota {
    let at_once = NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(every).unwrap_or_else(|| Quota::per_minute(at_once));
    quota.allow_burst(at_once)
}

impl Throttle {
    /// Counts a try, or says after how many seconds the next one is allowed.
    pub(crate) fn count(&self, address: IpAddr, person: &str) -> Result<(), u64> {
        let now = DefaultClock::default().now();
        let address = neighbourhood(address);
        let later = |not_until: governor::NotUntil<_>| not_until.wait_time_from(now).as_secs() + 1;
        self.of_address.check_key(&address).map_err(later)?;
        self.of_address_for_person.check_key(&(address, person.to_owned())).map_err(later)?;
        self.for_person.check_key(&person.to_owned()).map_err(later)
    }

    /// Tells whether a refusal that anybody can cause is to be written down: a flood of them is in the log and in the
    /// metrics, and does not fill the disk.
    pub(crate) fn may_record(&self, address: IpAddr) -> bool {
        self.recorded.check_key(&neighbourhood(address)).is_ok()
    }

    /// Forgets whom no limit binds any more.
    pub(crate) fn tidy(&self) {
        self.of_address.retain_recent();
        self.of_address_for_person.retain_recent();
        self.for_person.retain_recent();
        self.recorded.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn one_address_has_ten_tries_for_one_person() {
        let throttle = Throttle::default();
        assert!((0..10).all(|_| throttle.count(at(1), "ada@example.org").is_ok()));
        let wait = throttle.count(at(1), "ada@example.org").unwrap_err();
        assert!((1..=61).contains(&wait), "{wait}");
        assert!(throttle.count(at(2), "ada@example.org").is_ok(), "the person themselves is elsewhere");
        assert!(throttle.count(at(1), "bob@example.org").is_ok());
    }

    #[test]
    fn one_address_cannot_try_one_password_on_everybody() {
        let throttle = Throttle::default();
        let tries = (0..100).filter(|person| throttle.count(at(1), &format!("p{person}@example.org")).is_ok());
        assert_eq!(tries.count(), 60);
    }

    #[test]
    fn many_addresses_together_have_a_limit_for_one_person() {
        let throttle = Throttle::default();
        let tries = (0..=255).filter(|last| throttle.count(at(*last), "ada@example.org").is_ok());
        assert_eq!(tries.count(), 100);
    }

    #[test]
    fn who_did_not_try_lately_is_forgotten() {
        let throttle = Throttle::default();
        throttle.count(at(1), "ada@example.org").unwrap();
        throttle.tidy();
        assert_eq!(throttle.of_address.len(), 1, "still counted");
    }
}
