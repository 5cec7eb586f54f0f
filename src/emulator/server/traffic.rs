//! How much went over the wire, for whoever compares clients: requests, and bytes of heads and bodies.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::body::Body as _;
use hyper::{HeaderMap, Method};

use super::Response;

/// What has gone over the wire since the server was started.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    requests: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
}

impl Traffic {
    pub(super) fn request(&self, method: &Method, path: &str, headers: &HeaderMap, body: usize) {
        let line = method.as_str().len() + path.len() + " HTTP/1.1\r\n".len() + 1;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let bytes = line + size(headers) + body;
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn answer(&self, answer: &Response) {
        let line = "HTTP/1.1 200 OK\r\n".len();
        let bytes = (line + size(answer.headers())) as u64;
        let body = answer.body().size_hint().exact().unwrap_or_default();
        self.sent.fetch_add(bytes + body, Ordering::Relaxed);
    }

    pub(super) fn json(&self) -> String {
        serde_json::json!({
            "requests": self.requests.load(Ordering::Relaxed),
            "received": self.received.load(Ordering::Relaxed),
            "sent": self.sent.load(Ordering::Relaxed),
        })
        .to_string()
    }
}

fn size(headers: &HeaderMap) -> usize {
    let lines = headers.iter();
    let bytes: usize = lines
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    bytes + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_http_1_1_sends() {
        let traffic = Traffic::default();
        let mut headers = HeaderMap::new();
        headers.insert("host", hyper::header::HeaderValue::from_static("a"));
        let text = "GET /x HTTP/1.1\r\nhost: a\r\n\r\nbody";
        traffic.request(&Method::GET, "/x", &headers, "body".len());
        let json = format!(r#"{{"requests":1,"received":{},"sent":0}}"#, text.len());
        assert_eq!(traffic.json(), json);
    }
}
