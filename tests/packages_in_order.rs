//! Secured endpoints and External Client Apps, from the config to the org and back: several packages
//! that go one after the other, what happens when one fails, and a credential of the other model.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;

use common::Place;
use serde_json::Value;
use served::Served;

const APP: &str =
    "external_client_app: { contact_email: admin@acme.example, require_pkce: false }\n";

fn config(model: &str, more: &str) -> String {
    format!(
        "version: 1\n\
         email_cases:\n  named_credential: {model}\n  reply_to: support@acme.example\n  \
         outbound: {{ sender: {{ display_name: Acme Support }} }}\n{more}\
         orgs:\n  local:\n    emulator: {{}}\n    \
         email_cases: {{ webhook_url: \"https://opencx.invalid/webhook/c4nary\" }}\n"
    )
}

fn names(report: &Value, key: &str) -> Vec<String> {
    let list = report[key].as_array().cloned().unwrap_or_default();
    let name = |entry: &Value| {
        let name = entry.get("package").unwrap_or(entry);
        name.as_str().unwrap().to_owned()
    };
    list.iter().map(name).collect()
}

/// The app in an org that another process serves.
fn served_place() -> Place {
    let config = config("legacy", APP)
        .replace(
            "webhook_url: \"https://opencx.invalid/webhook/c4nary\"",
            "webhook_url: \"${file:webhook.txt}\"",
        )
        .replace("emulator: {}", "auth: env");
    let place = Place::with_config(&config);
    place.write("webhook.txt", "https://opencx.invalid/webhook/c4nary\n");
    place
}

#[test]
fn packages_go_one_after_the_other_and_leave_no_drift() {
    let place = Place::with_config(&config("secured_endpoint", APP));
    let ran = place.run(&["deploy", "-o", "local", "--json"]).exits(0);
    assert!(!ran.out.contains("c4nary"));
    let report = ran.json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(
        names(&report, "earlier"),
        ["email-cases", "external-client-app"]
    );
    assert_eq!(report["package"], "external-client-app-policies");
    assert_eq!(names(&report, "pending"), [""; 0]);
    let read_back = report["verification"]["components"].as_array().unwrap();
    assert_eq!(
        read_back.len(),
        report["plan"]["steps"].as_array().unwrap().len()
    );
    assert!(
        read_back.iter().all(|row| row["kind"] == "same"),
        "{read_back:#?}"
    );
    let drift = place.run(&["drift", "-o", "local", "--json"]).exits(0);
    assert_eq!(drift.json()["status"], "clean");
    let again = place.run(&["deploy", "-o", "local", "--json"]).exits(0);
    assert_eq!(again.json()["status"], "unchanged");
}

#[test]
fn they_leave_in_the_opposite_order_and_nothing_stays() {
    let place = served_place();
    let served = Served::start(&place, &[]);
    let deploy = ["deploy", "-o", "local", "--test-level", "NoTestRun"];
    served.run(&place, &deploy).exits(0);
    let uninstall = ["uninstall", "-o", "local", "--yes", "--json"];
    let report = served.run(&place, &uninstall).exits(0).json();
    assert_eq!(report["status"], "removed", "{report:#}");
    // The org made the policies again as long as it had the app, and they went with it.
    assert_eq!(served.deploys().len(), 3 + 3);
}

#[test]
fn a_failed_package_stops_the_rest_and_a_second_run_goes_on() {
    let place = served_place();
    let fault = "reject-component=ExtlClntAppOauthSettings:OpenCX_oauth";
    let broken = Served::start(&place, &["--fault", fault]);
    let ran = broken.run(&place, &["deploy", "-o", "local", "--json"]);
    let failed = ran.exits(1).json();
    assert_eq!(failed["status"], "failed");
    assert_eq!(names(&failed, "earlier"), ["email-cases"]);
    assert_eq!(failed["package"], "external-client-app");
    assert_eq!(names(&failed, "pending"), ["external-client-app-policies"]);
    assert_eq!(failed["verification"], Value::Null);

    let shown = broken.run(&place, &["deploy", "-o", "local"]).exits(1).out;
    for words in [
        "external-client-app: failed",
        "external-client-app-policies: not tried",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    drop(broken);
    let repaired = Served::start(&place, &[]);
    // The first package is there, so the second run leaves it out.
    let ran = repaired.run(&place, &["deploy", "-o", "local", "--json"]);
    let done = ran.exits(0).json();
    assert_eq!(done["status"], "deployed");
    assert_eq!(names(&done, "earlier"), ["external-client-app"]);
    assert_eq!(done["package"], "external-client-app-policies");
    repaired.run(&place, &["drift", "-o", "local"]).exits(0);
}

#[test]
fn policies_that_the_org_made_itself_are_replaced_by_a_second_run() {
    let place = served_place();
    let fault = "reject-component=ExtlClntAppConfigurablePolicies:OpenCX_plcy";
    let broken = Served::start(&place, &["--fault", fault]);
    let ran = broken.run(&place, &["deploy", "-o", "local", "--json"]);
    let failed = ran.exits(1).json();
    assert_eq!(failed["package"], "external-client-app-policies");
    drop(broken);
    let repaired = Served::start(&place, &[]);
    let ran = repaired.run(&place, &["deploy", "-o", "local", "--json"]);
    let done = ran.exits(0).json();
    let steps = done["plan"]["steps"].as_array().unwrap();
    let changed: Vec<&str> = steps
        .iter()
        .filter(|step| step["action"] != "keep")
        .map(|step| {
            assert_eq!(step["action"], "update", "{step}");
            step["component"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        changed,
        ["ExtlClntAppOauthConfigurablePolicies:OpenCX_oauthPlcy"]
    );
    repaired.run(&place, &["drift", "-o", "local"]).exits(0);
}

#[test]
fn a_dry_run_validates_all_packages_as_one_and_changes_nothing() {
    let place = Place::with_config(&config("secured_endpoint", APP));
    let report = place
        .run(&["deploy", "-o", "local", "--dry-run", "--json"])
        .exits(0)
        .json();
    assert_eq!(report["status"], "validated");
    assert_eq!(
        report["deploy"]["numberComponentsTotal"],
        report["plan"]["steps"].as_array().unwrap().len()
    );
    let drift = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    let rows = drift["components"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["kind"] == "missing"), "{rows:#?}");
}

#[test]
fn a_credential_of_the_other_model_is_refused_whatever_is_asked_for() {
    for (model, other) in [
        ("legacy", "secured_endpoint"),
        ("secured_endpoint", "legacy"),
    ] {
        let place = Place::with_config(&config(model, ""));
        place.run(&["deploy", "-o", "local"]).exits(0);
        place.write("other.yaml", &config(other, ""));
        let drift = place
            .run(&["drift", "-o", "local", "--json", "--config", "other.yaml"])
            .exits(2)
            .json();
        let rows = drift["components"].as_array().unwrap();
        let row = rows
            .iter()
            .find(|row| row["component"] == "NamedCredential:OpenCX_Integration")
            .unwrap();
        assert_eq!(row["kind"], "incompatible");
        let note = row["note"].as_str().unwrap();
        assert!(note.starts_with("it is of type "), "{note}");
        let refused = place
            .run(&[
                "deploy",
                "-o",
                "local",
                "--config",
                "other.yaml",
                "--overwrite",
                "NamedCredential:OpenCX_Integration",
            ])
            .exits(5);
        assert!(
            refused.err.contains("error[guard/incompatible]"),
            "{}",
            refused.err
        );
        assert!(!refused.err.contains("c4nary") && !refused.out.contains("c4nary"));
        place.run(&["drift", "-o", "local"]).exits(0);
    }
}

#[test]
fn a_changed_url_of_a_secured_endpoint_is_found_without_showing_it() {
    let place = Place::with_config(&config("secured_endpoint", ""));
    place.run(&["deploy", "-o", "local"]).exits(0);
    place
        .run(&[
            "emulator",
            "set-endpoint",
            "OpenCX_Integration",
            "https://elsewhere.example/hook/s3cr3t-token",
        ])
        .exits(0);
    let ran = place.run(&["drift", "-o", "local", "--json"]).exits(2);
    assert!(ran.out.contains("elsewhere.example"), "{}", ran.out);
    assert!(!ran.out.contains("s3cr3t-token") && !ran.out.contains("c4nary"));
    let report = ran.json();
    let changed: Vec<&Value> = report["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["kind"] != "same")
        .collect();
    assert_eq!(changed.len(), 1, "{changed:#?}");
    assert_eq!(changed[0]["kind"], "edited-by-hand");
    assert_eq!(
        changed[0]["fields"][0]["field"],
        "namedCredentialParameters[Url/Url].parameterValue"
    );
}

#[test]
fn what_the_org_makes_of_an_app_is_no_drift_and_what_an_admin_changes_is() {
    let place = Place::with_config(&config("legacy", APP));
    place.run(&["deploy", "-o", "local"]).exits(0);
    place.write(
        "pkce.yaml",
        &config("legacy", &APP.replace("pkce: false", "pkce: true")),
    );
    let plan = place
        .run(&["plan", "-o", "local", "--json", "--config", "pkce.yaml"])
        .exits(2)
        .json();
    let changed: Vec<(&str, &str)> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["action"] != "keep")
        .map(|step| {
            (
                step["component"].as_str().unwrap(),
                step["action"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        changed,
        [("ExtlClntAppGlobalOauthSettings:OpenCX_glbloauth", "update")]
    );
}

#[test]
fn zips_and_folders_are_numbered_and_render_check_knows_them() {
    let place = Place::with_config(&config("legacy", APP));
    place
        .run(&[
            "render", "-o", "local", "--format", "zip", "--out", "out.zip",
        ])
        .exits(0);
    for name in [
        "out-1-email-cases.zip",
        "out-2-external-client-app.zip",
        "out-3-external-client-app-policies.zip",
    ] {
        assert!(place.path().join(name).is_file(), "{name}");
    }
    assert!(!place.path().join("out.zip").exists());
    place
        .run(&["render", "-o", "local", "--out", "tree"])
        .exits(0);
    place
        .run(&["render", "-o", "local", "--check", "tree"])
        .exits(0);
    assert!(
        place
            .path()
            .join("tree/2-external-client-app/externalClientApps/OpenCX.eca")
            .is_file()
    );
}
