//! Platform events and the settings of triggers on them.

use crate::metadata::MetadataType;

use super::super::super::components::Found;
use super::{Context, Problem, at, missing, required, whole};

/// What is wrong with a custom object, of which the org takes platform events only.
pub fn event(found: &Found) -> Vec<Problem> {
    let name = found.id.full_name.as_str();
    if !name.to_ascii_lowercase().ends_with("__e") {
        return vec![whole(format!(
            "The emulator does not support custom objects other than platform events and custom \
             metadata types: {name}"
        ))];
    }
    required(&found.xml, &["label", "pluralLabel"])
}

/// What is wrong with the settings of a trigger.
pub fn config(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let mut problems = required(&found.xml, &["masterLabel", "platformEventConsumer"]);
    let consumer = found.xml.text_of("platformEventConsumer");
    let consumer = consumer.unwrap_or_default().trim();
    if !consumer.is_empty() && !context.knows(MetadataType::ApexTrigger, consumer) {
        let text = missing("platformEventConsumer", "ApexTrigger", consumer);
        problems.push(whole(text));
    }
    if let Some(size) = found.xml.child("batchSize")
        && !size
            .text
            .trim()
            .parse::<u32>()
            .is_ok_and(|size| (1..=2000).contains(&size))
    {
        let text = "The batch size must be between 1 and 2,000".to_owned();
        problems.push(at(size, text));
    }
    problems
}
