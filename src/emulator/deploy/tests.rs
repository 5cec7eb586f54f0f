//! Deploys against an org in memory.

mod apex;
mod credential;
mod custom_metadata;
mod deletions;
mod platform_event;
mod quick;

use proptest::prelude::*;

use super::super::options::Processing;
use super::super::users;
use super::*;

const NS: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

pub fn org(kind: OrgKind) -> (State, Options) {
    let options = Options {
        kind,
        processing: Processing::IMMEDIATE,
        ..Options::default()
    };
    (users::new_org(&options, Timestamp::UNIX_EPOCH), options)
}

fn single() -> DeployOptions {
    DeployOptions {
        rollback_on_error: true,
        single_package: true,
        ..DeployOptions::default()
    }
}

fn manifest(types: &[(&str, &str)]) -> String {
    let types: String = types
        .iter()
        .map(|(kind, member)| {
            format!("<types><members>{member}</members><name>{kind}</name></types>")
        })
        .collect();
    format!("<Package {NS}>{types}<version>66.0</version></Package>")
}

fn run(
    state: &mut State,
    settings: &Options,
    options: DeployOptions,
    files: &[(&str, &str)],
) -> Deploy {
    let id = submit(state, options, &zip_of(files), Timestamp::UNIX_EPOCH).unwrap();
    assert!(poll(state, &id, settings, Timestamp::UNIX_EPOCH));
    get(state, &id).unwrap().clone()
}

/// `file line:column problem` of every failure.
fn failures(deploy: &Deploy) -> Vec<String> {
    deploy
        .outcome
        .details
        .component_failures
        .iter()
        .map(|row| {
            let place = match (row.line_number, row.column_number) {
                (Some(line), Some(column)) => format!(" {line}:{column}"),
                _ => String::new(),
            };
            format!(
                "{}{place} {}",
                row.file_name,
                row.problem.as_deref().unwrap_or_default()
            )
        })
        .collect()
}

/// Deploys the files to a new Developer org and gives the failures.
fn refused(types: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<String> {
    let (mut state, settings) = org(OrgKind::Developer);
    let manifest = manifest(types);
    let mut all = vec![("package.xml", manifest.as_str())];
    all.extend_from_slice(files);
    let deploy = run(&mut state, &settings, single(), &all);
    assert_eq!(deploy.status, DeployStatus::Failed);
    assert!(
        state.components.is_empty(),
        "nothing is kept of a failed deploy"
    );
    failures(&deploy)
}

fn permission_set(body: &str) -> Vec<String> {
    let file = format!("<PermissionSet {NS}>{body}<label>P</label></PermissionSet>");
    refused(
        &[("PermissionSet", "P")],
        &[("permissionsets/P.permissionset", &file)],
    )
}

#[test]
fn manifest_and_files_must_agree() {
    assert_eq!(
        refused(&[("NamedCredential", "N")], &[("classes/X.cls", "")]),
        [
            "package.xml An object 'N' of type NamedCredential was named in package.xml, but was not found in zipped directory",
            "classes/X.cls Not in package.xml",
        ]
    );
    assert_eq!(
        refused(&[("Layout", "L")], &[]),
        ["package.xml Not available for deploy for this organization"]
    );
}

#[test]
fn the_upload_must_be_a_package() {
    let (mut state, settings) = org(OrgKind::Developer);
    let cases = [
        (
            "<Package/>",
            "package.xml Required field is missing: version",
        ),
        (
            "<Package><version>67.0</version></Package>",
            "package.xml Invalid api version:67.0",
        ),
        (
            "<Package>",
            "package.xml 1:10 Error parsing file: XML document structures must start and end within the same entity.",
        ),
    ];
    for (manifest, expected) in cases {
        let deploy = run(
            &mut state,
            &settings,
            single(),
            &[("package.xml", manifest)],
        );
        assert_eq!(failures(&deploy), [expected]);
    }
    let deploy = run(
        &mut state,
        &settings,
        single(),
        &[("zip/below/package.xml", "")],
    );
    assert_eq!(failures(&deploy), ["package.xml No package.xml found"]);
    let id = submit(&mut state, single(), b"not a zip", Timestamp::UNIX_EPOCH).unwrap();
    poll(&mut state, &id, &settings, Timestamp::UNIX_EPOCH);
    let error = get(&state, &id).unwrap().outcome.error.clone();
    assert_eq!(
        error,
        Some((
            "INVALID_ZIP_FILE".to_owned(),
            "Unable to open zip file".to_owned()
        ))
    );
}

#[test]
fn a_package_may_lie_in_a_folder() {
    let (mut state, settings) = org(OrgKind::Developer);
    let file = format!("<CustomPermission {NS}><label>L</label></CustomPermission>");
    let deploy = run(
        &mut state,
        &settings,
        DeployOptions {
            single_package: false,
            ..single()
        },
        &[
            ("zip/package.xml", &manifest(&[("CustomPermission", "*")])),
            ("zip/customPermissions/C.customPermission", &file),
        ],
    );
    assert_eq!(deploy.status, DeployStatus::Succeeded);
    let names: Vec<String> = deploy
        .outcome
        .details
        .component_successes
        .iter()
        .map(|row| row.file_name.clone())
        .collect();
    assert_eq!(
        names,
        [
            "zip/package.xml",
            "zip/customPermissions/C.customPermission"
        ]
    );
}

#[test]
fn fields_are_checked() {
    let field = |name: &str, body: &str| {
        format!(
            "<CustomObject {NS}>\n<fields><fullName>{name}</fullName>{body}</fields></CustomObject>"
        )
    };
    let deploy = |member: &str, file: &str, content: &str| {
        refused(&[("CustomField", member)], &[(file, content)])
    };
    assert_eq!(
        deploy(
            "Case.F__c",
            "objects/Case.object",
            &field("F__c", "<labl>x</labl>")
        ),
        ["objects/Case.object 2:34 Error parsing file: Element \
          {http://soap.sforce.com/2006/04/metadata}labl invalid at this location in type CustomField"]
    );
    assert_eq!(
        deploy(
            "Nope__c.F__c",
            "objects/Nope__c.object",
            &field("F__c", "<label>x</label><type>Text</type>")
        ),
        [
            "objects/Nope__c.object 2:1 Entity Enumeration Or ID: bad value for restricted picklist field: Nope__c"
        ]
    );
    assert_eq!(
        deploy(
            "Case.F__c",
            "objects/Case.object",
            &field("F__c", "<label>x</label><type>Text</type>")
        ),
        ["objects/Case.object 2:1 Must specify 'length' for a CustomField of type Text"]
    );
    assert_eq!(
        deploy(
            "Case.F__c",
            "objects/Case.object",
            &field("F__c", "<type>Date</type>")
        ),
        ["objects/Case.object Required field is missing: label"]
    );
}

#[test]
fn a_permission_set_may_grant_only_what_is_there() {
    assert_eq!(
        permission_set(
            "<classAccesses><apexClass>X</apexClass><enabled>true</enabled></classAccesses>"
        ),
        ["permissionsets/P.permissionset 1:64 In field: apexClass - no ApexClass named X found"]
    );
    assert_eq!(
        permission_set(
            "<fieldPermissions><editable>true</editable><field>Case.X__c</field></fieldPermissions>"
        ),
        [
            "permissionsets/P.permissionset 1:64 In field: field - no CustomField named Case.X__c found"
        ]
    );
    assert_eq!(
        permission_set(
            "<userPermissions><enabled>true</enabled><name>Fly</name></userPermissions>"
        ),
        ["permissionsets/P.permissionset 1:64 Unknown user permission: Fly"]
    );
    assert_eq!(
        permission_set(
            "<objectPermissions><allowDelete>true</allowDelete><object>Case</object></objectPermissions>"
        ),
        [
            "permissionsets/P.permissionset 1:64 Permission Delete Case depends on permission(s): Read Case, Edit Case"
        ]
    );
}

#[test]
fn what_the_same_deploy_brings_counts() {
    let (mut state, settings) = org(OrgKind::Developer);
    let set = format!(
        "<PermissionSet {NS}><customPermissions><enabled>true</enabled><name>C</name></customPermissions>\
         <label>P</label></PermissionSet>"
    );
    let permission = format!("<CustomPermission {NS}><label>L</label></CustomPermission>");
    let types = [("PermissionSet", "P"), ("CustomPermission", "C")];
    let deploy = run(
        &mut state,
        &settings,
        single(),
        &[
            ("package.xml", &manifest(&types)),
            ("permissionsets/P.permissionset", &set),
            ("customPermissions/C.customPermission", &permission),
        ],
    );
    assert_eq!(failures(&deploy), [""; 0]);
    assert_eq!(state.components.len(), 2);
}

const CREDENTIAL: &str = "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
    <label>L</label><endpoint>https://x.example</endpoint></NamedCredential>";

fn credential(state: &mut State, settings: &Options, options: DeployOptions) -> Deploy {
    let manifest = manifest(&[("NamedCredential", "N"), ("NamedCredential", "Gone")]);
    let files = [
        ("package.xml", manifest.as_str()),
        ("namedCredentials/N.namedCredential", CREDENTIAL),
    ];
    run(state, settings, options, &files)
}

#[test]
fn without_rollback_the_good_ones_are_kept() {
    let (mut state, settings) = org(OrgKind::Sandbox);
    let deploy = credential(&mut state, &settings, single());
    assert_eq!(
        (deploy.status, state.components.len()),
        (DeployStatus::Failed, 0)
    );
    let options = DeployOptions {
        rollback_on_error: false,
        ..single()
    };
    let deploy = credential(&mut state, &settings, options);
    assert_eq!(
        (deploy.status, state.components.len()),
        (DeployStatus::SucceededPartial, 1)
    );
    assert_eq!(
        (
            deploy.outcome.total,
            deploy.outcome.deployed,
            deploy.outcome.errors
        ),
        (2, 1, 1)
    );
}

#[test]
fn a_validation_stores_nothing() {
    let (mut state, settings) = org(OrgKind::Developer);
    let options = DeployOptions {
        check_only: true,
        allow_missing_files: true,
        ..single()
    };
    let deploy = credential(&mut state, &settings, options);
    assert_eq!(
        (deploy.status, state.components.len()),
        (DeployStatus::Succeeded, 0)
    );
}

#[test]
fn deletions_of_what_is_not_there_are_warnings() {
    let (mut state, settings) = org(OrgKind::Developer);
    credential(
        &mut state,
        &settings,
        DeployOptions {
            allow_missing_files: true,
            ..single()
        },
    );
    let deletion = manifest(&[("NamedCredential", "N"), ("ApexClass", "X")]);
    let empty = manifest(&[]);
    let files = [
        ("package.xml", empty.as_str()),
        ("destructiveChanges.xml", deletion.as_str()),
    ];
    let deploy = run(&mut state, &settings, single(), &files);
    assert_eq!(
        failures(&deploy),
        ["destructiveChanges.xml No ApexClass named: X found"]
    );
    assert_eq!(
        (deploy.status, state.components.len()),
        (DeployStatus::Failed, 1)
    );
    let options = DeployOptions {
        ignore_warnings: true,
        ..single()
    };
    let deploy = run(&mut state, &settings, options, &files);
    assert_eq!(
        (deploy.status, state.components.len()),
        (DeployStatus::Succeeded, 0)
    );
}

#[test]
fn production_is_all_or_nothing() {
    let (mut state, _) = org(OrgKind::Production);
    let options = DeployOptions {
        rollback_on_error: false,
        ..single()
    };
    let refusal = submit(&mut state, options, b"", Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(refusal.code, "INVALID_OPERATION");
    let options = DeployOptions {
        run_tests: vec!["T".to_owned()],
        ..single()
    };
    let refusal = submit(&mut state, options, b"", Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(
        refusal.message,
        "runTests can be used only with a testLevel of RunSpecifiedTests."
    );
}

#[test]
fn deploys_wait_for_each_other_and_can_be_canceled() {
    let (mut state, mut settings) = org(OrgKind::Developer);
    settings.processing = Processing {
        polls: 2,
        at_most: std::time::Duration::from_secs(60),
        ..Processing::default()
    };
    let now = Timestamp::UNIX_EPOCH;
    let zip = zip_of(&[("package.xml", &manifest(&[]))]);
    let first = submit(&mut state, single(), &zip, now).unwrap();
    let second = submit(&mut state, single(), &zip, now).unwrap();
    let status = |state: &State, id: &str| get(state, id).unwrap().status.clone();
    for _ in 0..5 {
        poll(&mut state, &second, &settings, now);
    }
    assert_eq!(status(&state, &second), DeployStatus::Pending);
    poll(&mut state, &first, &settings, now);
    poll(&mut state, &first, &settings, now);
    assert_eq!(status(&state, &first), DeployStatus::InProgress);
    assert_eq!(cancel(&mut state, &first, now), Ok(false));
    assert_eq!(status(&state, &first), DeployStatus::Canceling);
    poll(&mut state, &first, &settings, now);
    assert_eq!(status(&state, &first), DeployStatus::Canceled);
    assert_eq!(cancel(&mut state, &second, now), Ok(true));
    assert_eq!(
        cancel(&mut state, "0Af", now).unwrap_err().message,
        "Invalid deploy ID"
    );
}

#[test]
fn time_finishes_what_nobody_asks_about() {
    let (mut state, mut settings) = org(OrgKind::Developer);
    settings.processing = Processing {
        polls: u32::MAX,
        at_most: std::time::Duration::from_secs(60),
        ..Processing::default()
    };
    let zip = zip_of(&[("package.xml", &manifest(&[]))]);
    let id = submit(&mut state, single(), &zip, Timestamp::UNIX_EPOCH).unwrap();
    let later = |seconds| Timestamp::from_second(seconds).unwrap();
    assert!(!is_due(&state, &settings, later(59)));
    assert!(is_due(&state, &settings, later(60)));
    finish_due(&mut state, &settings, later(60));
    assert_eq!(get(&state, &id).unwrap().status, DeployStatus::Succeeded);
    assert!(get(&state, &id).unwrap().zip.is_none());
}

proptest! {
    #[test]
    fn never_panics(
        manifest in "\\PC{0,60}",
        file in "\\PC{0,60}",
        name in "(classes|objects|permissionsets|destructiveChanges|/|\\.|X|\\PC){0,6}",
        single_package: bool,
    ) {
        let (mut state, settings) = org(OrgKind::Developer);
        let options = DeployOptions { single_package, ..single() };
        let files = vec![
            ("package.xml".to_owned(), manifest.into_bytes()),
            (format!("{name}x"), file.into_bytes()),
        ];
        let zip = super::super::archive::write(&files).unwrap();
        let id = submit(&mut state, options, &zip, Timestamp::UNIX_EPOCH).unwrap();
        poll(&mut state, &id, &settings, Timestamp::UNIX_EPOCH);
        prop_assert!(get(&state, &id).unwrap().done());
    }

    #[test]
    fn never_panics_on_almost_metadata(
        kind in "(CustomField|PermissionSet|NamedCredential|CustomPermission)",
        body in "(<fields>|</fields>|<fullName>F__c</fullName>|<label>x</label>|<type>Text</type>|\
                 <endpoint>x</endpoint>|<classAccesses>|</classAccesses>|<length>|</length>|1|x){0,8}",
    ) {
        let (mut state, settings) = org(OrgKind::Developer);
        let member = if kind == "CustomField" { "Case.F__c" } else { "F" };
        let parsed: crate::metadata::MetadataType = kind.parse().unwrap();
        let root = if kind == "CustomField" { "CustomObject" } else { &kind };
        let path = format!("{}/{}.{}", parsed.folder(), if kind == "CustomField" { "Case" } else { "F" }, parsed.suffix());
        let deploy = run(&mut state, &settings, single(), &[
            ("package.xml", &manifest(&[(&kind, member)])),
            (&path, &format!("<{root}>{body}</{root}>")),
        ]);
        prop_assert!(deploy.done());
    }
}
