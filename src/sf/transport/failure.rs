//! Errors of the HTTP client → facts. What the types say counts first, then their text.

use std::error::Error;
use std::io;

use super::Fault;
use crate::sf::text::clean;

/// What went wrong between here and the host.
pub(in crate::sf) fn from_reqwest(error: &reqwest::Error, host: &str) -> Fault {
    let host = host.to_owned();
    if error.is_builder() {
        Fault::Setup {
            reason: reason(error),
        }
    } else if error.is_connect() {
        if error.is_timeout() {
            Fault::ConnectTimedOut { host }
        } else if error.is_dns() {
            Fault::HostNotFound { host }
        } else if let Some(reason) = proxy(error) {
            Fault::Proxy { host, reason }
        } else if is_tls(error) {
            Fault::Tls {
                host,
                reason: reason(error),
            }
        } else {
            Fault::Unreachable {
                host,
                reason: reason(error),
            }
        }
    } else if error.is_timeout() {
        Fault::AnswerTimedOut { host }
    } else {
        Fault::ConnectionLost {
            host,
            reason: reason(error),
        }
    }
}

/// The innermost cause, which is the one that says something. It never holds the URL: only the
/// outermost error does.
pub(in crate::sf) fn reason(error: &reqwest::Error) -> String {
    clean(&causes(error).last().map_or_else(
        || "the HTTP client gave no reason".to_owned(),
        ToString::to_string,
    ))
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// Why the proxy led nowhere, when there is one. Its errors have a type that is not public.
fn proxy(error: &reqwest::Error) -> Option<String> {
    let mut causes = causes(error).map(ToString::to_string);
    let tunnel = causes.find(|cause| cause.starts_with("tunnel error: "))?;
    Some(clean(match tunnel.as_str() {
        "tunnel error: proxy authorization required" => {
            "it wants a user name and a password (HTTP 407)"
        }
        "tunnel error: failed to create underlying connection" => "it could not be reached",
        "tunnel error: unsuccessful" => "it refused, or is no proxy",
        other => other,
    }))
}

/// A connection that broke off during the handshake is a lost connection, not a bad certificate.
fn is_tls(error: &reqwest::Error) -> bool {
    let broken = causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| {
            matches!(
                cause.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            )
        });
    !broken
        && causes(error).any(|cause| {
            let text = cause.to_string().to_ascii_lowercase();
            ["certificate", "handshake", "tls", "corrupt message"]
                .iter()
                .any(|word| text.contains(word))
        })
}
