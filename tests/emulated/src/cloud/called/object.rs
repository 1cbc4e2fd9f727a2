//! Calls of S3, and what S3 asks of the key in the name of whoever calls.

use serde_json::Value;

use super::Called;
use crate::proxy::Request;

/// What one call needs.
pub(super) fn of(request: &Request, keys: &Value) -> Vec<Called> {
    let place = Place::of(request.target());
    let mut needed = place.needed(request);
    if let Some(source) = request.header("x-amz-copy-source") {
        let source = Place::of(&format!("/{}", source.trim_start_matches('/')));
        needed.push(source.object(source.versioned("s3:GetObject")));
    }
    let reads = |called: &Called| ["s3:GetObject", "s3:GetObjectVersion"].contains(&called.action.as_str());
    let mut keyed = Vec::new();
    for called in needed.iter().filter(|_| request.method() != "HEAD") {
        let bucket = called.resource.trim_start_matches("arn:aws:s3:::").split('/').next().unwrap_or_default();
        let Some(key) = keys[bucket].as_str() else { continue };
        if reads(called) {
            keyed.push(Called::new("kms:Decrypt", key));
        } else if called.action == "s3:PutObject" {
            keyed.push(Called::new("kms:GenerateDataKey", key));
            keyed.extend(place.has("uploadId").then(|| Called::new("kms:Decrypt", key)));
        }
    }
    needed.into_iter().chain(keyed).collect()
}

struct Place {
    bucket: String,
    key: String,
    query: Vec<String>,
}

impl Place {
    fn of(target: &str) -> Self {
        let url = reqwest::Url::parse(&format!("http://s3{target}")).expect("an address");
        let query = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let (bucket, key) =
            url.path().trim_start_matches('/').split_once('/').unwrap_or((url.path().trim_start_matches('/'), ""));
        Self { bucket: bucket.to_owned(), key: key.to_owned(), query }
    }

    fn has(&self, name: &str) -> bool {
        self.query.iter().any(|found| found == name)
    }

    /// The action on the version that is named, or on the newest.
    fn versioned(&self, action: &str) -> String {
        let end = if self.has("versionId") { "Version" } else { "" };
        match action.strip_suffix("Tagging") {
            Some(start) => format!("{start}{end}Tagging"),
            None => format!("{action}{end}"),
        }
    }

    fn object(&self, action: impl Into<String>) -> Called {
        Called::new(action, format!("arn:aws:s3:::{}/{}", self.bucket, self.key))
    }

    fn needed(&self, request: &Request) -> Vec<Called> {
        if self.key.is_empty() && request.method() == "POST" {
            return self.deleted(&String::from_utf8_lossy(&request.body));
        }
        let action = match (request.method(), self.key.is_empty()) {
            ("GET", true) if self.has("versions") => "s3:ListBucketVersions".to_owned(),
            ("GET", true) if self.has("uploads") => "s3:ListBucketMultipartUploads".to_owned(),
            ("GET", true) => "s3:ListBucket".to_owned(),
            ("GET", false) if self.has("uploadId") => "s3:ListMultipartUploadParts".to_owned(),
            ("GET", false) if self.has("tagging") => self.versioned("s3:GetObjectTagging"),
            ("GET" | "HEAD", false) => self.versioned("s3:GetObject"),
            ("PUT", false) if self.has("tagging") => self.versioned("s3:PutObjectTagging"),
            ("PUT" | "POST", false) => "s3:PutObject".to_owned(),
            ("DELETE", false) if self.has("uploadId") => "s3:AbortMultipartUpload".to_owned(),
            ("DELETE", false) => self.versioned("s3:DeleteObject"),
            (method, _) => panic!("no rule is known for {method} of {}", request.target()),
        };
        let bucket = format!("arn:aws:s3:::{}", self.bucket);
        vec![if self.key.is_empty() { Called::new(action, bucket) } else { self.object(action) }]
    }

    /// What a call that deletes many names, one by one.
    fn deleted(&self, body: &str) -> Vec<Called> {
        let inner = |text: &str, name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
        };
        let objects = body.split("<Object>").skip(1);
        let one = |text: &str| {
            let version = inner(text, "VersionId").map_or("", |_| "Version");
            let key = inner(text, "Key").expect("a key");
            Called::new(format!("s3:DeleteObject{version}"), format!("arn:aws:s3:::{}/{key}", self.bucket))
        };
        objects.map(one).collect()
    }
}
