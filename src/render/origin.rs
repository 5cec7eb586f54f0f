//! Where a rendered component comes from: its template, the line in it, and the config keys that
//! had a part in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, FIRST, LATER, Names, members, renamed, rollout, template_path};
use crate::config::Integration;
use crate::metadata::{ComponentId, FullName};
use crate::template::{Catalog, Engines, Outline, VARIABLES};

/// Where each component of an integration comes from.
#[derive(Debug, Default)]
pub struct Origins(BTreeMap<ComponentId, Origin>);

/// Where one component comes from.
#[derive(Debug)]
pub struct Origin {
    /// The template's file as its owner knows it: below `templates/`, or in the folder of overrides.
    pub template: String,
    /// The template's path in the catalogue: `classes/OpenCxLog.cls`.
    pub path: String,
    outline: Outline,
    /// For each rendered line the template's, where it could be told.
    lines: Vec<Option<usize>>,
    /// What decides that the component is part of the integration.
    conditions: BTreeSet<String>,
    /// Names that the config gives, by the shipped ones.
    renamed: BTreeSet<String>,
}

impl Origins {
    /// Renders once more, and remembers where everything came from.
    ///
    /// # Errors
    /// As [`rollout`].
    pub fn of(integration: &Integration, catalog: &Catalog) -> Result<Self, Error> {
        let package = rollout(integration, catalog)?.whole();
        let engines = Engines::new(catalog)?;
        let mut shipped = Vec::new();
        for feature in FIRST.into_iter().chain(LATER) {
            let found = members(feature, integration, catalog, &engines)?;
            shipped.extend(found.into_iter().map(|member| (feature, member)));
        }
        let all: Vec<ComponentId> = shipped.iter().map(|(_, member)| member.clone()).collect();
        let names = Names::new(&all, &renamed(integration))?;
        let mut origins = BTreeMap::new();
        for (feature, member) in &shipped {
            let path = template_path(member);
            let id = names.actual(member);
            let (Some(template), Some(component)) =
                (catalog.template(&path), package.components.get(&id))
            else {
                continue;
            };
            let outline = Outline::of(&template.text);
            let rendered = component.source.as_deref().unwrap_or(&component.xml);
            let origin = Origin {
                template: shown(&path, integration, catalog),
                path: path.clone(),
                lines: outline.align(rendered),
                outline,
                conditions: conditions(feature, member, catalog),
                renamed: integration.names.keys().cloned().collect(),
            };
            origins.insert(id, origin);
        }
        Ok(Self(origins))
    }

    /// The origin of a component, by the words of the Metadata API. Names differ by more than case.
    pub fn find(&self, kind: &str, name: &str) -> Option<(&ComponentId, &Origin)> {
        let name = FullName::new(name);
        self.0
            .iter()
            .find(|(id, _)| id.kind.name() == kind && id.full_name == name)
    }
}

fn shown(path: &str, integration: &Integration, catalog: &Catalog) -> String {
    let is_override = catalog.overrides().iter().any(|own| own.path == path);
    match &integration.templates {
        Some(folder) if is_override => format!("{}/{path}", folder.display()),
        _ => format!("templates/{path}"),
    }
}

/// The values of the conditions around a member in its manifest.
fn conditions(feature: &str, member: &ComponentId, catalog: &Catalog) -> BTreeSet<String> {
    let Some(manifest) = catalog.manifest(feature) else {
        return BTreeSet::new();
    };
    let outline = Outline::of(&manifest.text);
    let line = outline.find(&format!("<members>{}</members>", member.full_name));
    let line = line.into_iter();
    line.flat_map(|line| outline.variables(line).map(str::to_owned))
        .collect()
}

impl Origin {
    /// The template's line that a rendered one came from, both 1-based.
    pub fn line(&self, rendered: u32) -> Option<usize> {
        let index = usize::try_from(rendered).ok()?.checked_sub(1)?;
        self.lines.get(index).copied().flatten()
    }

    /// The config keys that had a part in a line of the template, or in the whole component where
    /// the line isn't known; sorted.
    pub fn keys(&self, line: Option<usize>) -> Vec<String> {
        let mut variables: BTreeSet<&str> = match line {
            Some(line) => self.outline.variables(line).collect(),
            None => self.outline.all_variables(),
        };
        variables.extend(self.conditions.iter().map(String::as_str));
        let keys = variables.into_iter().filter_map(|path| self.key(path));
        let keys: BTreeSet<String> = keys.collect();
        keys.into_iter().collect()
    }

    /// The key of a template's value. A shipped name that nobody changed is nobody's key.
    fn key(&self, path: &str) -> Option<String> {
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        if root == "names" {
            let is_renamed = self.renamed.contains(rest);
            return is_renamed.then(|| format!("email_cases.names.{rest}"));
        }
        let key = key(root)?;
        let has_part = matches!(root, "event_names" | "rep_replies" | "external_client_app");
        Some(if has_part && !rest.is_empty() {
            format!("{key}.{rest}")
        } else {
            key.to_owned()
        })
    }
}

/// The config key of each value that templates can use. One that every file reads tells nothing, so
/// the API version has none.
fn key(variable: &str) -> Option<&'static str> {
    debug_assert!(VARIABLES.contains(&variable));
    Some(match variable {
        "async_context" => "email_cases.webhook.async_context",
        "attachments_delay_minutes" => "email_cases.outbound.attachments.delay_minutes",
        "attachments_max_megabytes" => "email_cases.outbound.attachments.max_megabytes",
        "case_filter" => "email_cases.case_filter",
        "case_trigger" => "email_cases.case_trigger",
        "delivery" | "provider_name" => "email_cases.outbound.delivery",
        "drift_reader" => "drift.reader_permission_set",
        "event_names" => "email_cases.webhook.event_names",
        "event_user" => "email_cases.webhook.event_user",
        "external_client_app" => "external_client_app",
        "from_address" => "email_cases.outbound.from_address",
        "has_attachments" => "email_cases.outbound.attachments.enabled",
        "has_condition" => "email_cases.outbound.only_when",
        "named_credential" => "email_cases.named_credential",
        "on_failure" => "email_cases.outbound.on_failure",
        "only_when_field" => "email_cases.outbound.only_when.field",
        "only_when_value" => "email_cases.outbound.only_when.equals",
        "provider_url" => "email_cases.outbound.region",
        "recipients_fallback" => "email_cases.outbound.recipients_fallback",
        "rep_replies" => "email_cases.rep_replies",
        "reply_to" => "email_cases.reply_to",
        "runtime_settings" => "email_cases.runtime_settings",
        "sender" => "email_cases.outbound.sender",
        "sender_display_name" => "email_cases.outbound.sender.display_name",
        "sender_org_wide_address" => "email_cases.outbound.sender.org_wide_address",
        "test_case_fields" => "email_cases.test_case_fields",
        "webhook_url" => "email_cases.webhook_url",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Whether the config's schema has that key.
    fn is_key(schema: &Value, path: &str) -> bool {
        let mut at = schema.clone();
        for part in path.split('.') {
            if let Some(name) = at["$ref"].as_str() {
                let pointer = name.trim_start_matches('#').to_owned();
                at = schema.pointer(&pointer).cloned().unwrap_or_default();
            }
            at = at["properties"][part].clone();
        }
        !at.is_null()
    }

    #[test]
    fn every_value_of_templates_has_a_key_of_the_config() {
        let schema: Value = serde_json::from_str(&crate::config::schema()).unwrap();
        for variable in VARIABLES {
            match key(variable) {
                Some(path) => assert!(is_key(&schema, path), "{path}"),
                None => assert!(
                    ["api_major", "api_version", "names"].contains(variable),
                    "{variable}"
                ),
            }
        }
        for row in crate::advice::rows() {
            for path in row.keys {
                let path = path.trim_end_matches(".RecordType");
                assert!(is_key(&schema, path), "{path}");
            }
        }
    }
}
