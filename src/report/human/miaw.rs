//! What was made for live messaging, and what is wrong with its settings.

use std::path::Path;

use super::doctor::one;
use super::rows::line;
use crate::doctor::{Finding, Verdict};
use crate::messaging::Made;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};

/// The files of a new key pair, and what to paste where.
pub fn key_pair(folder: &Path, kid: &str, made: &Made) -> String {
    let at = |name: &str| folder.join(name).display().to_string();
    let rows = [
        (
            at("private.pem"),
            "for OpenCX alone: readable by you only, kept out of git",
        ),
        (at("public.pem"), "for OpenCX"),
        (
            at("key.json"),
            "for Salesforce: the public key with its certificate (x5c)",
        ),
        (at("certificate.pem"), "the certificate alone"),
    ];
    let width = rows.iter().map(|(path, _)| path.chars().count()).max();
    let width = width.unwrap_or_default();
    let mut out = String::new();
    for (index, (path, what)) in rows.iter().enumerate() {
        let label = if index == 0 { "Wrote" } else { "" };
        let what = paint(DIM, what);
        out.push_str(&line(label, &format!("{path:<width$}  {what}")));
    }
    out.push_str(&line("Key ID", kid));
    out.push_str(&line("Good until", &made.expires));
    let key = at("key.json");
    let steps = [
        "Salesforce, Setup > Enhanced Chat User Verification > New Key:".to_owned(),
        format!("   name it, make it active, upload {key}"),
        "the same page > New Keyset: the issuer that OpenCX names, type Keys, add the key"
            .to_owned(),
        "Setup > Messaging Settings > your channel > User Verification: choose the keyset"
            .to_owned(),
        "OpenCX, Settings > Integrations > Salesforce > MIAW:".to_owned(),
        format!("   Auth Key ID {kid}, and the whole text of both .pem files"),
        "the config, so that `opencx-sf doctor` can hold all of it together:".to_owned(),
        "   live_messaging:".to_owned(),
        format!("     auth_key_id: {kid}"),
        format!("     public_key: ${{file:{}}}", at("public.pem")),
        format!("     private_key: ${{file:{}}}", at("private.pem")),
    ];
    let mut number = 0;
    for step in &steps {
        let label = if number == 0 { "Next" } else { "" };
        if step.starts_with(' ') {
            out.push_str(&line("", step));
        } else {
            number += 1;
            out.push_str(&line(label, &format!("{number}. {step}")));
        }
    }
    out
}

/// The report of `miaw check`.
pub fn messaging_settings(findings: &[Finding]) -> String {
    let mut out: String = findings.iter().map(one).collect();
    let count = |verdict| {
        findings
            .iter()
            .filter(|finding| finding.verdict == verdict)
            .count()
    };
    let summary = match (count(Verdict::Failed), count(Verdict::Unknown)) {
        (0, 0) => paint(
            GOOD,
            "OpenCX can take these settings; `opencx-sf doctor` holds them against the org",
        ),
        (0, _) => paint(
            WARN,
            "nothing wrong was found, and not everything could be looked at",
        ),
        (failed, _) => paint(BAD, format!("{failed} to repair")),
    };
    out.push_str(&line("Result", &summary));
    out
}
