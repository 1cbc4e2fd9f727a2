use super::*;

fn document(body: &Value) -> Result<Document, Unusable> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, "application/json".parse().unwrap())]);
    futures_util::FutureExt::now_or_never(Document::from_body(&headers, Body::from(body.to_string()))).unwrap()
}

#[test]
fn the_fields_of_a_call_have_their_types() {
    for good in [
        json!({ "query": "{ a }" }),
        json!({ "query": "{ a }", "operationName": null, "variables": null, "extensions": null }),
        json!({ "query": "query A { a }", "operationName": "A", "variables": { "x": [1] }, "extensions": { "y": 1 } }),
    ] {
        assert!(document(&good).is_ok(), "{good}");
    }
    for bad in [
        json!({}),
        json!({ "query": null }),
        json!({ "query": { "a": 1 } }),
        json!({ "query": "{ a }", "operationName": 1 }),
        json!({ "query": "{ a }", "variables": "{}" }),
        json!({ "query": "{ a }", "variables": [] }),
        json!({ "query": "{ a }", "extensions": 7 }),
        json!([{ "query": "{ a }" }]),
        json!("{ a }"),
    ] {
        assert_eq!(document(&bad).unwrap_err().status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[test]
fn what_a_form_could_send_is_no_call() {
    for content_type in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "application/json; charset=utf-16",
    ] {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().unwrap())]);
        let body = Body::from(r#"{"query":"{ a }"}"#);
        let read = futures_util::FutureExt::now_or_never(Document::from_body(&headers, body)).unwrap();
        assert_eq!(read.unwrap_err().status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
}

#[test]
fn a_body_that_is_too_long_is_not_read_to_its_end() {
    let query = "a".repeat(graphql::limits::BODY_BYTES);
    assert_eq!(document(&json!({ "query": query })).unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn a_get_reads_and_nothing_else() {
    for (query, reads) in [
        ("query=%7Ba%7D", true),
        ("query=query+A%7Ba%7D&operationName=A&variables=%7B%22x%22%3A1%7D", true),
        ("query=mutation%7Ba%7D", false),
        ("query=query+A%7Ba%7D+mutation+B%7Ba%7D&operationName=B", false),
        ("query=mutation+B%7Ba%7D+query+A%7Ba%7D&operationName=A", true),
    ] {
        let mut request = Document::from_query(query).unwrap().into_request().unwrap();
        assert_eq!(only_reads(&mut request), reads, "{query}");
    }
    assert!(Document::from_query("variables=%7B%7D").is_err());
    assert!(Document::from_query("query=%7Ba%7D&variables=nonsense").is_err());
}
