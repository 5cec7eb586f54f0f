//! Values that cannot be shown, and the redaction of any text that may hold them.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

/// What stands where a secret was.
pub const MASK: &str = "[redacted]";

/// A text that no `Debug`, `Display` or serialisation can show. Read it with [`Secret::expose`],
/// and only to send it to the host it belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Removes known secrets from text before it is shown or written.
///
/// Everything that reaches a terminal, a log or a report goes through one of these. Clones share
/// what they know: a token that a connection gets in the middle of a run is masked on the terminal
/// too.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a secret that contains another leaves nothing of itself.
    secrets: Arc<RwLock<Vec<Secret>>>,
}

impl Redactor {
    /// Adds a secret in every spelling in which it may meet a text: as it is, escaped for XML, and
    /// its path alone when it is a URL (servers quote paths in their errors). Values under eight
    /// characters are left out: masking them would mangle ordinary words.
    pub fn add(&self, secret: &Secret) {
        let text = secret.expose();
        self.add_spelling(text);
        let escaped = quick_xml::escape::escape(text).into_owned();
        if escaped != text {
            self.add_spelling(&escaped);
        }
        if let Some((_, rest)) = text.split_once("://")
            && let Some((_, path)) = rest.split_once('/')
        {
            self.add_spelling(path);
        }
    }

    fn add_spelling(&self, text: &str) {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        if text.len() < 8 || secrets.iter().any(|known| known.expose() == text) {
            return;
        }
        secrets.push(Secret::new(text));
        secrets.sort_by_key(|known| std::cmp::Reverse(known.expose().len()));
    }

    /// The text with every known secret replaced by [`MASK`].
    pub fn redact(&self, text: &str) -> String {
        let mut out = text.to_owned();
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter() {
            if out.contains(secret.expose()) {
                out = out.replace(secret.expose(), MASK);
            }
        }
        out
    }
}

/// A URL with everything after its host hidden: `https://api.open.cx/[redacted]`. For webhook URLs
/// that an org returns, which hold a token that this process has never seen.
pub fn mask_url(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = authority.rsplit('@').next().unwrap_or_default();
            if rest.len() == authority.len() && authority == host {
                url.to_owned()
            } else {
                format!("{scheme}://{host}/{MASK}")
            }
        }
        None => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2hunter2")), MASK);
    }

    #[test]
    fn redacts_the_whole_the_escaped_and_the_path() {
        let redactor = Redactor::default();
        redactor.add(&Secret::new("https://api.open.cx/hook/tok&en123"));
        for text in [
            "POST https://api.open.cx/hook/tok&en123 failed",
            "<endpoint>https://api.open.cx/hook/tok&amp;en123</endpoint>",
            "404 for /hook/tok&en123",
        ] {
            assert!(!redactor.redact(text).contains("en123"), "{text}");
        }
    }

    #[test]
    fn masks_the_path_of_a_url() {
        assert_eq!(
            mask_url("https://u:p@api.open.cx/a/b?c"),
            "https://api.open.cx/[redacted]"
        );
        assert_eq!(mask_url("https://api.open.cx"), "https://api.open.cx");
        assert_eq!(mask_url("nonsense"), MASK);
    }
}
