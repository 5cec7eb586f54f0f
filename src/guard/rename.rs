//! Another name for a component of ours whose name is taken in the org.

use crate::apex;
use crate::config::{SHIPPED_NAMES, Target};
use crate::metadata::{ComponentId, FullName};

/// What to write under `email_cases.names`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The name as it is shipped, which is the key.
    pub shipped: String,
    /// A name that neither is the taken one nor that of another component of ours.
    pub to: String,
}

impl Rename {
    /// What to write for a component whose name is taken; `None` where the config can't rename it.
    pub(super) fn of(component: &ComponentId, target: &Target) -> Option<Self> {
        if component.kind.belongs_to_app() {
            return None;
        }
        let names = &target.integration.names;
        let in_use = |shipped: &str| {
            let name = names.get(shipped).map_or(shipped, String::as_str);
            FullName::new(name)
        };
        let mut all = SHIPPED_NAMES.iter().map(|(shipped, _)| *shipped);
        let shipped = all.find(|shipped| in_use(shipped) == component.full_name)?;
        let is_taken = |name: &str| {
            let name = FullName::new(name);
            name == component.full_name
                || SHIPPED_NAMES
                    .iter()
                    .any(|(shipped, _)| *shipped == name.as_str() || in_use(shipped) == name)
        };
        let to =
            candidates(shipped).find(|name| !is_taken(name) && apex::check_name(name).is_ok())?;
        Some(Self {
            shipped: shipped.to_owned(),
            to,
        })
    }
}

/// Names that say whose the component is, best first.
fn candidates(shipped: &str) -> impl Iterator<Item = String> {
    let plain = shipped.strip_prefix("OpenCX_");
    let first = match plain {
        Some(rest) => format!("Acme_{rest}"),
        None if shipped.starts_with("Open") => format!("Acme{shipped}"),
        None => format!("OpenCx{shipped}"),
    };
    let second = match plain {
        Some(rest) => format!("Acme_OpenCX_{rest}"),
        None => format!("Acme{}", first.trim_start_matches("Acme")),
    };
    let numbered = first.clone();
    [first, second]
        .into_iter()
        .chain((2..100).map(move |number| format!("{numbered}{number}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, References, Secrets};
    use std::path::Path;

    struct Nothing;

    impl References for Nothing {
        fn env(&self, _: &str) -> Option<String> {
            None
        }

        fn file(&self, _: &Path) -> std::io::Result<String> {
            Err(std::io::ErrorKind::NotFound.into())
        }
    }

    fn target(names: &str) -> Target {
        let text = format!(
            "version: 1\nemail_cases:\n  webhook_url: ${{env:A}}\n  reply_to: a@b.example\n  \
             outbound: {{ sender: {{ display_name: A }} }}\n  names: {{ {names} }}\norgs:\n  \
             a: {{ auth: env }}\n"
        );
        let config = Config::parse(Path::new("opencx.yaml"), &text).unwrap();
        config.target("a", &Nothing, Secrets::Unresolved).unwrap()
    }

    fn rename(component: &str, names: &str) -> Option<(String, String)> {
        let renamed = Rename::of(&component.parse().unwrap(), &target(names))?;
        Some((renamed.shipped, renamed.to))
    }

    #[test]
    fn a_suggestion_is_never_the_taken_name() {
        for (component, names, shipped, to) in [
            (
                "ApexTrigger:CaseTrigger",
                "",
                "CaseTrigger",
                "OpenCxCaseTrigger",
            ),
            (
                "ApexTrigger:OpenCxCaseTrigger",
                "CaseTrigger: OpenCxCaseTrigger",
                "CaseTrigger",
                "AcmeOpenCxCaseTrigger",
            ),
            ("ApexClass:OpenCxLog", "", "OpenCxLog", "AcmeOpenCxLog"),
            (
                "ApexClass:ACMEOPENCXLOG",
                "OpenCxLog: AcmeOpenCxLog",
                "OpenCxLog",
                "AcmeOpenCxLog2",
            ),
            (
                "ApexClass:OpenCxLog",
                "OpenCxAccess: AcmeOpenCxLog",
                "OpenCxLog",
                "AcmeOpenCxLog2",
            ),
            (
                "PermissionSet:OpenCX_Integration",
                "",
                "OpenCX_Integration",
                "Acme_Integration",
            ),
            (
                "PermissionSet:Acme_Integration",
                "OpenCX_Integration: Acme_Integration",
                "OpenCX_Integration",
                "Acme_OpenCX_Integration",
            ),
        ] {
            let expected = (shipped.to_owned(), to.to_owned());
            assert_eq!(rename(component, names), Some(expected), "{component}");
        }
    }

    #[test]
    fn what_cannot_be_renamed_gets_no_suggestion() {
        assert_eq!(rename("CustomField:Case.Case_From__c", ""), None);
        assert_eq!(rename("ExtlClntAppOauthSettings:OpenCX_oauth", ""), None);
    }

    #[test]
    fn every_shipped_name_has_a_suggestion_and_one_after_it() {
        for (shipped, kind) in SHIPPED_NAMES {
            let (_, first) = rename(&format!("{kind}:{shipped}"), "").unwrap();
            let again = rename(&format!("{kind}:{first}"), &format!("{shipped}: {first}"));
            let (key, second) = again.unwrap();
            assert_eq!(key, *shipped);
            assert_ne!(second.to_lowercase(), first.to_lowercase());
        }
    }
}
