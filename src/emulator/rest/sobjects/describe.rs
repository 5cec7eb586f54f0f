//! Describe results: the members that REST API clients read, as the guide's "sObject Describe"
//! names them.

use serde_json::{Value, json};

use super::super::super::query::{Api, Catalog, Column, Rows};
use super::super::super::records::setup;
use super::super::super::runtime::{Field, FieldKind};

/// `describeGlobal`
pub fn all(catalog: &Catalog, api: Api, version: u16) -> Value {
    let objects: Vec<Value> = catalog
        .names(api)
        .into_iter()
        .filter_map(|name| summary(catalog, api, name, version))
        .collect();
    json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects })
}

/// What is said of an object in lists.
pub fn summary(catalog: &Catalog, api: Api, name: &str, version: u16) -> Option<Value> {
    let table = catalog.find(api, name)?;
    let writable = matches!(table.rows, Rows::Records | Rows::RecordsAnd(_));
    let tooling = if api == Api::Tooling { "tooling/" } else { "" };
    let base = format!("/services/data/v{version}.0/{tooling}sobjects/{name}");
    Some(json!({
        "activateable": false,
        "createable": writable,
        "custom": name.ends_with("__c"),
        "customSetting": false,
        "deletable": writable || setup::is_log(name),
        "deprecatedAndHidden": false,
        "feedEnabled": false,
        "keyPrefix": prefix(name).or(catalog.object(name).map(|object| &*object.prefix)),
        "label": words(name),
        "labelPlural": plural(&words(name)),
        "layoutable": writable,
        "mergeable": false,
        "name": name,
        "queryable": true,
        "replicateable": writable,
        "retrieveable": true,
        "searchable": writable,
        "triggerable": writable && api == Api::Data,
        "undeletable": writable,
        "updateable": writable,
        "urls": {
            "sobject": base,
            "describe": format!("{base}/describe"),
            "rowTemplate": format!("{base}/{{ID}}"),
        },
    }))
}

/// `describe` of one object.
pub fn object(catalog: &Catalog, api: Api, name: &str, version: u16) -> Option<Value> {
    let table = catalog.find(api, name)?;
    let object = catalog
        .object(name)
        .filter(|_| matches!(table.rows, Rows::Records | Rows::RecordsAnd(_)));
    let mut out = summary(catalog, api, name, version)?;
    let fields: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            let known = object.and_then(|object| object.field(column.name));
            field(column, known, setup::field(name, column.name))
        })
        .collect();
    let children: Vec<Value> = object
        .map(|object| object.children.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|(relationship, child, by)| {
            json!({
                "cascadeDelete": false,
                "childSObject": &**child,
                "deprecatedAndHidden": false,
                "field": &**by,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": &**relationship,
                "restrictedDelete": false,
            })
        })
        .collect();
    out["fields"] = json!(fields);
    out["childRelationships"] = json!(children);
    out["recordTypeInfos"] = json!([]);
    out["supportedScopes"] = json!([]);
    Some(out)
}

fn field(column: &Column<'_>, known: Option<&Field>, (written, required): (bool, bool)) -> Value {
    let kind = column.kind();
    let (name, soap) = type_names(kind);
    let is_text = soap == "xsd:string";
    let length = known.map_or(0, |field| field.length);
    let values: Vec<Value> = known
        .map(|field| field.values.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|value| {
            let default = known.and_then(|field| field.default.as_ref());
            json!({
                "active": true,
                "defaultValue": default == Some(value),
                "label": &**value,
                "validFor": null,
                "value": &**value,
            })
        })
        .collect();
    let length = match kind {
        FieldKind::Id | FieldKind::Reference => 18,
        _ if is_text => length,
        _ => 0,
    };
    json!({
        "aggregatable": column.filterable,
        "autoNumber": column.name == "CaseNumber",
        "byteLength": if is_text { length.saturating_mul(3) } else { length },
        "calculated": false,
        "caseSensitive": false,
        "createable": written || known.is_some_and(|field| field.createable),
        "custom": column.name.ends_with("__c"),
        "defaultValue": known.and_then(|field| field.default.as_deref()),
        "defaultedOnCreate": known.is_some_and(|field| field.defaulted),
        "digits": if kind == FieldKind::Integer { 8 } else { 0 },
        "externalId": false,
        "filterable": column.filterable,
        "groupable": column.filterable,
        "idLookup": kind == FieldKind::Id,
        "label": words(column.name),
        "length": length,
        "name": column.name,
        "nameField": column.name == "Name",
        "nillable": known.map_or(kind != FieldKind::Id && !required, |field| field.nillable),
        "picklistValues": values,
        "precision": 0,
        "referenceTo": column.parent.map(|(_, object)| vec![object]).unwrap_or_default(),
        "relationshipName": column.parent.map(|(relationship, _)| relationship),
        "restrictedPicklist": false,
        "scale": 0,
        "soapType": soap,
        "sortable": column.filterable,
        "type": name,
        "unique": false,
        "updateable": written || known.is_some_and(|field| field.updateable),
    })
}

/// The beginning of an object's ids, of those that hold no records of the data API.
fn prefix(name: &str) -> Option<&'static str> {
    setup::prefix(name).or(match name {
        "ApexClass" => Some("01p"),
        "ApexLog" => Some("07L"),
        "ApexTestQueueItem" => Some("709"),
        "ApexTestResult" => Some("07M"),
        "ApexTestRunResult" => Some("05m"),
        "ApexTrigger" => Some("01q"),
        "CustomField" => Some("00N"),
        "CustomPermission" => Some("0CP"),
        "DeployRequest" => Some("0Af"),
        "NamedCredential" => Some("0XA"),
        "Organization" => Some("00D"),
        "PermissionSet" => Some("0PS"),
        "Profile" => Some("00e"),
        "User" => Some("005"),
        _ => None,
    })
}

// The names of `fieldType` and `soapType` in the SOAP API's WSDLs.
fn type_names(kind: FieldKind) -> (&'static str, &'static str) {
    match kind {
        FieldKind::Base64 => ("base64", "xsd:base64Binary"),
        FieldKind::Boolean => ("boolean", "xsd:boolean"),
        FieldKind::Combobox => ("combobox", "xsd:string"),
        FieldKind::Currency => ("currency", "xsd:double"),
        FieldKind::Date => ("date", "xsd:date"),
        FieldKind::DateTime => ("datetime", "xsd:dateTime"),
        FieldKind::Double => ("double", "xsd:double"),
        FieldKind::Email => ("email", "xsd:string"),
        FieldKind::Id => ("id", "tns:ID"),
        FieldKind::Integer => ("int", "xsd:int"),
        FieldKind::MultiPicklist => ("multipicklist", "xsd:string"),
        FieldKind::Percent => ("percent", "xsd:double"),
        FieldKind::Phone => ("phone", "xsd:string"),
        FieldKind::Picklist => ("picklist", "xsd:string"),
        FieldKind::Reference => ("reference", "tns:ID"),
        FieldKind::String => ("string", "xsd:string"),
        FieldKind::TextArea => ("textarea", "xsd:string"),
        FieldKind::Time => ("time", "xsd:time"),
        FieldKind::Url => ("url", "xsd:string"),
    }
}

// `EmailMessage` is labelled `Email Message`, `ContactId` `Contact ID`, `Case_From__c` `Case From`.
fn words(name: &str) -> String {
    if let Some(custom) = name.strip_suffix("__c") {
        return custom.replace('_', " ");
    }
    let mut out = String::new();
    let mut lower = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && lower {
            out.push(' ');
        }
        lower = character.is_ascii_lowercase();
        out.push(character);
    }
    match out.strip_suffix(" Id") {
        Some(start) => format!("{start} ID"),
        None => out,
    }
}

fn plural(label: &str) -> String {
    match label.strip_suffix('y') {
        Some(start) => format!("{start}ies"),
        None if label.ends_with('s') => format!("{label}es"),
        None => format!("{label}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::options::Options;
    use super::super::super::super::users;
    use super::*;

    #[test]
    fn describes_every_object_that_it_lists() {
        let state = users::new_org(&Options::default(), jiff::Timestamp::UNIX_EPOCH);
        let catalog = Catalog::of(&state);
        for api in [Api::Data, Api::Tooling] {
            let listed = all(&catalog, api, 66);
            let listed = listed["sobjects"].as_array().unwrap();
            assert!(listed.len() > 5);
            for one in listed {
                let name = one["name"].as_str().unwrap();
                let described = object(&catalog, api, name, 66).unwrap();
                assert_eq!(described["fields"][0]["name"], "Id", "{name}");
                assert_eq!(described["fields"][0]["type"], "id", "{name}");
                assert_eq!(described["queryable"], true);
            }
        }
    }

    #[test]
    fn a_field_is_described_as_the_platform_does() {
        let state = users::new_org(&Options::default(), jiff::Timestamp::UNIX_EPOCH);
        let catalog = Catalog::of(&state);
        let case = object(&catalog, Api::Data, "Case", 66).unwrap();
        assert_eq!(case["keyPrefix"], "500");
        assert_eq!(case["label"], "Case");
        let field = |name: &str| {
            let fields = case["fields"].as_array().unwrap();
            fields
                .iter()
                .find(|field| field["name"] == name)
                .cloned()
                .unwrap()
        };
        let contact = field("ContactId");
        assert_eq!(
            (&contact["type"], &contact["soapType"], &contact["length"]),
            (&json!("reference"), &json!("tns:ID"), &json!(18))
        );
        assert_eq!(contact["referenceTo"], json!(["Contact"]));
        assert_eq!(contact["label"], "Contact ID");
        let status = field("Status");
        assert_eq!(status["picklistValues"][0]["value"], "New");
        assert_eq!(status["picklistValues"][0]["defaultValue"], true);
        assert_eq!(field("CaseNumber")["createable"], false);
        assert!(
            case["childRelationships"]
                .as_array()
                .unwrap()
                .iter()
                .any(|child| child["relationshipName"] == "EmailMessages")
        );
    }
}
