//! Records of sObjects, as the state keeps them and as APIs show them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Fields by name, as the REST API has them.
pub type Fields = BTreeMap<String, serde_json::Value>;

/// A record of an sObject.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    /// The sObject's API name.
    pub object: String,
    /// 18 characters.
    pub id: String,
    /// Whether it is in the recycle bin.
    pub deleted: bool,
    /// Fields as REST shows them, `Id` among them.
    pub fields: serde_json::Map<String, serde_json::Value>,
}
