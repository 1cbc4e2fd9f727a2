//! Calls of a function URL as calls of the router, and its answers as answers of the function.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{COOKIE, HOST, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;
use tower::ServiceExt;

use crate::failure::Failure;

/// What the distribution adds to every call, so that nobody gets in beside it.
const FRONT: &str = "x-lockgate-front";
/// A function answers at most 6 MiB, in Base64 where it is no text.
const LARGEST: usize = 4 << 20;

/// Answers one call.
///
/// The distribution calls by the function's own name: the router is told the name that people typed.
pub(crate) async fn answer(router: Router, (secret, url): (&str, &str), event: &Value) -> Result<Value, Failure> {
    let headers = headers(event);
    let shown = headers.get(FRONT).map_or(b"".as_slice(), HeaderValue::as_bytes);
    if !bool::from(shown.ct_eq(secret.as_bytes())) {
        return Ok(json!({ "statusCode": 403, "body": "Come in by the front door." }));
    }
    let request = request(event, headers, url)?;
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    write(response).await
}

fn headers(event: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in event.get("headers").and_then(Value::as_object).into_iter().flatten() {
        if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), text(value)) {
            headers.append(name, value);
        }
    }
    for cookie in event.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        if let Some(value) = text(cookie) {
            headers.append(COOKIE, value);
        }
    }
    headers
}

fn text(value: &Value) -> Option<HeaderValue> {
    value.as_str().and_then(|text| HeaderValue::from_str(text).ok())
}

fn request(event: &Value, mut headers: HeaderMap, url: &str) -> Result<Request<Body>, Failure> {
    let said = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let query = said("/rawQueryString");
    let target = if query.is_empty() { said("/rawPath").to_owned() } else { format!("{}?{query}", said("/rawPath")) };
    let bytes = match event.get("isBase64Encoded").and_then(Value::as_bool) {
        Some(true) => STANDARD.decode(said("/body")).map_err(|_| unreadable("its body is no Base64"))?,
        _ => said("/body").as_bytes().to_vec(),
    };
    headers.remove(FRONT);
    if let Ok(host) = url.trim_start_matches("https://").parse() {
        headers.insert(HOST, host);
    }
    let from: IpAddr = said("/requestContext/http/sourceIp").parse().unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    let method = said("/requestContext/http/method");
    let request = Request::builder().method(method).uri(target).body(Body::from(bytes));
    let mut request = request.map_err(|error| unreadable(&error.to_string()))?;
    *request.headers_mut() = headers;
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((from, 0))));
    Ok(request)
}

fn unreadable(why: &str) -> Failure {
    Failure::new("Lockgate.Corrupt", format!("the call cannot be read: {why}"))
}

async fn write(response: Response<Body>) -> Result<Value, Failure> {
    let (parts, body) = response.into_parts();
    let cookies: Vec<&str> = parts.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != SET_COOKIE && *name != HOST)
        .filter_map(|(name, value)| Some((name.to_string(), Value::from(value.to_str().ok()?))))
        .collect();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        let sentence = "This answer is larger than can be given here. Ask for less of it at once.";
        return Ok(json!({ "statusCode": StatusCode::PAYLOAD_TOO_LARGE.as_u16(), "body": sentence }));
    };
    let status = parts.status.as_u16();
    Ok(match String::from_utf8(bytes.to_vec()) {
        Ok(body) => json!({ "statusCode": status, "headers": headers, "cookies": cookies, "body": body }),
        Err(_) => json!({
            "statusCode": status, "headers": headers, "cookies": cookies,
            "body": STANDARD.encode(&bytes), "isBase64Encoded": true,
        }),
    })
}

#[cfg(test)]
mod tests {
    use axum::routing::post;

    use super::*;

    fn event(secret: &str) -> Value {
        json!({
            "rawPath": "/echo", "rawQueryString": "a=b",
            "headers": { "x-lockgate-front": secret, "content-type": "text/plain" }, "cookies": ["one=1", "two=2"],
            "requestContext": { "http": { "method": "POST", "sourceIp": "192.0.2.7" } },
            "body": STANDARD.encode("hello"), "isBase64Encoded": true,
        })
    }

    fn router() -> Router {
        Router::new().route(
            "/echo",
            post(|headers: HeaderMap, ConnectInfo(from): ConnectInfo<SocketAddr>, body: String| async move {
                let cookies = headers.get_all(COOKIE).iter().count();
                let hidden = headers.get(FRONT).is_none();
                ([(SET_COOKIE, "three=3")], format!("{body} {cookies} {hidden} {}", from.ip()))
            }),
        )
    }

    #[tokio::test]
    async fn a_call_goes_through_whole() {
        let answer = answer(router(), ("s3cret", "https://egress.example.org"), &event("s3cret")).await.unwrap();
        assert_eq!(answer["body"], "hello 2 true 192.0.2.7");
        assert_eq!(answer["cookies"], json!(["three=3"]));
        assert_eq!(answer["statusCode"], 200);
    }

    #[tokio::test]
    async fn who_did_not_come_through_the_front_door_is_turned_away() {
        for secret in ["", "s3cre", "s3cret "] {
            assert_eq!(
                answer(router(), ("s3cret", "https://egress.example.org"), &event(secret)).await.unwrap()["statusCode"],
                403,
                "{secret}"
            );
        }
    }
}
