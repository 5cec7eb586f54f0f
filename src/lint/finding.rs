//! What a rule has found, before it becomes a diagnostic.

use super::Rule;
use crate::diag::{Category, Diagnostic, Place, Severity};
use crate::metadata::ComponentId;

/// A place where a rule is broken.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    rule: &'static Rule,
    /// `None`: the package as a whole.
    component: Option<&'a ComponentId>,
    line: Option<usize>,
    message: String,
    severity: Severity,
}

impl Rule {
    /// A finding in a component, on a 1-based line of its source (of its XML, where it has no
    /// source).
    pub(super) fn at<'a>(
        &'static self,
        component: &'a ComponentId,
        line: Option<usize>,
        message: impl Into<String>,
    ) -> Finding<'a> {
        Finding {
            component: Some(component),
            line,
            ..self.of_package(message)
        }
    }

    /// A finding that is in no component: something is missing.
    pub(super) fn of_package<'a>(&'static self, message: impl Into<String>) -> Finding<'a> {
        Finding {
            rule: self,
            component: None,
            line: None,
            message: message.into(),
            severity: self.severity,
        }
    }
}

impl<'a> Finding<'a> {
    /// The finding with another severity than its rule's.
    pub(super) fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// What findings are sorted by.
    pub(super) fn order(&self) -> (Option<&'a ComponentId>, Option<usize>, &'static str, &str) {
        (self.component, self.line, self.rule.code.0, &self.message)
    }

    pub(super) fn into_diagnostic(self) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::error(self.rule.code, Category::Failed, self.message).help(self.rule.help);
        diagnostic.severity = self.severity;
        match self.component {
            Some(component) => diagnostic.at(Place::Component {
                org: None,
                component: component.to_string(),
                line: self.line,
            }),
            None => diagnostic,
        }
    }
}
