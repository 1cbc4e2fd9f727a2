//! Previews: the bytes of one file under review, for who may see the request. They are a researcher's, so no browser
//! gets to run or render what could act.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use workflow::actions::{Caller, look};
use workflow::domain::id::RequestId;
use workflow::domain::manifest::Verified;
use workflow::domain::permission::Refusal;
use workflow::ports::object_store::ObjectVersion;
use workflow::ports::{Kind as Absence, PortError};

use crate::authentication::Visitor;
use crate::face::Face;
use crate::header::SANDBOX;
use crate::problem::Problem;

const NOT_KEPT: &str = "The bytes of this file are not kept here any more: they were released, or deleted after their \
                        round had ended. What was decided upon is told by the digest. Go back to the request.";
/// Bytes that are read at once.
const PIECE: u64 = 1 << 20;

/// `GET /requests/{request}/files/{index}`: the beginning of a file, or the whole if it is small enough. Each look is
/// on the access log.
pub(crate) async fn show(
    State(face): State<Arc<Face>>,
    visitor: Visitor,
    Path((id, index)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let index: usize = index.parse().map_err(|_| Problem::Refused(Refusal::NoSuchItem))?;
    let (file, bytes) = look_at(&face, &visitor.caller, (&id, index), face.settings.preview_bytes).await?;
    let size = file.declared.size;
    let is_whole = size <= face.settings.preview_bytes;
    let kind = Kind::of(&bytes, is_whole);
    if kind.is_picture() && !is_whole {
        let sentence = format!(
            "This picture has {size} bytes, and at most {} are shown. Decide on it by other means.",
            face.settings.preview_bytes
        );
        return Err(Problem::Said(StatusCode::PAYLOAD_TOO_LARGE, sentence));
    }
    let headers = [
        (CONTENT_TYPE, kind.content_type().to_owned()),
        (CONTENT_DISPOSITION, kind.disposition().to_owned()),
        (CONTENT_SECURITY_POLICY, SANDBOX.to_owned()),
        (HeaderName::from_static("lockgate-size"), size.to_string()),
        (HeaderName::from_static("lockgate-whole"), is_whole.to_string()),
    ];
    Ok((headers, bytes).into_response())
}

/// The first bytes of a file, for somebody who may see the request.
pub(crate) async fn look_at(
    face: &Face,
    caller: &Caller,
    (id, index): (&str, usize),
    at_most: u64,
) -> Result<(Verified, Bytes), Problem> {
    let id: RequestId = id.parse().map_err(|_| Problem::Refused(Refusal::NoSuchRequest))?;
    let Ok(_place) = face.room.downloads.try_acquire() else { return Err(Problem::busy()) };
    let seen = look::run(&face.ports, caller, (id, index)).await?;
    let length = seen.file.declared.size.min(at_most);
    match read(face, &seen.object, length).await {
        Err(Problem::Failed(PortError { kind: Absence::Missing, .. })) => Err(Problem::missing(NOT_KEPT)),
        read => Ok((seen.file, read?)),
    }
}

async fn read(face: &Face, object: &ObjectVersion, length: u64) -> Result<Bytes, Problem> {
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < length {
        let piece = face.ports.objects.read(object, at, (length - at).min(PIECE)).await?;
        if piece.is_empty() {
            return Err(Problem::missing(NOT_KEPT));
        }
        at += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}

/// What a browser is told that the bytes are. It goes by the bytes alone: a name says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Png,
    Jpeg,
    Gif,
    Webp,
    /// Shown as characters, whatever they would mean: markup, too.
    Text,
    /// Saved, never shown.
    Other,
}

impl Kind {
    fn of(bytes: &[u8], is_whole: bool) -> Self {
        match bytes {
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Self::Png,
            [0xFF, 0xD8, 0xFF, ..] => Self::Jpeg,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            _ if is_text(bytes, is_whole) => Self::Text,
            _ => Self::Other,
        }
    }

    fn is_picture(self) -> bool {
        !matches!(self, Self::Text | Self::Other)
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Text => "text/plain; charset=utf-8",
            Self::Other => "application/octet-stream",
        }
    }

    fn disposition(self) -> &'static str {
        match self {
            Self::Other => "attachment; filename=\"file.bin\"",
            _ => "inline",
        }
    }
}

/// Tells UTF-8 without control characters but line breaks and tabs. A beginning may end within a character.
fn is_text(bytes: &[u8], is_whole: bool) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if !is_whole && error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_scripts_are_characters() {
        for text in ["<svg onload=alert(1)>", "<!doctype html><script>alert(1)</script>", "<?xml version='1.0'?>", ""] {
            assert_eq!(Kind::of(text.as_bytes(), true), Kind::Text);
        }
        assert_eq!(Kind::Text.content_type(), "text/plain; charset=utf-8");
    }

    #[test]
    fn what_is_neither_text_nor_a_picture_is_saved() {
        for bytes in [b"%PDF-1.7\0".as_slice(), b"PK\x03\x04", b"\x7FELF", b"a\0b", b"\xFF\xFE", b"\x1B[31m"] {
            assert_eq!(Kind::of(bytes, true), Kind::Other, "{bytes:?}");
        }
        assert!(Kind::Other.disposition().starts_with("attachment"));
    }

    #[test]
    fn pictures_are_told_by_their_first_bytes() {
        assert_eq!(Kind::of(b"\x89PNG\r\n\x1A\n....", true), Kind::Png);
        assert_eq!(Kind::of(b"\xFF\xD8\xFF\xE0", true), Kind::Jpeg);
        assert_eq!(Kind::of(b"GIF89a", true), Kind::Gif);
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WEBP", true), Kind::Webp);
    }

    #[test]
    fn a_beginning_may_end_within_a_character() {
        assert_eq!(Kind::of("naï".as_bytes().split_last().unwrap().1, false), Kind::Text);
        assert_eq!(Kind::of("naï".as_bytes().split_last().unwrap().1, true), Kind::Other);
    }
}
