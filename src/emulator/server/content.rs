//! What an answer holds: its bytes, or half of them before the connection breaks; and plain answers.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::StatusCode;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};

use super::{Dropped, Response};

/// The body of an answer.
#[derive(Debug)]
pub(super) struct Content {
    bytes: Bytes,
    sent: bool,
    breaks: bool,
}

impl Content {
    pub(super) fn whole(text: String) -> Self {
        Self {
            bytes: Bytes::from(text),
            sent: false,
            breaks: false,
        }
    }

    /// The same, breaking off in the middle.
    pub(super) fn half(self) -> Self {
        Self {
            breaks: true,
            ..self
        }
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        Poll::Ready(match (self.sent, self.breaks) {
            (false, breaks) => {
                self.sent = true;
                let length = self.bytes.len();
                let end = if breaks { length / 2 } else { length };
                Some(Ok(Frame::data(self.bytes.slice(..end))))
            }
            (true, true) => Some(Err(Dropped)),
            (true, false) => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        !self.breaks && (self.sent || self.bytes.is_empty())
    }

    /// As if all of it came.
    fn size_hint(&self) -> SizeHint {
        let left = if self.sent { 0 } else { self.bytes.len() };
        SizeHint::with_exact(left as u64)
    }
}

pub(super) fn plain(status: StatusCode, text: &str) -> Response {
    respond_with(status, "text/plain;charset=UTF-8", text.to_owned())
}

pub(super) fn respond_with(
    status: StatusCode,
    content_type: &'static str,
    body: String,
) -> Response {
    let mut response = Response::new(Content::whole(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
