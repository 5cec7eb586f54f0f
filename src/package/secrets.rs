//! Secrets into the places that wait for them.

use quick_xml::escape::escape;

use super::{Error, Package};
use crate::apex::Marker;
use crate::metadata::Component;
use crate::xml;

/// The package with its secrets in place, and with markers that fit the new content.
pub(super) fn resolved(package: &Package) -> Result<Package, Error> {
    let mut resolved = package.clone();
    for slot in &package.secrets {
        let Some(secret) = &slot.value else {
            return Err(Error::UnresolvedSecret {
                component: slot.component.clone(),
                env: slot.env.clone(),
            });
        };
        if let Some(component) = resolved.components.get_mut(&slot.component) {
            let value = escape(secret.expose());
            component.xml = component.xml.replace(&slot.placeholder, &value);
        }
    }
    for slot in &package.secrets {
        if let Some(component) = resolved.components.get_mut(&slot.component) {
            stamp(component).map_err(|source| Error::ComponentXml {
                component: slot.component.clone(),
                source,
            })?;
        }
    }
    Ok(resolved)
}

/// Puts the digest of a component's content into its marker; leaves all other bytes alone.
fn stamp(component: &mut Component) -> Result<(), xml::Error> {
    let root = xml::parse(&component.xml)?;
    let description = root.child_text("description").unwrap_or_default();
    if let Some(marker) = Marker::in_description(description) {
        let digest = xml::tree_digest(component.id.kind, &root);
        let (old, new) = (
            format!("digest={}", marker.digest),
            format!("digest={digest}"),
        );
        component.xml = component.xml.replace(&old, &new);
    }
    Ok(())
}

/// What stands in a backup in place of a value that may be a secret.
const LEFT_OUT: &str = "__LEFT_OUT_BY_OPENCX_SF__";

/// Whether nothing was left out of a component of a backup, so that it can be put back.
pub fn is_whole(component: &Component) -> bool {
    !component.xml.is_empty() && !component.xml.contains(LEFT_OUT)
}

/// The component with every value that may be a secret replaced, and without what the org itself
/// makes: what a backup holds. One whose XML can't be read is returned without any.
pub fn without_secrets(component: &Component) -> Component {
    let left_out = |_, _: &str| LEFT_OUT.to_owned();
    let xml = xml::parse(&component.xml).map_or_else(
        |_| String::new(),
        |root| {
            let kind = component.id.kind;
            let root = xml::without_generated(kind, &root);
            xml::write(&xml::with_secrets_replaced(kind, &root, &left_out))
        },
    );
    Component {
        xml,
        ..component.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{ComponentId, MetadataType};
    use crate::package::{Format, samples};

    #[test]
    fn a_secret_is_escaped_and_its_marker_fits() {
        let resolved = samples::sample().resolved().unwrap();
        let id = ComponentId::new(MetadataType::NamedCredential, "OpenCX_Integration");
        let component = &resolved.components[&id];
        let root = xml::parse(&component.xml).unwrap();
        assert_eq!(root.child_text("endpoint"), Some(samples::WEBHOOK));
        let marker = Marker::in_description(root.child_text("description").unwrap()).unwrap();
        assert_eq!(marker.digest, xml::digest(component).unwrap());
        assert_eq!(marker.version, 2);
        assert_eq!(resolved.resolved().unwrap(), resolved);
    }

    #[test]
    fn a_missing_secret_is_an_error() {
        let mut package = samples::sample();
        package.secrets[0].value = None;
        assert_eq!(
            package.resolved().unwrap_err().to_string(),
            "the secret for NamedCredential:OpenCX_Integration is not set"
        );
    }

    #[test]
    fn a_backup_holds_neither_secrets_nor_what_the_org_makes() {
        let kind = MetadataType::ExtlClntAppGlobalOauthSettings;
        let component = Component {
            id: ComponentId::new(kind, "A"),
            source: None,
            xml: "<ExtlClntAppGlobalOauthSettings><callbackUrl>c</callbackUrl>\
                  <consumerKey>k</consumerKey><consumerSecret>s</consumerSecret>\
                  </ExtlClntAppGlobalOauthSettings>"
                .to_owned(),
        };
        let root = xml::parse(&without_secrets(&component).xml).unwrap();
        assert_eq!(root.child_text("callbackUrl"), Some("c"));
        assert_eq!(root.child_text("consumerKey"), None);
        assert_eq!(root.child_text("consumerSecret"), Some(LEFT_OUT));
    }

    #[test]
    fn debug_and_source_format_show_no_secret() {
        let package = samples::sample();
        let shown = format!("{:?}", package.resolved().unwrap());
        assert!(!shown.contains("0123456789"), "{shown}");
        for (path, content) in package.files(Format::Source).unwrap() {
            assert!(!content.contains("0123456789"), "{path}");
        }
    }

    #[test]
    fn a_backup_holds_no_secret() {
        let resolved = samples::sample().resolved().unwrap();
        for component in resolved.components.values() {
            let kept = without_secrets(component);
            assert!(!kept.xml.contains("0123456789"), "{}", kept.xml);
            let is_credential = component.id.kind == MetadataType::NamedCredential;
            assert_eq!(kept.xml.contains(LEFT_OUT), is_credential);
        }
        let broken = Component {
            xml: "<endpoint>0123456789".to_owned(),
            ..resolved.components.values().next().unwrap().clone()
        };
        assert_eq!(without_secrets(&broken).xml, "");
    }
}
