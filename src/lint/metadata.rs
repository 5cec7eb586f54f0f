//! Rules on the XML of components, and on package and manifest agreeing.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use super::context::Context;
use super::finding::Finding;
use crate::diag::{Code, Severity};
use crate::metadata::{Component, ComponentId};
use crate::package::{self, Format, Manifest, Package};
use crate::xml::{self, ViolationKind};

pub(super) const API_VERSION: Rule = Rule {
    code: Code("lint/api-version"),
    summary: "classes and triggers are active and pinned to the package's API version",
    explain: "The API version decides how Salesforce compiles and runs a class: from 67 on, \
        database work is in user mode unless the code says otherwise. One version for all code is \
        the one it was tested with. Inactive code is deployed but never runs.",
    help: "use `{{ api_version }}` and `<status>Active</status>` in the -meta.xml template",
    severity: Severity::Error,
    check: api_versions,
};

fn api_versions<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let wanted = context.package.api_version.to_string();
    let mut findings = Vec::new();
    for (component, root) in &context.xml {
        let Ok(root) = root else { continue };
        if !component.id.kind.has_source() {
            continue;
        }
        for (field, wanted) in [("apiVersion", wanted.as_str()), ("status", "Active")] {
            let found = root.child_text(field);
            if found != Some(wanted) {
                let found = found.map_or("missing".to_owned(), |value| format!("`{value}`"));
                let message = format!("`{field}` is {found}, and must be `{wanted}`");
                findings.push(rule.at(&component.id, None, message));
            }
        }
    }
    findings
}

pub(super) const XML_MALFORMED: Rule = Rule {
    code: Code("lint/xml-malformed"),
    summary: "every metadata file is well-formed XML",
    explain: "Salesforce refuses the whole deploy otherwise. The usual reason is a value with `&` \
        or `<` that an overriding template puts in unescaped.",
    help: "correct the template that the component is rendered from",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for (component, root) in &context.xml {
            if let Err(xml::Error::Malformed {
                line,
                column,
                problem,
            }) = root
            {
                let message = format!("the XML is not well-formed: {problem}");
                findings.push(in_xml(rule, component, *line, *column, &message));
            }
        }
        findings
    },
};

pub(super) const XML_SCHEMA: Rule = Rule {
    code: Code("lint/xml-schema"),
    summary: "every metadata file keeps to the Metadata API's WSDL",
    explain: "Unknown fields, values that a field can't have and missing fields make a deploy \
        fail. Another order of fields than the WSDL's is accepted, but a retrieve gives them back \
        in order, so it only makes differences; it is a warning.",
    help: "correct the template that the component is rendered from",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for (component, root) in &context.xml {
            let Ok(root) = root else { continue };
            for violation in xml::validate(component.id.kind, root) {
                let message = violation.kind.to_string();
                let finding = in_xml(rule, component, violation.line, violation.column, &message);
                findings.push(match violation.kind {
                    ViolationKind::OutOfOrder { .. } => finding.with_severity(Severity::Warning),
                    _ => finding,
                });
            }
        }
        findings
    },
};

/// A finding in the XML. A component with source has its lines there, so the place is in words.
fn in_xml<'a>(
    rule: &'static Rule,
    component: &'a Component,
    line: usize,
    column: usize,
    message: &str,
) -> Finding<'a> {
    if component.id.kind.has_source() {
        let message = format!("{message} (-meta.xml, line {line}, column {column})");
        rule.at(&component.id, None, message)
    } else {
        rule.at(
            &component.id,
            Some(line),
            format!("{message} (column {column})"),
        )
    }
}

pub(super) const MANIFEST_MISMATCH: Rule = Rule {
    code: Code("lint/manifest-mismatch"),
    summary: "package.xml names exactly the components that the files hold",
    explain: "Salesforce refuses a manifest entry without a file, and does not deploy a file \
        without an entry. The package is laid out in metadata format and read back; a component \
        that gets lost on the way shows up here. So does a field whose file calls it by another \
        name, which source format would deploy under that name.",
    help: "make the name inside of the component's file that of the component",
    severity: Severity::Error,
    check: manifest_mismatches,
};

fn manifest_mismatches<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for (component, root) in &context.xml {
        // Broken XML has its own rule, and no layout.
        let Ok(root) = root else { return Vec::new() };
        let name = component.id.full_name.as_str();
        let name = name.rsplit_once('.').map_or(name, |(_, field)| field);
        if let Some(stated) = root.child("fullName")
            && !stated.text.eq_ignore_ascii_case(name)
        {
            let message = format!("the file calls it `{}`", stated.text);
            findings.push(rule.at(&component.id, Some(stated.line), message));
        }
    }
    match layout(context.package) {
        Ok((named, held)) => {
            for id in context.package.components.keys() {
                if !named.contains(id) {
                    findings.push(rule.at(id, None, "package.xml doesn't name it"));
                } else if !held.contains(id) {
                    findings.push(rule.at(id, None, "no file of the package holds it"));
                }
            }
        }
        Err(error) => {
            let message = format!("the package can't be laid out as files: {error}");
            findings.push(rule.of_package(message));
        }
    }
    findings
}

type Components = BTreeSet<ComponentId>;

/// What the manifest of the laid out package names, and what its files hold.
fn layout(package: &Package) -> Result<(Components, Components), package::Error> {
    let files = package.files(Format::Metadata)?;
    let manifest = files.get("package.xml").map_or("", String::as_str);
    let named = Manifest::parse(manifest)?.members.into_iter().collect();
    let bytes: BTreeMap<String, Vec<u8>> = files
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes()))
        .collect();
    let held = package::components_from_files(&bytes)?;
    Ok((
        named,
        held.into_iter().map(|component| component.id).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::{FIELD, PERMISSION, Sample, class};

    #[test]
    fn api_version() {
        let code = || Sample::new().source("ApexClass:A", &class("A"));
        let other = code().edit_xml("ApexClass:A", "66.0", "58.0");
        assert_eq!(
            other.found("lint/api-version"),
            ["ApexClass:A `apiVersion` is `58.0`, and must be `66.0`"]
        );
        let off = code().edit_xml("ApexClass:A", "<status>Active</status>", "");
        assert_eq!(
            off.found("lint/api-version"),
            ["ApexClass:A `status` is missing, and must be `Active`"]
        );
        assert_eq!(code().found("lint/api-version"), [""; 0]);
    }

    #[test]
    fn xml_malformed() {
        let permission = || Sample::new().xml("CustomPermission:P", PERMISSION);
        let broken = permission().edit_xml("CustomPermission:P", "</label>", "</labl>");
        let found = broken.found("lint/xml-malformed");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("CustomPermission:P:4 the XML is not well-formed: "),
            "{found:?}"
        );
        assert_eq!(broken.found("lint/xml-schema"), [""; 0]);
        assert_eq!(broken.found("lint/manifest-mismatch"), [""; 0]);
        assert_eq!(permission().found("lint/xml-malformed"), [""; 0]);
    }

    #[test]
    fn xml_schema() {
        let sample = || {
            Sample::new()
                .xml("CustomPermission:P", PERMISSION)
                .source("ApexClass:A", &class("A"))
        };
        let broken = sample()
            .edit_xml("CustomPermission:P", "label>", "labl>")
            .edit_xml("ApexClass:A", "Active", "Activ");
        let found = broken.found("lint/xml-schema");
        let places: Vec<_> = found
            .iter()
            .map(|text| text.split(' ').next().unwrap_or_default())
            .collect();
        assert_eq!(
            places,
            [
                "CustomPermission:P:2",
                "CustomPermission:P:4",
                "ApexClass:A"
            ]
        );
        assert!(found[1].contains("labl"), "{found:?}");
        assert!(
            found[2].ends_with("(-meta.xml, line 4, column 5)"),
            "{found:?}"
        );
        assert_eq!(sample().found("lint/xml-schema"), [""; 0]);
    }

    #[test]
    fn manifest_mismatch() {
        let rule = "lint/manifest-mismatch";
        let id = "CustomField:Case.Case_From__c";
        let field = || Sample::new().xml(id, FIELD);
        assert_eq!(
            field().edit_xml(id, "Case_From__c", "Other__c").found(rule),
            ["CustomField:Case.Case_From__c:3 the file calls it `Other__c`"]
        );
        assert_eq!(
            Sample::new()
                .xml("CustomPermission:A/B", PERMISSION)
                .found(rule),
            ["CustomPermission:A/B no file of the package holds it"]
        );
        assert_eq!(
            Sample::new()
                .xml("CustomField:Case_From__c", FIELD)
                .found(rule),
            [
                "the package can't be laid out as files: `CustomField:Case_From__c` names no \
                 object: expected a form like `CustomField:Case.Case_From__c`"
            ]
        );
        assert_eq!(field().found(rule), [""; 0]);
    }
}
