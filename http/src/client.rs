//! From where a call comes: the network's word, or that of the proxies which were configured.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// The address of whoever calls.
///
/// With `proxies` in front, each has appended the address it was called from to `X-Forwarded-For`; so the right one is
/// as many places from the right. What stands further left was written by whoever called. A list that is too short did
/// not come through the proxies: then the network's word counts.
pub(crate) fn address(peer: SocketAddr, headers: &HeaderMap, proxies: usize) -> IpAddr {
    let told = headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = told.flat_map(|value| value.split(',')).map(str::trim).collect();
    let place = hops.len().checked_sub(proxies).filter(|_| proxies > 0);
    let told = place.and_then(|place| hops.get(place)).and_then(|hop| parse(hop));
    told.unwrap_or_else(|| peer.ip()).to_canonical()
}

fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// The address as it is counted for limits: of IPv6 the network, since one machine has all the addresses of one.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(proxies: usize, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        address("10.0.0.9:4711".parse().unwrap(), &headers, proxies).to_string()
    }

    #[test]
    fn without_proxies_nobody_can_say_that_they_are_somebody_else() {
        assert_eq!(seen(0, &["203.0.113.7"]), "10.0.0.9");
    }

    #[test]
    fn the_address_is_counted_from_the_right() {
        assert_eq!(seen(1, &["1.1.1.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen(1, &["1.1.1.1", "203.0.113.7"]), "203.0.113.7", "a second header continues the first");
        assert_eq!(seen(2, &["6.6.6.6, 203.0.113.7, 10.0.0.1"]), "203.0.113.7");
    }

    #[test]
    fn a_list_that_did_not_come_through_the_proxies_is_not_believed() {
        assert_eq!(seen(1, &[]), "10.0.0.9");
        assert_eq!(seen(2, &["203.0.113.7"]), "10.0.0.9");
        assert_eq!(seen(1, &["unknown"]), "10.0.0.9");
    }

    #[test]
    fn ports_and_brackets_are_left_out() {
        assert_eq!(seen(1, &["203.0.113.7:1234"]), "203.0.113.7");
        assert_eq!(seen(1, &["[2001:db8::1]:80"]), "2001:db8::1");
        assert_eq!(seen(1, &["::ffff:203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn a_network_of_version_6_counts_as_one() {
        let network = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::5"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::5"), network("2001:db8:1:3::5"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
