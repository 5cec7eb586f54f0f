//! Ignore rules over many orgs of one config: a rule that one of them needs is not unused.

use std::collections::{BTreeMap, BTreeSet};

use super::Inspection;

/// Leaves the word that a rule matches nothing where no org of its config needs it, once for each
/// config; and nowhere when an org of the config could not be looked at, since that one may need it.
pub fn settle_rules(orgs: &mut [Inspection]) {
    let mut needed: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut unknown = BTreeSet::new();
    for org in &*orgs {
        let lines = needed.entry(org.config.clone()).or_default();
        match &org.outcome {
            Ok(drift) => {
                let ignored = drift.components.iter().flat_map(|row| &row.ignored);
                lines.extend(ignored.map(|ignored| ignored.config_line));
                if drift.is_undetermined() {
                    unknown.insert(org.config.clone());
                }
            }
            Err(_) => {
                unknown.insert(org.config.clone());
            }
        }
    }
    for org in orgs {
        let Ok(drift) = &mut org.outcome else {
            continue;
        };
        let told = needed.entry(org.config.clone()).or_default();
        let is_unknown = unknown.contains(&org.config);
        drift.stale_rules.retain(|rule| {
            (rule.expired.is_some() || !is_unknown) && told.insert(rule.config_line)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Snippet;
    use crate::drift::{Drift, StaleRule};
    use crate::metadata::ApiVersion;
    use crate::plan::OrgFacts;
    use crate::sf::OrgKind;

    fn inspection(lines: Option<&[usize]>) -> Inspection {
        let drift = |lines: &[usize]| Drift {
            org: OrgFacts {
                target: "o".to_owned(),
                id: "00D000000000062EAA".parse().unwrap(),
                name: "O".to_owned(),
                kind: OrgKind::Sandbox,
                username: String::new(),
                user_id: String::new(),
                time_zone: String::new(),
                instance_url: String::new(),
                max_api_version: ApiVersion::new(66),
                created: None,
                local_state: None,
            },
            components: Vec::new(),
            stale_rules: lines
                .iter()
                .map(|line| StaleRule {
                    component: "*".to_owned(),
                    reason: String::new(),
                    expired: (*line > 90).then_some(jiff::civil::date(2026, 1, 1)),
                    config_line: *line,
                })
                .collect(),
        };
        Inspection {
            target: "o".to_owned(),
            config: "opencx.yaml".to_owned(),
            outcome: lines.map(drift).ok_or_else(Vec::new),
            places: BTreeMap::new(),
            place: Snippet {
                file: String::new(),
                line: 1,
                column: 1,
                text: String::new(),
                length: 1,
                label: String::new(),
            },
            requests: 0,
            usage: None,
        }
    }

    fn told(mut orgs: Vec<Inspection>) -> Vec<Vec<usize>> {
        settle_rules(&mut orgs);
        let lines = |org: &Inspection| {
            let rules = org.outcome.iter().flat_map(|drift| &drift.stale_rules);
            rules.map(|rule| rule.config_line).collect()
        };
        orgs.iter().map(lines).collect()
    }

    #[test]
    fn a_rule_is_told_once_and_not_while_an_org_is_unknown() {
        let both = || inspection(Some(&[7, 91]));
        assert_eq!(told(vec![both(), both()]), [vec![7, 91], vec![]]);
        assert_eq!(told(vec![both(), inspection(None)]), [vec![91], vec![]]);
    }
}
