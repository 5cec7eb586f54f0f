//! What kind of content an answer has, and what stands before it.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

/// May stand before UTF-8, and belongs to no JSON (RFC 8259, section 8.1).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The content without a byte order mark.
pub(super) fn without_mark(mut body: Vec<u8>) -> Vec<u8> {
    if body.starts_with(BYTE_ORDER_MARK) {
        body.drain(..BYTE_ORDER_MARK.len());
    }
    body
}

/// Whether the content is of that kind. One without a type is left to the parser.
pub(super) fn is_content(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|value| {
        let essence = value.to_str().unwrap_or_default();
        let essence = essence.split(';').next().unwrap_or_default().trim();
        essence.rsplit(['/', '+']).next() == Some(kind)
    })
}
