//! JSON: a document per org, and one that holds them all. `schema drift` prints its JSON Schema.

use serde_json::{Value, json};

use super::Report;
use crate::diag::Diagnostic;
use crate::fleet::{Inspection, State};
use crate::report::json::FORMAT_VERSION;

/// The JSON Schema of every document of this module.
pub fn drift_schema() -> &'static str {
    include_str!("drift.schema.json")
}

/// All orgs in one document.
pub(super) fn report(report: Report<'_>) -> String {
    let orgs: Vec<Value> = report.orgs.iter().map(document).collect();
    let mut whole = total(report.orgs, report.findings);
    whole["command"] = "drift-report".into();
    whole["at"] = report.at.to_string().into();
    whole["orgs"] = orgs.into();
    format!("{whole:#}\n")
}

/// One org, for people's eyes too.
pub fn one(inspection: &Inspection) -> String {
    format!("{:#}\n", document(inspection))
}

/// One org on one line.
pub fn line(inspection: &Inspection) -> String {
    format!("{}\n", document(inspection))
}

/// The last line after those of the orgs.
pub fn summary(orgs: &[Inspection], findings: &[Diagnostic]) -> String {
    format!("{}\n", total(orgs, findings))
}

fn total(orgs: &[Inspection], findings: &[Diagnostic]) -> Value {
    let count = |state| orgs.iter().filter(|org| org.state() == state).count();
    let (failed, undetermined) = (count(State::Failed), count(State::Undetermined));
    let drifted = count(State::Drifted);
    let status = if failed > 0 || !findings.is_empty() {
        State::Failed
    } else if undetermined > 0 {
        State::Undetermined
    } else if drifted > 0 {
        State::Drifted
    } else {
        State::Clean
    };
    let mut total = json!({
        "formatVersion": FORMAT_VERSION,
        "command": "drift-summary",
        "status": status.word(),
        "counts": {
            "orgs": orgs.len(),
            "clean": count(State::Clean),
            "drifted": drifted,
            "undetermined": undetermined,
            "error": failed,
        },
    });
    if !findings.is_empty() {
        total["findings"] = json!(findings);
    }
    total
}

fn document(inspection: &Inspection) -> Value {
    let mut document = json!({
        "formatVersion": FORMAT_VERSION,
        "command": "drift",
        "status": inspection.state().word(),
        "target": inspection.target,
        "config": inspection.config,
        "requests": inspection.requests,
    });
    if let Some(usage) = inspection.usage {
        document["apiUsage"] = json!({ "used": usage.used, "allowed": usage.allowed });
    }
    if let Some(release) = inspection.release() {
        document["release"] = json!(release);
    }
    if let Some(last) = inspection.last_change() {
        document["lastChange"] = json!(last);
    }
    match &inspection.outcome {
        Err(findings) => document["findings"] = json!(findings),
        Ok(drift) => {
            let mut body = json!(drift);
            let rows = body["components"].as_array_mut().into_iter().flatten();
            for (row, finding) in rows.zip(&drift.components) {
                if let Some(place) = inspection.places.get(&finding.change.component) {
                    row["place"] = json!({ "file": place.file, "line": place.line });
                }
            }
            if let (Value::Object(document), Value::Object(body)) = (&mut document, body) {
                document.extend(body);
            }
        }
    }
    document
}
