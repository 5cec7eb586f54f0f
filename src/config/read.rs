//! From the tree to the types of the file. A key exists because it is asked for, so the list of
//! known keys cannot differ from what is read.

use super::auth::{SECRET_KEYS, auth};
use super::file::{ConfigFile, Emulator, EmulatorSetting, FormatVersion, Org, OrgBlock, Orgs};
use super::option::{self, Optional};
use super::problem::{Findings, Problem, shown};
use super::reference::{Reference, Text};
use super::section::Section;
use super::source::Span;
use super::value::ValueError;
use super::yaml::{Entry, Node, Value};

/// The one key whose value is a secret.
pub(super) const SECRET_KEY: &str = "webhook_url";

/// Reads the whole file.
pub(super) fn config_file(root: &Node, findings: &mut Findings) -> ConfigFile {
    let mut section = Section::open(String::new(), root, findings);
    let file = ConfigFile {
        version: version(&mut section),
        templates: section.setting("templates"),
        salesforce: section.section("salesforce", option::whole),
        email_cases: section.section("email_cases", option::whole),
        external_client_app: Optional::read(&mut section, "external_client_app"),
        live_messaging: Optional::read(&mut section, "live_messaging"),
        drift: section.section("drift", option::whole),
        orgs: section.section("orgs", orgs),
    };
    section.close();
    file
}

fn version(section: &mut Section<'_, '_>) -> FormatVersion {
    let Some(entry) = section.entry("version") else {
        if section.is_broken() {
            return FormatVersion;
        }
        let problem = Problem::MissingKey {
            key: "version".to_owned(),
            orgs: Vec::new(),
            example: "version: 1",
        };
        section.report(Span::default(), problem);
        return FormatVersion;
    };
    match &entry.node.value {
        Value::Scalar { text, plain: true } if text == "1" => {}
        Value::Scalar { text, plain: true } if entry.node.kind() == "a number" => {
            let error = ValueError::Format(text.clone());
            section.refuse(entry, error);
        }
        _ => section.wrong_type(entry, "the number 1", Some("`version: 1`".to_owned())),
    }
    FormatVersion
}

fn orgs(mut section: Section<'_, '_>) -> Orgs {
    let mut orgs: Vec<Org> = Vec::new();
    for entry in section.all() {
        // The same for a good name; a bad one goes no further than into findings.
        let name = shown(&entry.key);
        if !is_org_name(&entry.key) {
            section.report(entry.key_span, Problem::OrgName(name.clone()));
        }
        // Names are folders of emulator states, and not every file system tells case apart.
        if let Some(first) = orgs.iter().find(|org| org.name.eq_ignore_ascii_case(&name)) {
            let problem = Problem::SimilarOrgNames(first.name.clone(), name.clone());
            section.report(entry.key_span, problem);
        }
        let block = section.below(entry, |section| org_block(section, entry));
        orgs.push(Org { name, block });
    }
    Orgs(orgs)
}

fn is_org_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

fn org_block(mut section: Section<'_, '_>, org: &Entry) -> OrgBlock {
    let name = || shown(&org.key);
    let auth = auth(&mut section);
    let emulator = section.entry("emulator").map(|entry| {
        section.below(entry, |mut section| {
            let emulator = Emulator {
                state: section.setting("state"),
            };
            section.close();
            emulator
        })
    });
    if emulator.is_none() && !auth.is_present() {
        section.report(org.key_span, Problem::NoAccess(name()));
    }
    if auth.is_present()
        && let Some(entry) = section.entry("emulator")
    {
        section.report(entry.key_span, Problem::TwoAccesses(name()));
    }
    let production = section.boolean("production");
    if production == Some(true)
        && emulator.is_some()
        && let Some(entry) = section.entry("production")
    {
        section.report(entry.key_span, Problem::ProductionEmulator(name()));
    }
    section.take_secrets(emulator.is_some());
    let block = OrgBlock {
        auth,
        emulator: EmulatorSetting(emulator),
        org_id: section.setting("org_id"),
        integration_user: section.setting("integration_user"),
        wave: section.setting("wave"),
        production,
        email_cases: section.section("email_cases", option::whole),
        external_client_app: Optional::read(&mut section, "external_client_app"),
        live_messaging: Optional::read(&mut section, "live_messaging"),
    };
    section.close();
    block
}

/// The values that must not be shown, wherever they are: whatever stands under a secret's key, but
/// for whole references.
pub(super) fn secrets(node: &Node) -> Vec<Span> {
    let mut found = Vec::new();
    for entry in node.entries() {
        let secret = entry.key == SECRET_KEY || SECRET_KEYS.contains(&entry.key.as_str());
        if secret && !is_reference(&entry.node) {
            // An anchor stands before its value, and an alias' value somewhere else.
            found.push(Span {
                start: entry.key_span.end,
                end: entry.node.span.start,
            });
            found.push(entry.node.span);
        }
        found.extend(secrets(&entry.node));
    }
    found.extend(node.items().iter().flat_map(secrets));
    found
}

fn is_reference(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar { text, .. }
        if matches!(Reference::read(text), Text::Reference(_)))
}
