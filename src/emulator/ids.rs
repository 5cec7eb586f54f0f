//! Ids of records: 15 characters, or 18 with a checksum.

/// Whether two ids name one record: the last three of 18 characters are a checksum.
pub fn same_id(one: &str, other: &str) -> bool {
    matches!(other.len(), 15 | 18) && one.get(..15) == other.get(..15)
}

/// 15 characters, as the wire has user ids of deploys.
pub fn short(id: &str) -> String {
    id.get(..15).unwrap_or(id).to_owned()
}
