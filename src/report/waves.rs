//! JSON of a deploy to many orgs: a line for each as it finishes, one for each that was not tried,
//! and a last one with the counts.

use serde_json::{Value, json};

use super::json::{FORMAT_VERSION, deploy_body, deploy_status};
use crate::diagnosis::Sent;
use crate::fleet::{Deployment, NotTried, RolledOut};

impl Deployment {
    /// How it ended, in a word: that of `deploy --json`, or `error`.
    pub fn status(&self) -> &'static str {
        self.outcome.as_ref().map_or("error", deploy_status)
    }

    /// What a report says problems with.
    pub(super) fn sent(&self) -> Sent<'_> {
        Sent {
            package: Some(&self.package),
            origins: self.origins.as_ref(),
        }
    }
}

/// One org on one line, with the name of its wave.
pub fn line(org: &Deployment, wave: &str) -> String {
    let mut document = head(org.status(), &org.target, &org.config, wave);
    document["requests"] = org.requests.into();
    if let Some(usage) = org.usage {
        document["apiUsage"] = json!({ "used": usage.used, "allowed": usage.allowed });
    }
    match &org.outcome {
        Err(findings) => document["findings"] = json!(findings),
        Ok(outcome) => {
            let body = deploy_body(outcome, org.sent());
            if let (Value::Object(document), Value::Object(body)) = (&mut document, body) {
                document.extend(body);
            }
        }
    }
    format!("{document}\n")
}

/// An org that was not tried, on one line.
pub fn not_tried(org: &NotTried, wave: &str) -> String {
    format!("{}\n", head("not-tried", &org.target, &org.config, wave))
}

/// The last line: `deployed` when every org is as it should be, else `stopped`.
pub fn summary(rolled: &RolledOut<NotTried, Deployment>, is_good: bool) -> String {
    let mut counts = serde_json::Map::new();
    for (_, org) in &rolled.results {
        let count = counts.entry(org.status()).or_insert(json!(0));
        *count = json!(count.as_u64().unwrap_or_default() + 1);
    }
    counts.insert("not-tried".to_owned(), rolled.not_tried.len().into());
    let document = json!({
        "formatVersion": FORMAT_VERSION,
        "command": "deploy-summary",
        "status": if is_good { "deployed" } else { "stopped" },
        "orgs": rolled.results.len() + rolled.not_tried.len(),
        "counts": counts,
    });
    format!("{document}\n")
}

fn head(status: &str, target: &str, config: &str, wave: &str) -> Value {
    json!({
        "formatVersion": FORMAT_VERSION,
        "command": "deploy",
        "status": status,
        "wave": wave,
        "target": target,
        "config": config,
    })
}
