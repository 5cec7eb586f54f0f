//! New Cases, and what reps write, on their way to OpenCX.

use super::*;

#[test]
fn no_case_because_the_trigger_is_off_or_gone() {
    let place = healthy();
    org(&place)
        .set_trigger_status(CASE_TRIGGER, false, "Dana Admin")
        .unwrap();
    let cause = one_cause(&place, "no case appears", "doctor/case-trigger");
    let text = cause["found"].as_str().unwrap();
    assert!(
        text.starts_with("CaseTrigger is switched off (last changed by Dana Admin on 20"),
        "{text}"
    );
    let on = ["--overwrite", "ApexTrigger:CaseTrigger"];
    let command = format!("opencx-sf deploy --target-org local {}", on.join(" "));
    assert_eq!(cause["command"], command.as_str());
    assert_eq!(
        cause["setup"],
        "Object Manager > Case > Triggers > CaseTrigger"
    );
    // What it says to run repairs it.
    let deploy = [&["deploy", "-o", "local", "-q"][..], &on].concat();
    place.run(&deploy).exits(0);
    examined(&place, "no case appears", 0);
    org(&place)
        .delete(&trigger(CASE_TRIGGER), "Dana Admin")
        .unwrap();
    let cause = one_cause(&place, "no-case", "doctor/case-trigger");
    assert_eq!(cause["found"], "the org has no trigger CaseTrigger");
}

#[test]
fn no_case_because_users_may_not_use_the_credential() {
    let config = minimal().replace(
        "  reply_to:",
        "  named_credential: secured_endpoint\n  reply_to:",
    );
    let place = Place::with_config(&config);
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    let cause = one_cause(&place, "no case appears", "doctor/webhook-access");
    assert_eq!(
        cause["found"],
        "nobody holds the permission set OpenCX_Webhook_Access"
    );
    let mut org = org(&place);
    org.assign("OpenCX_Webhook_Access", "Local Admin").unwrap();
    examined(&place, "no case appears", 0);
    // Two at once: that Rita's Case was not announced follows from what she may not do.
    let rita = org.set_minimal_profile("Rita Rep", true).unwrap();
    org.add_record("Case", fields(&json!({ "CreatedById": rita })))
        .unwrap();
    let report = causes_of(
        &place,
        &["no case appears"],
        &["doctor/webhook-access", "doctor/cases-not-announced"],
    );
    let text = found(&report, "doctor/webhook-access")["found"].to_string();
    assert!(text.contains("Rita Rep"), "{text}");
    org.assign("OpenCX_Webhook_Access", "Rita Rep").unwrap();
    one_cause(&place, "no case appears", "doctor/cases-not-announced");
}

#[test]
fn no_case_because_the_webhook_is_stale_or_callouts_are_off() {
    let place = healthy();
    let mut org = org(&place);
    org.set_endpoint(
        "OpenCX_Integration",
        "https://opencx.invalid/webhook/0ld-t0ken",
        "Dana",
    )
    .unwrap();
    let cause = one_cause(&place, "no case appears", "doctor/webhook-url");
    let text = cause.to_string();
    assert!(text.contains("one of the two is stale"), "{text}");
    assert!(!text.contains("0ld-t0ken"), "{text}");
    place.run(&[
        "deploy",
        "-o",
        "local",
        "-q",
        "--overwrite",
        "NamedCredential:OpenCX_Integration",
    ]);
    org.set_callouts_enabled("OpenCX_Integration", false, "Dana")
        .unwrap();
    one_cause(&place, "no case appears", "doctor/callouts-enabled");
}

#[test]
fn no_case_because_a_class_was_edited_or_is_gone() {
    let place = healthy();
    let class = ComponentId::new(MetadataType::ApexClass, "OpenSalesforceCaseManagement");
    org(&place)
        .replace_in_source(
            &class,
            "selectEligible(newCases)",
            "new List<Id>()",
            "Dana Admin",
        )
        .unwrap();
    let cause = one_cause(&place, "no case appears", "doctor/case-handler");
    assert_eq!(
        cause["command"],
        "opencx-sf deploy --target-org local --overwrite ApexClass:OpenSalesforceCaseManagement"
    );
    org(&place).delete(&class, "Dana Admin").unwrap();
    one_cause(&place, "no case appears", "doctor/case-handler");
}

#[test]
fn no_case_because_jobs_fail_or_none_ran() {
    let place = healthy();
    let mut org = org(&place);
    org.add_record("Case", fields(&json!({ "Subject": "Help" })))
        .unwrap();
    one_cause(&place, "no case appears", "doctor/cases-not-announced");
    job(&mut org, "OpenCxCaseWebhookJob", "Completed", "");
    examined(&place, "no case appears", 0);
    job(
        &mut org,
        "OpenCxCaseWebhookJob",
        "Failed",
        "System.CalloutException: Read timed out https://opencx.invalid/webhook/local-demo ann@acme.example",
    );
    let cause = one_cause(&place, "no case appears", "doctor/failed-jobs");
    let text = cause.to_string();
    assert!(text.contains("1 of 2 jobs of ours failed"), "{text}");
    assert!(
        text.contains("Read timed out [address] [mail address]"),
        "{text}"
    );
    assert!(text.contains("did not answer in time"), "{text}");
}

#[test]
fn what_reps_write_is_off_or_not_heard() {
    let place = healthy();
    one_cause(
        &place,
        "rep replies don't reach the contact",
        "doctor/rep-replies-off",
    );
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let on = config.replace(
        "  outbound:\n",
        "  rep_replies: { emails: true }\n  outbound:\n",
    );
    place.write("opencx.yaml", &on);
    let cause = one_cause(&place, "rep replies", "doctor/rep-reply-triggers");
    assert_eq!(
        cause["found"],
        "the org has no trigger OpenCxRepEmailTrigger"
    );
}
