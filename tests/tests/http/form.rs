//! Forms that bring their files along, as a browser without scripts sends them.

use reqwest::{Method, Response, StatusCode};
use workflow::actions::list_files;
use workflow::domain::permission::may_view;
use workflow::domain::request::Request;
use workflow::ports::request_store::{Pattern, Query};

use crate::stage::{ADA, Stage, header};

const BOUNDARY: &str = "----lockgate-form";

/// A form as a browser writes it: fields, and files under one name.
fn form(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             content-type: text/csv\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

const FIELDS: [(&str, &str); 6] = [
    ("call", "one-form"),
    ("upload", ""),
    ("project", "TREProject1Prod"),
    ("workspace", "ws-1"),
    ("title", "Counts & models"),
    ("purpose", "For the paper; 100 % of it."),
];

async fn send(stage: &Stage, cookie: &str, path: &str, body: Vec<u8>) -> Response {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let call = stage.call(Method::POST, path).header("cookie", cookie).header("content-type", kind);
    call.body(body).send().await.unwrap()
}

async fn requests(stage: &Stage) -> Vec<Request> {
    stage.ports().requests.list(&Query { pattern: Pattern::All, after: None, first: 100 }).await.unwrap().requests
}

#[tokio::test]
async fn a_form_with_files_becomes_a_request_of_exactly_these_bytes() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(ADA).await;
    let large: Vec<u8> = (0..9_u32 << 20).map(|place| u8::try_from(place % 251).unwrap()).collect();
    let files: [(&str, &[u8]); 3] = [("b.csv", b"a,b\n1,2\n"), ("large.bin", &large), ("empty.txt", b"")];
    let answer = send(&stage, &cookie, "/submit", form(&FIELDS, &files)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap());
    assert!(header(&answer, "location").ends_with("?did=submitted"));
    let request = requests(&stage).await.remove(0);
    assert_eq!((request.title.as_str(), request.purpose.as_ref().unwrap().as_str()), (FIELDS[4].1, FIELDS[5].1));
    let person = stage.scene.caller(ADA).await.person(stage.ports()).await.unwrap();
    let may = may_view(&person, &request).unwrap();
    let listed = list_files::run(stage.ports(), &may, (&request, 1), (0, 10)).await.unwrap().files;
    let sizes: Vec<_> = listed.iter().map(|file| (file.path.as_str(), file.size)).collect();
    assert_eq!(sizes, [("b.csv", 8), ("empty.txt", 0), ("large.bin", 9 << 20)]);
    let again = send(&stage, &cookie, "/submit", form(&FIELDS, &files)).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    assert_eq!(requests(&stage).await.len(), 1, "the same form once more is the same request");
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_says_why_and_gives_back_what_was_typed() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(ADA).await;
    let foreign: Vec<_> = FIELDS.iter().map(|(n, v)| (*n, if *n == "project" { "no project!" } else { v })).collect();
    let file: (&str, &[u8]) = ("a.csv", b"x");
    let cases: [(Vec<u8>, &str); 4] = [
        (form(&FIELDS, &[]), "No files came with the form"),
        (form(&FIELDS, &[("", b"")]), "No files came with the form"),
        (form(&FIELDS, &[file, file]), "Nothing was"),
        (form(&foreign, &[file]), "The project cannot be used"),
    ];
    for (body, said) in cases {
        let answer = send(&stage, &cookie, "/submit", body).await;
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        let page = answer.text().await.unwrap();
        assert!(page.contains(said) && page.contains("For the paper; 100 % of it."), "{said}: {page}");
    }
    let mut cut = form(&FIELDS, &[file]);
    cut.truncate(cut.len() - 20);
    assert_eq!(send(&stage, &cookie, "/submit", cut).await.status(), StatusCode::CONFLICT);
    assert!(requests(&stage).await.is_empty());
}

#[tokio::test]
async fn nobody_s_form_is_read_and_no_other_site_sends_one() {
    let stage = Stage::open().await;
    let body = form(&FIELDS, &[("a.csv", b"x")]);
    let answer = send(&stage, "", "/submit", body.clone()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let cookie = stage.cookie_of(ADA).await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let call = stage.call(Method::POST, "/submit").header("cookie", &cookie).header("content-type", kind);
    let foreign = call.header("origin", "https://elsewhere.example").body(body).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert!(requests(&stage).await.is_empty());
}
