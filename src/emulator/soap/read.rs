//! `readMetadata`: components as the file of a retrieve has them, without a request and a zip.

use crate::metadata::{ComponentId, MetadataType};

use super::super::normal::handed_out;
use super::super::org::EmulatedOrg;
use super::super::refusal::Refusal;
use super::super::tree::Node;

/// Metadata API guide, "readMetadata()": components in a call.
const MOST: usize = 10;

/// The records in the order of their names; a component that is not there is nil.
pub fn read(org: &EmulatedOrg, operation: &Node) -> Result<Vec<Node>, Refusal> {
    let name = operation.text_of("type").unwrap_or_default().trim();
    let kind = name.parse::<MetadataType>().ok();
    // Apex is excluded: "All Metadata API calls except CRUD-Based Calls" (Metadata API guide).
    let Some(kind) = kind.filter(|kind| !kind.has_source()) else {
        return Err(Refusal::new(
            "INVALID_TYPE",
            "This type of metadata is not available for this organization",
        ));
    };
    let names: Vec<&str> = operation
        .children
        .iter()
        .filter(|child| child.name == "fullNames")
        .map(|child| child.text.trim())
        .collect();
    if names.len() > MOST {
        return Err(Refusal::new(
            "LIMIT_EXCEEDED",
            "record limit reached. cannot submit more than 10 records into this operation",
        ));
    }
    let state = org.state()?;
    let records = names
        .into_iter()
        .map(
            |name| match state.component(&ComponentId::new(kind, name)) {
                Some(stored) => {
                    let mut record = handed_out(stored, &state);
                    "records".clone_into(&mut record.name);
                    record.xsi_type = Some(kind.name().to_owned());
                    record
                        .children
                        .insert(0, Node::leaf("fullName", stored.full_name.as_str()));
                    record
                }
                None => Node::nil("records"),
            },
        )
        .collect();
    Ok(vec![Node::with("result", records)])
}
