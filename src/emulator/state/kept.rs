//! Texts that are kept for long and asked for seldom. The state is written whole each time that it
//! changes, so they are compressed in it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::super::archive;

/// What is shorter is kept as it is.
const WORTHWHILE: usize = 2_048;

const NAME: &str = "text";

/// A text, compressed where that is worthwhile.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Kept {
    /// As it is.
    Plain(String),
    /// Compressed.
    Packed {
        /// A zip with one file, in base64.
        zip: String,
        /// Bytes of the text.
        length: usize,
    },
}

impl Kept {
    /// Keeps a text.
    pub fn new(text: String) -> Self {
        if text.len() < WORTHWHILE {
            return Self::Plain(text);
        }
        let length = text.len();
        let files = [(NAME.to_owned(), text.into_bytes())];
        match archive::write(&files) {
            Ok(zip) => Self::Packed {
                zip: STANDARD.encode(zip),
                length,
            },
            Err(_) => {
                let [(_, bytes)] = files;
                Self::Plain(String::from_utf8(bytes).unwrap_or_default())
            }
        }
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Packed { length, .. } => *length,
        }
    }

    /// The text; nothing when somebody has damaged it in the state.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Plain(text) => Some(Cow::Borrowed(text)),
            Self::Packed { zip, .. } => {
                let zip = STANDARD.decode(zip).ok()?;
                let bytes = archive::read(&zip).ok()?.remove(NAME)?;
                String::from_utf8(bytes).ok().map(Cow::Owned)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_a_long_one_is_smaller() {
        for text in [
            String::new(),
            "short".to_owned(),
            "a long line\n".repeat(1_000),
        ] {
            let kept = Kept::new(text.clone());
            assert_eq!(
                (kept.len(), kept.text().as_deref()),
                (text.len(), Some(&*text))
            );
            let json = serde_json::to_string(&kept).unwrap();
            assert!(json.len() < 1_000, "{}", json.len());
            let again: Kept = serde_json::from_str(&json).unwrap();
            assert_eq!(again.text().as_deref(), Some(&*text));
        }
        let damaged = r#"{ "zip": "UEsDBAo=", "length": 9 }"#;
        let damaged: Kept = serde_json::from_str(damaged).unwrap();
        assert_eq!(damaged.text(), None);
    }
}
