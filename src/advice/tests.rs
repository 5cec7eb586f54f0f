use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn code(component_type: &str, text: &str) -> Option<&'static str> {
    find(component_type, text).map(|found| found.advice.code.0)
}

#[test]
fn a_text_finds_its_row_and_names_go_into_the_fix() {
    let text = "System.DmlException: Insert failed. First exception on row 0; first error: \
                REQUIRED_FIELD_MISSING, Required fields are missing: [Region__c]: [Region__c]";
    let found = find("ApexClass", text).unwrap();
    assert_eq!(found.advice.code.0, "org/test-required-field");
    assert_eq!(
        found.fix,
        "give it a value for tests: `email_cases: { test_case_fields: { Region__c: … } }`"
    );
    let found = find("", "variable DOES not exist: Foo__c").unwrap();
    assert!(found.fix.contains("look for Foo__c in"), "{}", found.fix);
}

#[test]
fn the_narrower_row_comes_first() {
    for (kind, text, expected) in [
        ("", "Invalid type: EmailMessage", "org/email-to-case-off"),
        ("", "Invalid type: Foo", "org/unknown-type"),
        (
            "ExternalClientApplication",
            "Not available for deploy for this organization",
            "org/external-client-app-off",
        ),
        (
            "CustomObject",
            "Not available for deploy for this organization",
            "org/feature-missing",
        ),
        (
            "",
            "In field: field - no CustomField named Case.X found",
            "org/unknown-field",
        ),
        (
            "",
            "In field: apexClass - no ApexClass named X found",
            "org/unknown-reference",
        ),
    ] {
        assert_eq!(code(kind, text), Some(expected), "{text}");
    }
    assert_eq!(code("", "Die Organisation ist gesperrt"), None);
}

#[test]
fn every_row_can_be_found_by_its_own_words() {
    let mut codes = BTreeSet::new();
    for advice in rows() {
        assert!(codes.insert(advice.code), "{} twice", advice.code);
        assert!(!advice.cause.is_empty() && advice.cause.ends_with('.'));
        assert!(!advice.fix.ends_with('.'), "{}", advice.code);
        for pattern in advice.patterns {
            let text = pattern.replace('*', "X");
            assert_eq!(code(advice.of_type, &text), Some(advice.code.0), "{text}");
        }
    }
    assert!(codes.len() > 45, "{}", codes.len());
}

proptest! {
    #[test]
    fn any_text_is_explained_or_not(text in any::<String>()) {
        let _ = find("ApexClass", &text);
        let text = format!("Variable does not exist: {text}");
        prop_assert!(find("ApexClass", &text).is_some());
    }
}
