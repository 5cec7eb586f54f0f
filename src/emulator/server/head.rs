//! Reading and writing the heads of messages.

use hyper::header::HeaderValue;

/// One slash between segments and none at the end: clients join URLs in every way.
pub(super) fn clean_path(path: &str) -> String {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .fold(String::new(), |path, segment| path + "/" + segment)
}

/// `Wed, 21 Oct 2026 07:28:00 GMT`.
pub(super) fn http_date(time: jiff::Timestamp) -> Option<HeaderValue> {
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time);
    HeaderValue::from_str(&date.ok()?).ok()
}

pub(super) fn header<'a>(
    headers: &'a hyper::HeaderMap,
    name: &hyper::header::HeaderName,
) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Records in an answer: 200 to 2000 (REST API guide, "Query Options Header"); without a word 2000.
pub(super) fn batch_size(header: Option<&HeaderValue>) -> usize {
    header
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split("batchSize=").nth(1))
        .and_then(|text| text.split([',', ';']).next()?.trim().parse().ok())
        .map_or(2000, |size: usize| size.clamp(200, 2000))
}
