//! Rules that every Apex file must keep to be compiled under its name.

use super::Rule;
use super::context::Context;
use super::finding::Finding;
use crate::apex::Declaration;
use crate::diag::{Code, Severity};
use crate::metadata::{FullName, MetadataType};

pub(super) const APEX_SYNTAX: Rule = Rule {
    code: Code("lint/apex-syntax"),
    summary: "every Apex file parses",
    explain: "Salesforce refuses a whole deploy when one class does not compile. The parser here \
        knows Apex's grammar, not its types: what passes can still fail to compile.",
    help: "correct the template that the component is rendered from",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in &context.apex {
            for error in file.source.errors() {
                let message = format!("{} (column {})", error.message, error.column);
                findings.push(rule.at(file.id, Some(error.line), message));
            }
        }
        findings
    },
};

pub(super) const NAME_MISMATCH: Rule = Rule {
    code: Code("lint/name-mismatch"),
    summary: "a class or trigger is declared under its component's name",
    explain: "Salesforce refuses a file whose declaration has another name than the file, and a \
        trigger among the classes. Names are compared without regard to case.",
    help: "use `{{ names.… }}` for the name in the template",
    severity: Severity::Error,
    check: name_mismatches,
};

fn name_mismatches<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for file in &context.apex {
        // What has no declaration does not parse, and that is reported.
        let Some(declaration) = &file.declaration else {
            continue;
        };
        let (kind, called) = match declaration {
            Declaration::Class { .. } => (MetadataType::ApexClass, "class"),
            Declaration::Trigger { .. } => (MetadataType::ApexTrigger, "trigger"),
        };
        let name = declaration.name();
        if kind != file.id.kind || FullName::new(name) != file.id.full_name {
            let message = format!(
                "declares the {called} `{name}`, but the component is {}",
                file.id
            );
            findings.push(rule.at(file.id, None, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::{Sample, class};

    #[test]
    fn apex_syntax() {
        let broken =
            Sample::new().source("ApexClass:A", "public with sharing class A {\n  int x\n}");
        assert_eq!(
            broken.found("lint/apex-syntax"),
            ["ApexClass:A:3 Missing ';' at '}' (column 1)"]
        );
        assert_eq!(
            Sample::new()
                .source("ApexClass:A", &class("A"))
                .found("lint/apex-syntax"),
            [""; 0]
        );
    }

    #[test]
    fn name_mismatch() {
        let other = Sample::new()
            .source("ApexClass:A", &class("B"))
            .source("ApexClass:T", "trigger T on Case(after insert) { A.f(); }");
        assert_eq!(
            other.found("lint/name-mismatch"),
            [
                "ApexClass:A declares the class `B`, but the component is ApexClass:A",
                "ApexClass:T declares the trigger `T`, but the component is ApexClass:T",
            ]
        );
        let same = Sample::new().source("ApexClass:A", &class("a"));
        assert_eq!(same.found("lint/name-mismatch"), [""; 0]);
    }
}
