//! One line of `orgs`.

use crate::diag::Diagnostic;
use crate::metadata::OrgId;
use crate::sf::Standing;

/// An org of the config, and what was found out about it.
#[derive(Debug)]
pub struct OrgLine {
    /// Its name in the config.
    pub name: String,
    /// The id that the config pins.
    pub pinned: Option<OrgId>,
    /// Whether the config says that it is production.
    pub declared_production: bool,
    /// Who one is there, or why that is not known.
    pub standing: Result<Standing, Vec<Diagnostic>>,
}

impl OrgLine {
    /// What is wrong or missing, in words; empty when nothing is.
    pub fn remarks(&self) -> Vec<String> {
        let standing = match &self.standing {
            Ok(standing) => standing,
            Err(findings) => {
                let first = findings.first();
                let code = first.map_or("unknown", |finding| finding.code.0);
                return vec![format!("not reached: {code}")];
            }
        };
        let mut remarks = Vec::new();
        if let Some(pinned) = &self.pinned
            && *pinned != standing.org_id
        {
            remarks.push(format!("the config pins {pinned}"));
        }
        if standing.is_production() && !self.declared_production {
            remarks.push("the config does not say `production: true`".to_owned());
        }
        match &standing.missing_permissions {
            Some(missing) if missing.is_empty() => {}
            Some(missing) => remarks.push(format!("missing: {}", missing.join(", "))),
            None => remarks.push("permissions not shown".to_owned()),
        }
        remarks
    }
}
