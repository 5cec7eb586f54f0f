//! Recorded answers of real orgs, which are not part of the repository: their folder is named by an
//! environment variable.

use std::path::Path;

use serde_json::Value;

use super::soap::{self, Answer};
use super::{DeployResult, rest};

#[test]
fn reads_recorded_answers() {
    let Some(folder) = std::env::var_os("OPENCX_SF_WIRE_SAMPLES") else {
        #[allow(
            clippy::print_stderr,
            reason = "the one way to say that nothing was tested"
        )]
        {
            eprintln!("not run: OPENCX_SF_WIRE_SAMPLES is not set");
        }
        return;
    };
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files += usize::from(read(&path, &name));
    }
    assert!(files > 0, "no samples in that folder");
}

/// Reads a sample by what its name says it is; false for files that are no samples.
fn read(path: &Path, name: &str) -> bool {
    let body = std::fs::read(path).unwrap();
    let json = || -> Value { serde_json::from_slice(&body).unwrap() };
    if name.starts_with("cli-deploy") || name.starts_with("sdk-deploy") {
        let result: DeployResult = serde_json::from_slice(&body).unwrap_or_else(|error| {
            panic!("{name}: {error}");
        });
        assert!(result.done, "{name}");
        assert!(result.id.starts_with("0Af"), "{name}");
    } else if name.starts_with("rest-deploy-request") {
        let result = rest::decode_deploy_result(&body).unwrap();
        assert!(result.done && !result.details.component_successes.is_empty());
    } else if name.ends_with("-errors.json") {
        for case in json().as_array().unwrap() {
            let body = case["body"].to_string();
            assert!(rest::decode_errors(body.as_bytes()).is_some(), "{case}");
        }
    } else if name.starts_with("tooling-query") {
        let page = rest::decode_query::<Value>(&body).unwrap();
        assert!(page.done && !page.records.is_empty(), "{name}");
    } else if name.starts_with("soap-check-deploy") {
        assert!(matches!(
            soap::decode_deploy_result(&body),
            Ok(Answer::Result(result)) if !result.done
        ));
    } else if name.starts_with("soap-check-retrieve") {
        let Ok(Answer::Result(result)) = soap::decode_retrieve_result(&body) else {
            panic!("{name}");
        };
        assert_eq!(result.success, !name.contains("failed"), "{name}");
        assert_eq!(result.zip_file.is_some(), result.success, "{name}");
        assert_eq!(result.messages.is_empty(), !name.contains("missing"));
    } else if name.starts_with("soap-retrieve") {
        assert!(matches!(
            soap::decode_async_result(&body),
            Ok(Answer::Result(_))
        ));
    } else if name.starts_with("soap-fault") {
        assert!(matches!(
            soap::decode_async_result(&body),
            Ok(Answer::Fault(fault)) if fault.code.starts_with("IN")
        ));
    } else if name.ends_with(".xml") {
        // Calls that this client does not make; their envelopes are read all the same.
        let (root, _) = super::element::parse(std::str::from_utf8(&body).unwrap()).unwrap();
        assert_eq!(root, "Envelope", "{name}");
    } else if name.ends_with(".json") {
        json();
    } else {
        return false;
    }
    true
}
