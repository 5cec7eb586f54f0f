//! The id of a deploy.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// The id of a deploy request, `0Af…`. 15 and 18 characters name the same one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeployId(String);

impl DeployId {
    /// As given, 15 or 18 letters and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for DeployId {
    fn eq(&self, other: &Self) -> bool {
        self.0.get(..15) == other.0.get(..15)
    }
}

impl Eq for DeployId {}

impl fmt::Display for DeployId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DeployId {
    type Err = Fault;

    /// It becomes part of a URL, so nothing but an id is taken.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let fits = matches!(text.len(), 15 | 18)
            && text.starts_with("0Af")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Fault::NotADeployId {
                text: super::text::clean(text),
            })
        }
    }
}

impl TryFrom<String> for DeployId {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<DeployId> for String {
    fn from(id: DeployId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_ids_only() {
        let long: DeployId = "0Afxx00000001VPCAY".parse().unwrap();
        assert_eq!(long, "0Afxx00000001VP".parse().unwrap());
        assert_ne!(long, "0Afxx00000001Vp".parse().unwrap());
        for bad in [
            "",
            "0Af",
            "09Sxx00000001VP",
            "0Afxx00000001V?",
            "0Af/../000001VP",
        ] {
            assert!(bad.parse::<DeployId>().is_err(), "{bad}");
        }
    }
}
