//! SARIF 2.1.0 (OASIS), as code scanning reads it.

use serde_json::{Map, Value, json};

use super::Report;
use super::rows::{Level, Row, rows};

const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// One run. A component that is excused is a suppressed result with the reason.
pub(super) fn report(report: Report<'_>) -> String {
    let rows = rows(report);
    let mut rules: Vec<&str> = rows.iter().map(|row| row.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<Value> = rows.iter().map(|row| result(row, &rules)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "opencx-sf",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": rules.iter().map(|id| rule(id)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": "opencx-sf/drift/" },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.orgs.iter().all(|org| org.outcome.is_ok()),
                "endTimeUtc": report.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            }],
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule(id: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": id.replace(['/', '-'], " ") },
        "helpUri": format!("{HOME}#drift-played-through"),
    })
}

fn result(row: &Row<'_>, rules: &[&str]) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), row.rule.clone().into());
    let index = rules.iter().position(|rule| *rule == row.rule);
    result.insert("ruleIndex".to_owned(), index.unwrap_or_default().into());
    let level = match row.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    result.insert("level".to_owned(), level.into());
    let text = format!("{}; {}", row.title, row.message);
    result.insert("message".to_owned(), json!({ "text": text }));
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&row.file) },
            "region": { "startLine": row.line, "startColumn": row.column },
        },
    });
    if let Some(component) = &row.component {
        let name = format!("{}/{component}", row.org);
        location["logicalLocations"] = json!([{ "fullyQualifiedName": name, "kind": "resource" }]);
    }
    result.insert("locations".to_owned(), json!([location]));
    let print = json!({ "opencxSfDrift/v1": row.fingerprint() });
    result.insert("partialFingerprints".to_owned(), print);
    if let Some(reason) = &row.excused {
        let suppression = json!([{ "kind": "external", "justification": reason }]);
        result.insert("suppressions".to_owned(), suppression);
    }
    Value::Object(result)
}

/// A path as a relative reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.replace('\\', "/").trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_becomes_a_reference() {
        assert_eq!(super::uri("./a b\\ü.yaml"), "a%20b/%C3%BC.yaml");
    }
}
