//! A download that breaks on its way.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tests::scene::{IRIS, RITA};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::approve::{YES, decide, submit};
use crate::browser::{Browser, Scripts};
use crate::house::{House, RUTH};

/// Bytes of an answer after which a line breaks.
const BREAKS_AFTER: u64 = 3 << 20;

/// A line to the house whose first long answers break.
struct Line {
    url: String,
    breaks: Arc<AtomicU64>,
}

impl Line {
    /// Lays a line that breaks so many times.
    async fn lay(house: &House, breaks: u64) -> Self {
        let breaks = Arc::new(AtomicU64::new(breaks));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (to, left) = (house.url().strip_prefix("http://").unwrap().to_owned(), Arc::clone(&breaks));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (to, left) = (to.clone(), Arc::clone(&left));
                tokio::spawn(async move { carry(near, &to, &left).await });
            }
        });
        Self { url, breaks }
    }

    fn breaks_left(&self) -> u64 {
        self.breaks.load(Ordering::SeqCst)
    }
}

async fn carry(near: TcpStream, to: &str, left: &AtomicU64) {
    let Ok(far) = TcpStream::connect(to).await else { return };
    let (mut near_read, mut near_write) = near.into_split();
    let (mut far_read, mut far_write) = far.into_split();
    let there = tokio::spawn(async move { copy(&mut near_read, &mut far_write).await });
    let mut buffer = vec![0; 64 << 10];
    let mut carried = 0;
    while let Ok(read @ 1..) = far_read.read(&mut buffer).await {
        carried += u64::try_from(read).unwrap();
        let breaks = |left: u64| left.checked_sub(1);
        if carried > BREAKS_AFTER && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, breaks).is_ok() {
            break;
        }
        if near_write.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    there.abort();
}

/// A file that cannot be made smaller, so that its archive is as long.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_broke_goes_on_in_a_browser_and_with_curl() {
    let house = House::open().await;
    let file = house.desk().join("weights.bin");
    std::fs::write(&file, noise(8 << 20)).unwrap();
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Weights", &[file]).await;
    ruth.close().await;
    for person in [IRIS, RITA] {
        let browser = Browser::of(&house, person).await;
        browser.until(&request, "Decide…").await;
        decide(&browser, &request, YES).await;
        browser.close().await;
    }

    let line = Line::lay(&house, 2).await;
    let ruth = Browser::open_at(&line.url, Scripts::Run).await;
    ruth.enter(RUTH).await;
    ruth.until(&request, "Download the archive").await;
    ruth.press("Download the archive").await;
    let archive = ruth.downloaded().await;
    assert!(line.breaks_left() < 2, "nothing broke");
    let whole = std::fs::read(&archive).unwrap();
    assert!(house.call(&["release", "verify", archive.to_str().unwrap()]).status.success());

    // A link again, which is free while the first one lives; curl breaks off, and goes on.
    let cookie = ruth.cookie().await;
    let line = Line::lay(&house, 1).await;
    let asked = tests::client::client();
    let granted =
        asked.post(format!("{}{request}/download", house.url())).header("cookie", &cookie).send().await.unwrap();
    let link = granted.headers()["location"].to_str().unwrap().to_owned();
    let copy = house.desk().join("egress.zip");
    let curl = || {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--continue-at", "-", "--cookie", &cookie, "--output"]);
        curl.arg(&copy).arg(format!("{}{link}", line.url)).output().expect("curl is one of the tools")
    };
    assert!(!curl().status.success(), "nothing broke");
    let had = std::fs::metadata(&copy).unwrap().len();
    assert!(had > 0 && had < u64::try_from(whole.len()).unwrap());
    let second = curl();
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(std::fs::read(&copy).unwrap(), whole);
    ruth.go(&request).await;
    ruth.reads("0 of 1 left").await;
    ruth.picture("broken", "downloaded").await;
    ruth.close().await;
    house.hold().await;
}
