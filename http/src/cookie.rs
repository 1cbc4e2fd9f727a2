//! The cookie that carries a session's token.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use web::session::SetCookie;

use crate::settings::Settings;

/// The name of the cookie. Over TLS it has the prefix that browsers only accept from this very host.
pub(crate) fn name(settings: &Settings) -> &'static str {
    if settings.is_secure() { "__Host-lockgate" } else { "lockgate" }
}

/// The token that a call carries; none if it carries no cookie of ours, or more than one.
pub(crate) fn token<'a>(settings: &Settings, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = name(settings);
    let pairs = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut ours = pairs.flat_map(|value| value.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    });
    let token = ours.next()?;
    let is_token = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_token && ours.next().is_none()).then_some(token)
}

/// Makes the browser keep a token for as long as the session can last.
pub(crate) fn keep(settings: &Settings, token: &str) -> SetCookie {
    set(settings, token, settings.sessions.at_most.as_secs())
}

/// Makes the browser forget the token.
pub(crate) fn forget(settings: &Settings) -> SetCookie {
    set(settings, "", 0)
}

fn set(settings: &Settings, token: &str, seconds: u64) -> SetCookie {
    let secure = if settings.is_secure() { "; Secure" } else { "" };
    let name = name(settings);
    SetCookie(format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Profile;

    const TOKEN: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn found(cookies: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        token(&Settings::default(), &headers).map(ToOwned::to_owned)
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        assert_eq!(found(&[&format!("theme=dark; lockgate={TOKEN}")]).as_deref(), Some(TOKEN));
        assert_eq!(found(&["theme=dark", &format!("lockgate={TOKEN}")]).as_deref(), Some(TOKEN));
    }

    #[test]
    fn two_tokens_are_no_token() {
        assert_eq!(found(&[&format!("lockgate={TOKEN}; lockgate={TOKEN}")]), None);
    }

    #[test]
    fn what_cannot_be_a_token_is_not_looked_up() {
        for bad in ["lockgate=", "lockgate=x", &format!("lockgate={TOKEN}0"), &format!("LOCKGATE={TOKEN}")] {
            assert_eq!(found(&[bad]), None, "{bad}");
        }
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_this_host() {
        let settings = Settings { profile: Profile::Network, ..Settings::default() };
        let SetCookie(text) = keep(&settings, TOKEN);
        assert_eq!(text, format!("__Host-lockgate={TOKEN}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"));
        assert!(!text.contains("Domain"));
        assert!(keep(&Settings::default(), TOKEN).0.starts_with("lockgate="));
        assert!(forget(&settings).0.contains("=; Path=/; Max-Age=0;"));
    }
}
