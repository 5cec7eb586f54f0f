//! The name of the External Client App.

use schemars::Schema;
use serde_json::json;

use super::value::{ValueError, Word, schema};
use crate::apex;

/// An app's name in the API. Its parts are called by it and a suffix of up to ten characters, and
/// names have at most 40.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AppName(pub String);

impl AppName {
    const LONGEST: usize = 30;

    /// What the app is called where the config doesn't say.
    pub fn shipped() -> Self {
        Self("OpenCX".to_owned())
    }
}

impl Word for AppName {
    const EXPECTED: &'static str = "a name";

    fn read(text: &str) -> Result<Self, ValueError> {
        if text.len() > Self::LONGEST {
            return Err(ValueError::AppName);
        }
        apex::check_name(text)
            .map(|()| Self(text.to_owned()))
            .map_err(|error| ValueError::Name {
                name: text.to_owned(),
                error,
            })
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({
            "type": "string",
            "maxLength": Self::LONGEST,
            "pattern": "^[A-Za-z][A-Za-z0-9_]*$",
        }))
    }
}
