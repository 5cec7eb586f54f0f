//! Classes and triggers: syntax, names, and what a trigger is on.

use crate::apex::{self, Declaration};
use crate::metadata::MetadataType;

use super::super::super::components::Found;
use super::{Context, Problem, required, whole};

/// What is wrong with a class or trigger.
pub fn code(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let name = found.id.full_name.as_str();
    let mut problems = required(&found.xml, &["apiVersion"]);
    if let Some(api) = found.xml.text_of("apiVersion") {
        let number = api.trim().parse::<f64>().unwrap_or_default();
        if number < 1.0 || number > f64::from(context.newest) {
            problems.push(whole(format!(
                "The ({name}) apiVersion can't be \"{}\"",
                api.trim()
            )));
        }
    }
    let source = found.source.as_deref().unwrap_or_default();
    let syntax = apex::parse(source);
    if let Some(error) = syntax.errors.first() {
        problems.push(Problem {
            line: u32::try_from(error.line).unwrap_or_default(),
            column: u32::try_from(error.column).unwrap_or_default(),
            text: error.message.clone(),
        });
        return problems;
    }
    match (found.id.kind, syntax.declaration) {
        (MetadataType::ApexClass, Some(Declaration::Class { name: declared, .. })) => {
            if !declared.eq_ignore_ascii_case(name) {
                problems.push(Problem {
                    line: 1,
                    column: 1,
                    text: format!("Class name must match file name: {declared}"),
                });
            }
            if found.xml.text_of("status") == Some("Inactive") {
                problems.push(whole("Apex classes cannot be inactive"));
            }
        }
        (
            MetadataType::ApexTrigger,
            Some(Declaration::Trigger {
                name: declared,
                object,
                ..
            }),
        ) => {
            if !declared.eq_ignore_ascii_case(name) {
                problems.push(Problem {
                    line: 1,
                    column: 1,
                    text: format!("Trigger name must match file name: {declared}"),
                });
            }
            problems.extend(trigger(found, &object, context));
        }
        (kind, _) => problems.push(Problem {
            line: 1,
            column: 1,
            text: format!("Unexpected declaration: the file is not that of an {kind}"),
        }),
    }
    problems
}

fn trigger(found: &Found, object: &str, context: &Context<'_>) -> Vec<Problem> {
    if !context.knows_object(object) {
        return vec![Problem {
            line: 1,
            column: 1,
            text: format!("Invalid type: {object}"),
        }];
    }
    let stored = context.state.component(&found.id);
    let before =
        stored.and_then(
            |stored| match apex::parse(stored.source.as_deref()?).declaration {
                Some(Declaration::Trigger { object, .. }) => Some(object),
                _ => None,
            },
        );
    // The texts of these two refusals are not recorded anywhere; the refusals are documented.
    match before {
        Some(before) if !before.eq_ignore_ascii_case(object) => {
            vec![whole(format!(
                "Cannot change the object of a trigger from {before} to {object}"
            ))]
        }
        None if found.xml.text_of("status") == Some("Inactive") => {
            vec![whole(
                "A trigger must be deployed with status Active before it can be Inactive",
            )]
        }
        _ => Vec::new(),
    }
}
