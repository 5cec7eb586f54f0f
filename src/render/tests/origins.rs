//! From rendered lines back to templates and config keys.

use super::*;

#[test]
fn rendered_lines_find_their_template_lines() {
    let catalog = Catalog::embedded();
    for integration in variants() {
        let origins = Origins::of(&integration, &catalog).unwrap();
        for (id, component) in render_embedded(&integration).components {
            let (_, origin) = origins.find(id.kind.name(), id.full_name.as_str()).unwrap();
            let Some(source) = &component.source else {
                continue;
            };
            let path = origin.template.strip_prefix("templates/").unwrap();
            let template = catalog.template(path).unwrap();
            let lines: Vec<&str> = template.text.lines().collect();
            let mut told = 0;
            for (index, line) in source.lines().enumerate().skip(1) {
                let Some(found) = origin.line(u32::try_from(index + 1).unwrap()) else {
                    continue;
                };
                told += 1;
                let found = lines[found - 1];
                if !found.contains(['{', '%']) {
                    assert_eq!(found.trim(), line.trim(), "{id}");
                }
            }
            let all = source.lines().count() - 1;
            assert!(told * 100 >= all * 90, "{id}: {told} of {all} lines");
        }
    }
}

#[test]
fn a_component_names_the_keys_that_made_it() {
    let catalog = Catalog::embedded();
    let integration = &variants()[0];
    let origins = Origins::of(integration, &catalog).unwrap();
    let keys = |kind: &str, name: &str| origins.find(kind, name).unwrap().1.keys(None);
    let credential = keys("NamedCredential", "opencx_integration");
    assert_eq!(
        credential,
        ["email_cases.named_credential", "email_cases.webhook_url"]
    );
    assert_eq!(
        keys("ApexTrigger", "CaseTrigger"),
        ["email_cases.case_trigger"]
    );
}
