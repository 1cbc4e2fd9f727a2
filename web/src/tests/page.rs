//! What the pages show, and what their forms do.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::fixture::{Answers, CANARY, DIGEST, send, send_as, text};

const CSV: &[u8] = b"region,people,note\nNorth,120,fine\nSouth,4,=1+1\nWest,31,<script>alert(1)</script>\n";
const PAGES: [(&str, &str); 15] = [
    ("home", "/"),
    ("requests", "/requests?list=OPEN&q=counts&status=IN_REVIEW"),
    ("request", "/requests/r?did=decided"),
    ("files", "/requests/r/files"),
    ("look", "/requests/r/look/3"),
    ("decide", "/requests/r/decide"),
    ("submit", "/submit"),
    ("resubmit", "/requests/r/resubmit"),
    ("operate", "/operate"),
    ("policies", "/policies"),
    ("audit", "/requests/r/audit"),
    ("comments", "/requests/r/comments?after=Mg%3D%3D"),
    ("timeline", "/requests/r/timeline?after=Mg%3D%3D"),
    ("account", "/account"),
    ("sign-in", "/sign-in"),
];

fn answers() -> Answers {
    Answers { file: Some(("tables/counts by region.csv", CSV.to_vec())), ..Answers::default() }
}

fn saying(reason: &str) -> String {
    format!("opinion=APPROVE&round=2&stage=information_governance&digest={DIGEST}&reason={reason}")
}

/// With `LOCKGATE_PAGES` set, every page is also written to the folder that it names, to be looked at.
fn keep(name: &str, page: &str) {
    if let Ok(folder) = std::env::var("LOCKGATE_PAGES") {
        std::fs::write(format!("{folder}/{name}.html"), page).unwrap();
    }
}

#[tokio::test]
async fn every_page_is_whole_and_free_of_inline_style_and_script() {
    let answers = Arc::new(answers());
    for (name, address) in PAGES {
        let response = send(&answers, "GET", address, "").await;
        assert_eq!((response.status(), name), (StatusCode::OK, name));
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let page = text(response).await;
        keep(name, &page);
        assert!(page.contains("<h1") && page.contains("</html>"), "{name}");
        for inline in ["style=", " onclick", "javascript:", "<style", "<script>"] {
            assert!(!page.contains(inline), "{name} has {inline}");
        }
        assert!(page.len() < 100_000, "{name} weighs {}", page.len());
    }
}

#[tokio::test]
async fn what_others_wrote_is_never_markup_and_hides_nothing() {
    let answers = Arc::new(Answers { text: CANARY, file: Some((CANARY, CSV.to_vec())), ..Answers::default() });
    for (name, address) in PAGES {
        let page = text(send(&answers, "GET", address, "").await).await;
        assert!(!page.contains("<img src=x"), "{name}");
        assert!(!page.contains("<script>"), "{name}");
        let body = page.split_once("<main").unwrap().1;
        if !["sign-in", "submit", "resubmit", "account"].contains(&name) {
            assert!(body.contains("U+202E"), "{name}");
        }
    }
    let last = text(
        send(&answers, "POST", "/requests/r/decide/check", &saying(&format!("{}%3Cimg+src=x%3E", "a".repeat(20))))
            .await,
    )
    .await;
    assert!(!last.contains("<img src=x"));
}

#[tokio::test]
async fn the_last_page_says_what_will_happen_and_records_nothing() {
    let answers = Arc::new(answers());
    let response = send(&answers, "POST", "/requests/r/decide/check", &saying("No+cell+below+ten.")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(response).await;
    keep("confirm", &page);
    for said in [
        "240 files",
        DIGEST,
        "Research IT",
        "Information Governance",
        "No cell below ten.",
        "action=\"/requests/0198f3c2-7d11-7c3a-9b1e-5d2f7a6c4e10/decide\"",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(answers.asked.lock().unwrap().iter().all(|operation| operation.name != "Decide"));
}

#[tokio::test]
async fn a_short_reason_is_asked_for_again_and_nothing_typed_is_lost() {
    let response = send(&Arc::new(answers()), "POST", "/requests/r/decide/check", &saying("too+short")).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(response).await;
    keep("decide-again", &page);
    assert!(
        page.contains("aria-invalid=\"true\"") && page.contains(">too short</textarea>") && page.contains("checked")
    );
}

#[tokio::test]
async fn a_reviewer_who_looked_at_another_round_is_told_so() {
    let said = saying("No+cell+below+ten.").replace("round=2", "round=1");
    let response = send(&Arc::new(answers()), "POST", "/requests/r/decide/check", &said).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    let page = text(response).await;
    keep("stale", &page);
    assert!(page.contains("another round") && page.contains("No cell below ten."));
}

#[tokio::test]
async fn who_loses_the_race_learns_it_and_keeps_the_reason() {
    let stale = json!({ "data": { "decide": { "__typename": "Stale", "moved": "CLOSED", "sentence": "The stage was closed a moment ago." } } });
    let answers = Arc::new(Answers { instead: Some(("Decide", stale)), ..answers() });
    let response = send(&answers, "POST", "/requests/r/decide", &saying("No+cell+below+ten.")).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    let page = text(response).await;
    keep("lost", &page);
    assert!(
        page.contains("Somebody decided before you")
            && page.contains("closed a moment ago")
            && page.contains("No cell below ten.")
    );
}

#[tokio::test]
async fn a_decision_names_exactly_what_was_seen() {
    let answers = Arc::new(answers());
    let response = send(&answers, "POST", "/requests/r/decide", &saying("No+cell+below+ten.")).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let asked = answers.asked.lock().unwrap();
    assert_eq!(
        asked[0].variables["input"],
        json!({ "manifestDigest": DIGEST, "opinion": "APPROVE", "reason": "No cell below ten.",
        "request": "r", "round": 2, "stage": "information_governance" })
    );
}

#[tokio::test]
async fn every_form_leads_back_to_a_page() {
    let forms = [
        ("/requests/r/comment", "text=hello&call=c", "Comment"),
        ("/requests/r/withdraw", "text=", "Withdraw"),
        ("/requests/r/download", "", "GrantDownload"),
        ("/requests/r/retry", "text=", "Retry"),
        ("/requests/r/abort", "text=because", "Abort"),
        ("/requests/r/revoke", "text=because", "Revoke"),
        ("/requests/r/resubmit", "upload=u", "Resubmit"),
        ("/submit", "upload=u&workspace=w&title=t&purpose=p&call=c", "Submit"),
        ("/operate/quarantine/q-1/replay", "", "ReplayQuarantined"),
        ("/operate/mail/m-1/retry", "", "RetryMessage"),
    ];
    for (address, form, document) in forms {
        let answers = Arc::new(answers());
        let response = send(&answers, "POST", address, form).await;
        assert_eq!((response.status(), address), (StatusCode::SEE_OTHER, address));
        assert_eq!(answers.asked.lock().unwrap()[0].name, document);
    }
}

#[tokio::test]
async fn a_refusal_gives_back_what_was_typed() {
    let refused: Value =
        json!({ "data": { "comment": { "__typename": "Refused", "field": null, "sentence": "It is over." } } });
    let answers = Arc::new(Answers { instead: Some(("Comment", refused)), ..answers() });
    let response = send(&answers, "POST", "/requests/r/comment", "text=hello+there&call=c").await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    let page = text(response).await;
    keep("refused", &page);
    assert!(page.contains("It is over.") && page.contains("hello there"));
    assert_eq!(answers.asked.lock().unwrap()[0].call.as_deref(), Some("c"));
}

#[tokio::test]
async fn an_announced_upload_tells_where_the_bytes_go_under_the_name_that_was_chosen() {
    let form = r#"{"project":"p","call":"c","files":[{"path":"a:b.csv","size":3}]}"#;
    let told = text(send(&Arc::new(answers()), "POST", "/submit/files", form).await).await;
    assert_eq!(told, r#"{"upload":"u-1","tickets":[{"path":"a:b.csv","size":3,"url":"/uploads/u-1/0"}]}"#);
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_there_and_back_and_loses_nothing_unsaid() {
    let answers = Arc::new(answers());
    let response = send_as(&answers, None, ("GET", "/requests/r?a=b", "")).await;
    assert_eq!(response.headers()[header::LOCATION], "/sign-in?next=%2Frequests%2Fr%3Fa%3Db");
    let response = send_as(&answers, None, ("POST", "/requests/r/decide", &saying("No+cell+below+ten."))).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let page = text(response).await;
    keep("ended", &page);
    assert!(page.contains("Your session has ended") && page.contains("No cell below ten."));
    assert!(page.contains("/sign-in?next=%2Frequests%2Fr%2Fdecide"));
    assert!(answers.asked.lock().unwrap().is_empty());
    let entered = send_as(&answers, None, ("POST", "/sign-in", "email=a&password=right&next=%2Frequests%2Fr")).await;
    assert_eq!(
        (&entered.headers()[header::LOCATION], &entered.headers()[header::SET_COOKIE]),
        (&"/requests/r".parse().unwrap(), &"lockgate=token".parse().unwrap())
    );
    let refused = send_as(&answers, None, ("POST", "/sign-in", "email=a&password=wrong")).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    keep("sign-in-again", &text(refused).await);
}

#[tokio::test]
async fn the_first_page_lists_what_is_open_for_those_who_run_or_audit_the_house_and_for_nobody_else() {
    for (operates, audits) in [(true, false), (false, true), (false, false)] {
        let viewer = json!({ "name": "A", "email": "a", "can": { "submit": true, "operate": { "may": operates } },
            "sees": { "audit": { "may": audits } }, "waiting": { "decisions": { "number": 0, "complete": true } },
            "more": { "open": { "number": 0, "complete": true }, "returned": { "number": 0, "complete": true } } });
        let none = json!({ "__typename": "RequestConnection", "nodes": [], "pageInfo": { "hasNextPage": false } });
        let home = json!({ "data": { "viewer": viewer, "waiting": none, "mine": none } });
        let answers = Arc::new(Answers { instead: Some(("Home", home)), ..answers() });
        let page = text(send(&answers, "GET", "/", "").await).await;
        assert_eq!(page.contains("Open in the house"), operates || audits, "{page}");
        assert!(!page.contains("Nothing waits for your decision"), "{page}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_yours_look_the_same() {
    let nothing = json!({ "data": { "viewer": { "name": "A", "email": "a", "can": { "submit": false, "operate": { "may": false } },
        "waiting": { "decisions": { "number": 0, "complete": true } }, "more": { "audit": { "may": false } } }, "request": null } });
    let answers = Arc::new(Answers { instead: Some(("Request", nothing)), ..answers() });
    let foreign = text(send(&answers, "GET", "/requests/r", "").await).await;
    let missing = text(send(&answers, "GET", "/no/such/page", "").await).await;
    keep("missing", &missing);
    assert_eq!(foreign, missing);
}

#[tokio::test]
async fn a_fault_is_told_in_words_with_its_reference() {
    let fault = json!({ "errors": [{ "message": "secret detail", "extensions": { "code": "INTERNAL", "correlationId": "ref-7" } }] });
    let answers = Arc::new(Answers { instead: Some(("Home", fault)), ..answers() });
    let response = send(&answers, "GET", "/", "").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let page = text(response).await;
    assert!(page.contains("ref-7") && !page.contains("secret detail"));
}

#[tokio::test]
async fn a_look_shows_bytes_as_what_they_are() {
    let looks: [(&str, &[u8], &str); 4] = [
        ("look-text", b"<script>alert(1)</script>\nline two", "&#60;script&#62;"),
        ("look-image", b"\x89PNG\r\n\x1a\n----", "src=\"/requests/0198f3c2-7d11-7c3a-9b1e-5d2f7a6c4e10/files/1\""),
        ("look-bytes", b"PK\x03\x04\x00\x00", "cannot be reviewed by eye"),
        ("look-empty", b"", "The file is empty."),
    ];
    for (name, bytes, shown) in looks {
        let answers = Arc::new(Answers { file: Some(("x.dat", bytes.to_vec())), ..Answers::default() });
        let page = text(send(&answers, "GET", "/requests/r/look/1", "").await).await;
        keep(name, &page);
        assert!(page.contains(shown) && !page.contains("<script>"), "{name}");
    }
}

#[tokio::test]
async fn a_list_asks_what_its_address_says_and_names_its_conditions() {
    let answers = Arc::new(answers());
    let page =
        text(send(&answers, "GET", "/requests?list=DUE_BY&q=a%26b&status=FAILED&overdue=yes&after=c1", "").await).await;
    let asked = answers.asked.lock().unwrap();
    assert_eq!(asked[0].variables["list"]["pattern"], "DUE_BY");
    assert_eq!(
        (&asked[0].variables["where"]["text"], &asked[0].variables["where"]["status"], &asked[0].variables["after"]),
        (&json!("a&b"), &json!(["FAILED"]), &json!("c1"))
    );
    assert!(page.contains("Clear all") && page.contains("q=a%26b") && page.contains("after=abc%3D"));
}
