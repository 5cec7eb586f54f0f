//! Integration + catalogue → package.
//!
//! The manifest of a feature says which components belong to it, by shipped name. Each is rendered
//! from the template of that name, gets the name that the config gives it, and is marked with the
//! template, its version and a digest, so that an org can later tell whose it is.

mod error;
mod names;
mod origin;
mod values;

use std::collections::BTreeMap;

use crate::apex;
use crate::config::Integration;
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::{Manifest, Package, Rollout, SecretSlot, Stage, parts};
use crate::template::{Catalog, Engines, Template};
use crate::xml;

pub use error::Error;
use names::Names;
pub use origin::{Origin, Origins};

/// Stands in the Named Credential where the webhook's URL belongs, which holds a token.
pub const WEBHOOK_URL_PLACEHOLDER: &str = "__OPENCX_WEBHOOK_URL__";

/// The features that an org takes first and together, because their Apex is one, by the folders of
/// their manifests. The package is called by the first of them.
const FIRST: [&str; 4] = [
    "email-cases",
    "platform-event",
    "rep-replies",
    "runtime-settings",
];
/// The features after it, in the order in which an org must take them. A manifest without members
/// makes no package.
const LATER: [&str; 2] = ["external-client-app", "external-client-app-policies"];

/// The package that the integration is: every component of its features, named as configured and
/// marked. Secrets stay out; their places are in [`Package::secrets`].
pub fn render(integration: &Integration, catalog: &Catalog) -> Result<Package, Error> {
    Ok(rollout(integration, catalog)?.whole())
}

/// The integration as packages in the order in which an org must take them, one for each feature.
pub fn rollout(integration: &Integration, catalog: &Catalog) -> Result<Rollout, Error> {
    let engines = Engines::new(catalog)?;
    let members = |feature| members(feature, integration, catalog, &engines);
    let mut first = Vec::new();
    for feature in FIRST {
        first.extend(members(feature)?);
    }
    let later = LATER
        .into_iter()
        .map(|feature| Ok((feature, members(feature)?)));
    let later = later.collect::<Result<Vec<_>, Error>>()?;
    let all: Vec<&ComponentId> = later.iter().flat_map(|(_, members)| members).collect();
    let all: Vec<ComponentId> = first.iter().chain(all).cloned().collect();
    let names = Names::new(&all, &renamed(integration))?;
    let values = values::of(integration, &names)?;
    let stage = |feature: &str, members: &[ComponentId]| {
        let components = members.iter().map(|shipped| {
            let component = render_component(shipped, &names, catalog, &engines, &values)?;
            Ok((component.id.clone(), component))
        });
        Ok(Stage {
            name: feature.to_owned(),
            package: package(integration, components.collect::<Result<_, Error>>()?),
        })
    };
    let later = later
        .iter()
        .map(|(feature, members)| stage(feature, members));
    let mut later = later.collect::<Result<Vec<_>, Error>>()?;
    let mut first = stage(FIRST[0], &first)?;
    let stages = std::iter::once(&mut first).chain(&mut later);
    parts::keep_digests(stages.flat_map(|stage| stage.package.components.values_mut()));
    Ok(Rollout::new(first, later))
}

fn package(integration: &Integration, components: BTreeMap<ComponentId, Component>) -> Package {
    let secrets = components
        .values()
        .filter(|component| component.xml.contains(WEBHOOK_URL_PLACEHOLDER))
        .map(|component| SecretSlot {
            placeholder: WEBHOOK_URL_PLACEHOLDER.to_owned(),
            component: component.id.clone(),
            env: integration.webhook_url.env.clone(),
            value: integration.webhook_url.value.clone(),
        })
        .collect();
    Package {
        api_version: integration.api_version,
        components,
        secrets,
    }
}

/// The new names of the config. The parts of an External Client App are called by it and a suffix,
/// as an org calls those that it makes itself.
fn renamed(integration: &Integration) -> BTreeMap<String, String> {
    let mut renamed = integration.names.clone();
    if let Some(app) = &integration.external_client_app {
        for part in ["", "_glbloauth", "_oauth", "_oauthPlcy", "_plcy"] {
            renamed.insert(format!("OpenCX{part}"), format!("{}{part}", app.name));
        }
    }
    renamed
}

/// The shipped names of a feature's components.
fn members(
    feature: &str,
    integration: &Integration,
    catalog: &Catalog,
    engines: &Engines<'_>,
) -> Result<Vec<ComponentId>, Error> {
    let template = catalog
        .manifest(feature)
        .ok_or_else(|| Error::NoTemplate(format!("{feature}/package.xml")))?;
    let text = engines.render(template, &values::of_manifest(integration))?;
    let manifest = Manifest::parse(&text).map_err(|source| Error::Manifest {
        template: template.path.clone(),
        source,
    })?;
    Ok(manifest.members)
}

fn render_component(
    shipped: &ComponentId,
    names: &Names,
    catalog: &Catalog,
    engines: &Engines,
    values: &tera::Context,
) -> Result<Component, Error> {
    let template = |path: String| catalog.template(&path).ok_or(Error::NoTemplate(path));
    let id = names.actual(shipped);
    let main = template(template_path(shipped))?;
    let text = engines.render(main, values)?;
    let Some(shared) = shared_xml_template(shipped.kind) else {
        return mark_xml(id, main, &text);
    };
    Ok(Component {
        id,
        source: Some(apex::stamp(&text, &main.path, main.version)),
        xml: engines.render(template(shared.to_owned())?, values)?,
    })
}

/// The template of a component. Folders are those of the metadata format, but for custom fields,
/// which have files of their own only in source format.
fn template_path(shipped: &ComponentId) -> String {
    let name = shipped.full_name.as_str();
    match (shipped.kind, name.split_once('.')) {
        (MetadataType::CustomObject, _) => format!("objects/{name}/{name}.object"),
        (MetadataType::CustomField, Some((object, field))) => {
            format!("objects/{object}/fields/{field}.field")
        }
        (kind, _) => format!("{}/{name}.{}", kind.folder(), kind.suffix()),
    }
}

/// The `-meta.xml` that all code files of a kind share.
fn shared_xml_template(kind: MetadataType) -> Option<&'static str> {
    match kind {
        MetadataType::ApexClass => Some("classes/_.cls-meta.xml"),
        MetadataType::ApexTrigger => Some("triggers/_.trigger-meta.xml"),
        _ => None,
    }
}

/// Writes the marker at the end of `description`. A component without one (a Named Credential has
/// none before API 64) goes without a marker.
fn mark_xml(id: ComponentId, template: &Template, text: &str) -> Result<Component, Error> {
    let broken = |source| Error::Xml {
        template: template.path.clone(),
        source,
    };
    let mut root = xml::parse(text).map_err(broken)?;
    let mut component = Component {
        id,
        source: None,
        xml: xml::write(&root),
    };
    let marker = apex::Marker {
        template: template.path.clone(),
        version: template.version,
        digest: xml::digest(&component).map_err(broken)?,
    };
    let description = root
        .children
        .iter_mut()
        .find(|child| child.name == "description");
    if let Some(description) = description {
        description.text = format!("{} {marker}", description.text.trim());
        component.xml = xml::write(&root);
    }
    Ok(component)
}

#[cfg(test)]
mod tests;
