//! What a deploy came to. An org can tell for a month, row by row.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::sf::wire::{DeployDetails, DeployMessage};

use super::kept::Kept;

/// What a deploy came to.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Rows per component and per test. Once they are put away, the numbers of the tests alone.
    pub details: DeployDetails,
    /// The rows that were put away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    away: Option<Away>,
    /// Components in the package.
    pub total: u32,
    /// Components that were processed without an error.
    pub deployed: u32,
    /// Components with errors.
    pub errors: u32,
    /// Files in the zip.
    pub files: u32,
    /// Their size.
    pub size: u64,
    /// WSDL `StatusCode` and text, for an error of the whole.
    pub error: Option<(String, String)>,
    /// Whether it succeeded.
    pub success: bool,
}

/// Rows that are kept compressed, as JSON.
#[derive(Clone, Serialize, Deserialize)]
struct Away {
    rows: Kept,
    has_apex: bool,
}

impl Outcome {
    /// Puts the rows away.
    pub fn put_away(&mut self) {
        if self.away.is_some() {
            return;
        }
        let Ok(text) = serde_json::to_string(&self.details) else {
            return;
        };
        self.away = Some(Away {
            rows: Kept::new(text),
            has_apex: has_apex(&self.details),
        });
        self.details.component_failures.clear();
        self.details.component_successes.clear();
        if let Some(tests) = &mut self.details.run_test_result {
            tests.successes.clear();
            tests.failures.clear();
            tests.code_coverage.clear();
            tests.code_coverage_warnings.clear();
        }
    }

    /// All rows.
    pub fn rows(&self) -> Cow<'_, DeployDetails> {
        let Some(away) = &self.away else {
            return Cow::Borrowed(&self.details);
        };
        let rows = away.rows.text();
        let rows = rows.and_then(|text| serde_json::from_str(&text).ok());
        Cow::Owned(rows.unwrap_or_else(|| DeployDetails {
            component_failures: vec![DeployMessage {
                problem: Some("what the local org kept of this deploy was damaged".to_owned()),
                ..DeployMessage::default()
            }],
            ..self.details.clone()
        }))
    }

    /// Whether classes or triggers are among the components.
    pub fn has_apex(&self) -> bool {
        match &self.away {
            Some(away) => away.has_apex,
            None => has_apex(&self.details),
        }
    }
}

fn has_apex(details: &DeployDetails) -> bool {
    details
        .component_successes
        .iter()
        .chain(&details.component_failures)
        .any(|row| matches!(row.component_type.as_str(), "ApexClass" | "ApexTrigger"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sf::wire::{RunTestSuccess, RunTestsResult};

    #[test]
    fn what_was_put_away_is_told_as_before() {
        let row = DeployMessage {
            component_type: "ApexClass".to_owned(),
            full_name: "A".to_owned(),
            ..DeployMessage::default()
        };
        let details = DeployDetails {
            component_successes: vec![row; 100],
            run_test_result: Some(RunTestsResult {
                num_tests_run: 1,
                successes: vec![RunTestSuccess::default()],
                ..RunTestsResult::default()
            }),
            ..DeployDetails::default()
        };
        let mut outcome = Outcome {
            details: details.clone(),
            ..Outcome::default()
        };
        outcome.put_away();
        outcome.put_away();
        let text = serde_json::to_string(&outcome).unwrap();
        assert!(text.len() < 2_000, "{}", text.len());
        let again: Outcome = serde_json::from_str(&text).unwrap();
        assert_eq!(*again.rows(), details);
        assert!(again.has_apex());
        assert_eq!(again.details.run_test_result.unwrap().num_tests_run, 1);
    }
}
