//! The webhook's URL: a secret, because its path holds a token.

use reqwest::Url;
use schemars::Schema;
use serde_json::json;

use super::value::{ValueError, Word, schema};
use crate::secret::{Secret, mask_url};

/// A URL that can be a Named Credential's endpoint, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WebhookUrl {
    pub secret: Secret,
    /// Plain HTTP to this machine, which only the emulator may call.
    pub loopback: bool,
}

impl Word for WebhookUrl {
    const EXPECTED: &'static str = "a URL or a reference to one";
    const SECRET: bool = true;

    fn read(text: &str) -> Result<Self, ValueError> {
        // The parser would drop tabs and line breaks and rewrite other characters silently.
        let plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(c);
        if !text.chars().all(plain) {
            return Err(ValueError::Url("it has a character that a URL cannot have"));
        }
        let Ok(url) = Url::parse(text) else {
            return Err(ValueError::Url("it cannot be parsed"));
        };
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(ValueError::Url("it has a user name or password"));
        }
        let host = url.host_str().unwrap_or_default();
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        match url.scheme() {
            "https" if !host.is_empty() => Ok(Self::of(text, false)),
            "http" if local => Ok(Self::of(text, true)),
            _ => Err(Self::NOT_HTTPS),
        }
    }

    fn shown(&self) -> String {
        mask_url(self.secret.expose())
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "format": "uri", "pattern": "^https?://" }))
    }
}

impl WebhookUrl {
    pub const NOT_HTTPS: ValueError = ValueError::Url("it is not https");

    fn of(text: &str, loopback: bool) -> Self {
        Self {
            secret: Secret::new(text),
            loopback,
        }
    }
}

/// What stands between `//` and the path. An empty user name is no longer seen after parsing.
fn authority(url: &str) -> &str {
    let rest = url.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_as_written_and_http_on_this_machine() {
        for (text, loopback) in [
            ("https://api.open.cx/hook/T0ken?x=1", false),
            ("https://API.open.cx:8443/a%20b", false),
            ("http://127.0.0.1:8080/x", true),
            ("http://localhost", true),
        ] {
            let url = WebhookUrl::read(text).unwrap();
            assert_eq!((url.secret.expose(), url.loopback), (text, loopback));
        }
    }

    #[test]
    fn refuses_everything_else_with_the_reason() {
        for (text, reason) in [
            ("", "it cannot be parsed"),
            ("api.open.cx/hook", "it cannot be parsed"),
            ("https://", "it cannot be parsed"),
            (
                "https://api.open.cx/a b",
                "it has a character that a URL cannot have",
            ),
            (
                "https://api.open.cx/\n",
                "it has a character that a URL cannot have",
            ),
            (
                "https://api.open.cx/</endpoint>",
                "it has a character that a URL cannot have",
            ),
            (
                "https://user:password@api.open.cx/",
                "it has a user name or password",
            ),
            ("https://:@api.open.cx/", "it has a user name or password"),
            ("http://api.open.cx/", "it is not https"),
            ("http://127.0.0.1.evil.example/", "it is not https"),
            ("ftp://api.open.cx/", "it is not https"),
        ] {
            assert_eq!(
                WebhookUrl::read(text),
                Err(ValueError::Url(reason)),
                "{text:?}"
            );
        }
    }

    #[test]
    fn is_never_shown() {
        let url = WebhookUrl::read("https://api.open.cx/hook/T0ken").unwrap();
        assert_eq!(url.shown(), "https://api.open.cx/[redacted]");
        assert!(!format!("{url:?}").contains("T0ken"));
    }
}
