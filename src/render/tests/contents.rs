//! What becomes of the values of the config.

use proptest::prelude::*;

use super::*;
use crate::template::VARIABLES;

#[test]
fn templates_get_the_documented_values() {
    let names = Names::new(&[], &BTreeMap::new()).unwrap();
    let contexts: Vec<_> = variants()
        .iter()
        .map(|integration| values::of(integration, &names).unwrap())
        .collect();
    assert!(VARIABLES.is_sorted());
    for name in VARIABLES {
        let known = contexts.iter().any(|values| values.contains_key(name));
        assert!(known, "{name}");
    }
}

#[test]
fn the_case_filter_is_what_the_config_says() {
    for (case_filter, condition) in [
        (CaseFilter::All, None),
        (
            CaseFilter::NotOpencx,
            Some("return newCase.Case_From__c != OPENCX;"),
        ),
        (
            CaseFilter::OnlyOpencx,
            Some("return newCase.Case_From__c == OPENCX;"),
        ),
    ] {
        let package = render_embedded(&Integration {
            case_filter,
            ..integration()
        });
        let conditions: Vec<&str> = source(&package, "OpenSalesforceCaseManagement")
            .lines()
            .map(str::trim)
            .filter(|line| line.contains("Case_From__c"))
            .collect();
        assert_eq!(conditions, Vec::from_iter(condition));
    }
}

#[test]
fn a_nul_is_refused_with_its_key() {
    let integration = Integration {
        reply_to: "a\0b".to_owned(),
        ..integration()
    };
    let error = render(&integration, &Catalog::embedded()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Literal {
                key: "reply_to",
                ..
            }
        ),
        "{error}"
    );
}

proptest! {
    // Each case renders all components.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_value_stays_inside_its_literal(value in "[^\0]*") {
        let catalog = Catalog::embedded();
        for sender in [Sender::DisplayName(value.clone()), Sender::OrgWideAddress(value.clone())] {
            let name = match &sender {
                Sender::DisplayName(_) => "DISPLAY_NAME",
                Sender::OrgWideAddress(_) => "ORG_WIDE_ADDRESS",
            };
            let integration = Integration {
                reply_to: value.clone(),
                sender,
                ..integration()
            };
            let package = render(&integration, &catalog).unwrap();
            let identity = source(&package, "OpenCxSenderIdentity");
            prop_assert_eq!(apex::parse(identity).errors, []);
            prop_assert_eq!(constant(identity, "REPLY_TO_ADDRESS"), Some(value.clone()));
            prop_assert_eq!(constant(identity, name), Some(value.clone()));
        }
    }
}

#[test]
fn values_of_test_fields_are_apex() {
    let package = render_embedded(&Integration {
        test_case_fields: test_case_fields(),
        ..integration()
    });
    let lines: Vec<&str> = source(&package, "OpenCxTestData")
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("record.put('") || line.contains("recordType"))
        .collect();
    assert_eq!(
        lines,
        [
            "record.put('Amount__c', -12.50);",
            "record.put('At__c', Datetime.newInstanceGmt(2026, 1, 31, 10, 0, 0));",
            "record.put('Big__c', 3000000000L);",
            "record.put('Due__c', Date.newInstance(2026, 1, 31));",
            "record.put('Flag__c', true);",
            "String recordType = 'Support';",
            ".get(recordType)",
            r#"record.put('Region__c', 'it\'s "EMEA"\n*/');"#,
        ]
    );
}

#[test]
fn the_secret_stays_out_of_the_components() {
    let package = render_embedded(&integration());
    let [slot] = package.secrets.as_slice() else {
        panic!("{:?}", package.secrets);
    };
    assert_eq!(slot.placeholder, WEBHOOK_URL_PLACEHOLDER);
    assert_eq!(
        slot.component.to_string(),
        "NamedCredential:OpenCX_Integration"
    );
    assert_eq!(slot.env.as_deref(), Some("OPENCX_WEBHOOK_URL"));
    for component in package.components.values() {
        assert!(!component.xml.contains(URL), "{}", component.id);
        let source = component.source.as_deref().unwrap_or_default();
        assert!(!source.contains(URL), "{}", component.id);
    }
    let resolved = package.resolved().unwrap();
    assert!(resolved.components[&slot.component].xml.contains(URL));
}
