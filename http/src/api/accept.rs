//! Which of the two media types of GraphQL a caller would like.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// What an answer is called. Only the newer one lets the status say that a document was not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    GraphqlResponse,
    Json,
}

impl Media {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// Chooses what is liked best; plain JSON where the caller does not say, or does not mind.
pub(super) fn choose(headers: &HeaderMap) -> Option<Media> {
    let said: Vec<&str> = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<(&str, f32)> = said.iter().flat_map(|value| value.split(',')).filter_map(range).collect();
    if ranges.is_empty() {
        return Some(Media::Json);
    }
    let json = liking(&ranges, "application/json");
    let newer = liking(&ranges, "application/graphql-response+json");
    match (newer > 0.0, json > 0.0) {
        (false, false) => None,
        // Who names only wildcards gets what everybody can read.
        (true, true) if newer > json || (newer >= json && names_newer_first(&ranges)) => Some(Media::GraphqlResponse),
        (_, true) => Some(Media::Json),
        (true, false) => Some(Media::GraphqlResponse),
    }
}

fn range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().filter(|media| !media.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|q| q.parse().ok());
    Some((media, weight.unwrap_or(1.0)))
}

/// How much a type is liked: what names it most exactly counts.
fn liking(ranges: &[(&str, f32)], media: &str) -> f32 {
    let weight_of = |wanted: &str| ranges.iter().find(|(range, _)| range.eq_ignore_ascii_case(wanted)).map(|(_, q)| *q);
    weight_of(media).or_else(|| weight_of("application/*")).or_else(|| weight_of("*/*")).unwrap_or(0.0)
}

fn names_newer_first(ranges: &[(&str, f32)]) -> bool {
    let place = |wanted: &str| ranges.iter().position(|(range, _)| range.eq_ignore_ascii_case(wanted));
    match (place("application/graphql-response+json"), place("application/json")) {
        (Some(newer), Some(json)) => newer < json,
        (newer, _) => newer.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &[&str]) -> Option<Media> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, value.parse().unwrap());
        }
        choose(&headers)
    }

    #[test]
    fn the_type_that_is_liked_best_is_chosen() {
        for (accept, expected) in [
            ("application/json", Some(Media::Json)),
            ("application/graphql-response+json", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json, application/json", Some(Media::GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(Media::Json)),
            ("application/graphql-response+json;q=0.1, application/json", Some(Media::Json)),
            ("application/graphql-response+json; charset=utf-8, */*", Some(Media::GraphqlResponse)),
            ("*/*", Some(Media::Json)),
            ("application/*", Some(Media::Json)),
            ("text/html, */*;q=0.1", Some(Media::Json)),
            ("text/html", None),
            ("application/json;q=0, text/html", None),
        ] {
            assert_eq!(chosen(&[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn who_does_not_say_gets_plain_json() {
        assert_eq!(chosen(&[]), Some(Media::Json));
        assert_eq!(chosen(&[""]), Some(Media::Json));
    }
}
