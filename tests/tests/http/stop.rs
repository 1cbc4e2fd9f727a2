//! Beginning and stopping.

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use tests::builders::NOTICE;
use tests::scene;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use workflow::domain::digest::Digest;
use workflow::domain::notice::Notice;

use crate::stage::{ADA, Stage, anywhere};

/// More bytes than sockets hold on their way, and none that could be made fewer.
async fn load_much(stage: &Stage) {
    let folder = stage.directory.path().join("files");
    fs::create_dir_all(&folder).unwrap();
    let mut seed = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from(seed >> 56).unwrap()
    })
    .take(48 << 20)
    .collect();
    fs::write(folder.join("noise.bin"), noise).unwrap();
    scene::load(&stage.scene.house, &Notice::parse(NOTICE.as_bytes()).unwrap(), &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_while_the_house_stops() {
    let stage = Stage::open().await;
    load_much(&stage).await;
    let path = stage.release_to(ADA).await;
    let expected = stage.scene.request().await.unwrap().release.unwrap().archive.unwrap().digest;
    let cookie = stage.cookie_of(ADA).await;
    let response = stage.get(&path).header("cookie", cookie).send().await.unwrap();
    let mut stream = response.bytes_stream();
    let mut bytes = stream.next().await.unwrap().unwrap().to_vec();
    let url = stage.url.clone();
    let (serving, _house) = stage.stop();
    let mut refused = false;
    for _ in 0..10_000 {
        refused = crate::stage::client().get(format!("{url}/livez")).send().await.is_err();
        if refused {
            break;
        }
    }
    assert!(refused, "no call is taken any more");
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(Digest::of(&bytes), expected);
    serving.finished().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_on_is_not_waited_for_without_end() {
    let stage = Stage::open_with(http::Settings { stop_within: Duration::from_millis(100), ..anywhere() }).await;
    load_much(&stage).await;
    let path = stage.release_to(ADA).await;
    let cookie = stage.cookie_of(ADA).await;
    let response = stage.get(&path).header("cookie", cookie).send().await.unwrap();
    let mut stream = response.bytes_stream();
    stream.next().await.unwrap().unwrap();
    let (serving, _house) = stage.stop();
    serving.finished().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_cut_when_its_release_is_called_back() {
    let stage = Stage::open().await;
    load_much(&stage).await;
    let path = stage.release_to(ADA).await;
    let cookie = stage.cookie_of(ADA).await;
    let response = stage.get(&path).header("cookie", cookie).send().await.unwrap();
    let mut stream = response.bytes_stream();
    stream.next().await.unwrap().unwrap();
    stage.revoke().await;
    let mut cut = false;
    while let Some(piece) = stream.next().await {
        cut |= piece.is_err();
    }
    assert!(cut, "nobody takes a part for the whole");
}

#[tokio::test]
async fn streams_of_events_end_when_the_house_stops() {
    let stage = Stage::open().await;
    workflow::actions::receive::run(stage.ports(), NOTICE.as_bytes()).await.unwrap();
    stage.scene.settle().await;
    let cookie = stage.cookie_of(ADA).await;
    let path = format!("/events/{}", scene::sample_id());
    let response = stage.get(&path).header("cookie", cookie).send().await.unwrap();
    let (serving, _house) = stage.stop();
    let mut stream = response.bytes_stream();
    while let Some(piece) = stream.next().await {
        piece.unwrap();
    }
    serving.finished().await.unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_passed_over_with_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = http::Settings { address: taken.local_addr().unwrap(), ..anywhere() };
    let stage = Stage::open_with(settings).await;
    let (serving, _house) = stage.stop();
    let port = taken.local_addr().unwrap().port();
    let note = serving.note.clone().unwrap();
    assert!(note.starts_with(&format!("Port {port} is taken by another program, so port ")), "{note}");
    assert_eq!(serving.url, format!("http://{}", serving.address));
    serving.finished().await.unwrap();
}

#[tokio::test]
async fn who_does_not_finish_their_headers_is_not_waited_for() {
    let settings = http::Settings { headers_within: Duration::from_millis(50), ..anywhere() };
    let stage = Stage::open_with(settings).await;
    for beginning in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a"] {
        let mut socket = tokio::net::TcpStream::connect(stage.url.trim_start_matches("http://")).await.unwrap();
        socket.write_all(beginning.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).await.unwrap();
        assert!(!rest.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&rest));
    }
    let mut idle = tokio::net::TcpStream::connect(stage.url.trim_start_matches("http://")).await.unwrap();
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(rest.starts_with(b"HTTP/1.1 200"), "an idle connection is closed, once it was answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_ends_here_with_a_certificate_that_was_configured() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl is one of the tools that the tests need");
    assert!(made.status.success());
    let tls = Some(http::Tls { certificate: certificate.clone(), key });
    let stage = Stage::open_with(http::Settings { tls, ..anywhere() }).await;
    let address = stage.url.replace("http://", "https://");
    let curl = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--include", "--cacert"])
        .arg(&certificate)
        .arg(format!("{address}/livez"))
        .output()
        .unwrap();
    let answer = String::from_utf8(curl.stdout).unwrap();
    assert!(answer.contains("alive") && answer.contains("strict-transport-security"), "{answer}");
}

#[tokio::test]
async fn what_cannot_be_used_is_said_before_anybody_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let stage = Stage::open().await;
    let house = || http::House::new(stage.ports().clone());
    let missing = directory.path().join("none.pem");
    let tls = Some(http::Tls { certificate: missing.clone(), key: missing.clone() });
    let refused = http::serve(house(), http::Settings { tls, ..anywhere() }, std::future::pending()).await.unwrap_err();
    assert!(refused.to_string().contains("none.pem cannot be used for TLS"), "{refused}");
    let sns = http::Sns { topics: ["arn:x".to_owned()].into(), certificates: vec![] };
    let refused = http::serve(house(), http::Settings { sns, ..anywhere() }, std::future::pending()).await.unwrap_err();
    assert!(refused.to_string().contains("no certificate"), "{refused}");
}
