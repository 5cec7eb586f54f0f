//! Source format: an SFDX project that `sf project deploy start` takes as it is.

use std::collections::BTreeMap;

use serde_json::json;

use super::layout::lf;
use super::{Error, Package, object, path};
use crate::metadata::{ComponentId, MetadataType};

const ROOT: &str = "force-app/main/default";
/// The variable for a secret that doesn't come from one.
const DEFAULT_ENV: &str = "OPENCX_WEBHOOK_URL";
const FORCEIGNORE: &str = "\
# Files that `sf project deploy start` leaves alone.
package.xml
**/jsconfig.json
**/.eslintrc.json
**/__tests__/**
";

/// The files of a package as an SFDX project.
pub(super) fn files(package: &Package) -> Result<BTreeMap<String, String>, Error> {
    let mut files = BTreeMap::new();
    for component in package.components.values() {
        let meta = meta_path(&component.id)?;
        if let (true, Some(code)) = (
            component.id.kind.has_source(),
            meta.strip_suffix("-meta.xml"),
        ) {
            let source = component.source.as_deref().unwrap_or_default();
            files.insert(code.to_owned(), lf(source));
        }
        files.insert(meta, lf(&component.xml));
    }
    files.insert(
        "manifest/package.xml".to_owned(),
        package.manifest().to_xml(),
    );
    files.insert("sfdx-project.json".to_owned(), project(package)?);
    files.insert(".forceignore".to_owned(), FORCEIGNORE.to_owned());
    for path in files.keys() {
        path::check(path)?;
    }
    Ok(files)
}

/// Where the XML of a component is.
fn meta_path(id: &ComponentId) -> Result<String, Error> {
    if id.kind == MetadataType::CustomField {
        let (object, field) = object::object_and_field(id)?;
        return Ok(format!(
            "{ROOT}/objects/{object}/fields/{field}.field-meta.xml"
        ));
    }
    if id.kind == MetadataType::CustomObject {
        let object = &id.full_name;
        return Ok(format!("{ROOT}/objects/{object}/{object}.object-meta.xml"));
    }
    let (folder, suffix) = (id.kind.folder(), id.kind.suffix());
    Ok(format!(
        "{ROOT}/{folder}/{}.{suffix}-meta.xml",
        id.full_name
    ))
}

/// `sfdx-project.json`. Its `replacements` let `sf` put the secrets in when it deploys, so that
/// the files can be committed (Salesforce DX Developer Guide, "Replace Strings in Code Before
/// Deploying").
fn project(package: &Package) -> Result<String, Error> {
    let mut replacements = Vec::new();
    for slot in &package.secrets {
        replacements.push(json!({
            "filename": meta_path(&slot.component)?,
            "stringToReplace": slot.placeholder,
            "replaceWithEnv": slot.env.as_deref().unwrap_or(DEFAULT_ENV),
        }));
    }
    let mut project = json!({
        "packageDirectories": [{ "path": "force-app", "default": true }],
        "name": "opencx-sf",
        "namespace": "",
        "sfdcLoginUrl": "https://login.salesforce.com",
        "sourceApiVersion": package.api_version.to_string(),
    });
    if !replacements.is_empty() {
        project["replacements"] = replacements.into();
    }
    Ok(format!("{project:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn is_an_sfdx_project() {
        let files = files(&samples::sample()).unwrap();
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                ".forceignore",
                "force-app/main/default/classes/OpenCxJob.cls",
                "force-app/main/default/classes/OpenCxJob.cls-meta.xml",
                "force-app/main/default/customPermissions/OpenCX_Log.customPermission-meta.xml",
                "force-app/main/default/namedCredentials/OpenCX_Integration.namedCredential-meta.xml",
                "force-app/main/default/objects/Case/fields/Another__c.field-meta.xml",
                "force-app/main/default/objects/Case/fields/Case_From__c.field-meta.xml",
                "force-app/main/default/permissionsets/OpenCX_Integration.permissionset-meta.xml",
                "force-app/main/default/triggers/CaseTrigger.trigger",
                "force-app/main/default/triggers/CaseTrigger.trigger-meta.xml",
                "manifest/package.xml",
                "sfdx-project.json",
            ]
        );
        assert_eq!(
            files["sfdx-project.json"],
            r#"{
  "packageDirectories": [
    {
      "path": "force-app",
      "default": true
    }
  ],
  "name": "opencx-sf",
  "namespace": "",
  "sfdcLoginUrl": "https://login.salesforce.com",
  "sourceApiVersion": "66.0",
  "replacements": [
    {
      "filename": "force-app/main/default/namedCredentials/OpenCX_Integration.namedCredential-meta.xml",
      "stringToReplace": "__OPENCX_WEBHOOK_URL__",
      "replaceWithEnv": "OPENCX_WEBHOOK_URL"
    }
  ]
}
"#
        );
    }
}
