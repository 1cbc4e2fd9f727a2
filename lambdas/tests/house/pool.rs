//! A user pool that is played: one key, and an address from which it can be had.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const ISSUER: &str = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_played";
pub(crate) const CLIENT: &str = "the-front-end";

pub(crate) struct Pool {
    folder: TempDir,
}

impl Pool {
    /// Makes the pool's key.
    pub(crate) fn new() -> Self {
        let pool = Self { folder: tempfile::tempdir().unwrap() };
        pool.openssl(&["genrsa", "-out", "key.pem", "2048"], b"");
        pool
    }

    fn openssl(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(self.folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "openssl {arguments:?}");
        output.stdout
    }

    /// The public half, as a pool shows it.
    pub(crate) fn keys(&self) -> Value {
        let shown = String::from_utf8(self.openssl(&["rsa", "-in", "key.pem", "-noout", "-modulus"], b"")).unwrap();
        let modulus = hex::decode(shown.trim().trim_start_matches("Modulus=")).unwrap();
        let n = URL_SAFE_NO_PAD.encode(modulus);
        json!({ "keys": [{ "kid": "one", "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": "AQAB" }] })
    }

    /// Signs whatever it is asked to.
    pub(crate) fn sign(&self, header: &Value, payload: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(header), encode(payload));
        let signature = self.openssl(&["dgst", "-sha256", "-sign", "key.pem"], signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Shows the keys at an address of their own.
    pub(crate) async fn serve(&self) -> String {
        let keys = self.keys();
        let router = axum::Router::new().route("/jwks.json", axum::routing::get(async move || axum::Json(keys)));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// The key's file, for whoever would misuse the public half.
    pub(crate) fn path(&self) -> PathBuf {
        Path::new(self.folder.path()).join("key.pem")
    }
}
