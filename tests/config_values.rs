//! Configs made from the JSON Schema, so that every option is among them: each is taken and renders
//! to Apex and XML, or is refused with a place in the file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

#[path = "common/nothing.rs"]
mod nothing;

use std::path::Path;

use nothing::Nothing;
use opencx_sf::config::{Config, Secrets, schema};
use opencx_sf::diag::Place;
use opencx_sf::template::Catalog;
use opencx_sf::{apex, render, xml};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRng;
use serde_json::{Map, Value, json};

/// Texts that have ended a literal, a comment, a tag or a line somewhere.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "'",
    "\\",
    "\\'",
    "'); delete [SELECT Id FROM Case]; //",
    "*/ } /*",
    "</label><x/>",
    "]]>",
    "&lt;",
    "{{ names }}",
    "{% raw %}",
    "a\nb",
    "a\r",
    "\u{2028}",
    "\u{0}",
    "\u{202e}",
    "\u{1f600}",
    "${env:A}",
    "${",
    "null",
    "~",
    "0x10",
    "1e5",
    "-1",
    "true",
    "2026-01-31",
];

/// Makes values for the schema; a `hostile` one now and then.
struct Maker {
    root: Value,
    rng: TestRng,
    hostile: bool,
}

impl Maker {
    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.rng.next_u32()).unwrap() % count
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn value(&mut self, key: &str, schema: &Value) -> Value {
        if self.hostile && self.below(24) == 0 {
            return Value::from(*self.pick(HOSTILE));
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let schema = self.root.pointer(&reference[1..]).unwrap().clone();
            return self.value(key, &schema);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            // A reference has no value here, and only the webhook's may be left open.
            return match key {
                "webhook_url" => json!("${env:OPENCX_WEBHOOK_URL}"),
                _ => self.value(key, &choices[0].clone()),
            };
        }
        if let Some(choices) = schema["enum"].as_array() {
            return self.pick(choices).clone();
        }
        if !schema["const"].is_null() {
            return schema["const"].clone();
        }
        match &schema["type"] {
            Value::String(name) if name == "object" => self.object(key, schema),
            Value::String(name) if name == "boolean" => json!(self.below(2) == 0),
            Value::String(name) if name == "integer" => {
                let (least, most) = (&schema["minimum"], &schema["maximum"]);
                let (least, most) = (least.as_u64().unwrap(), most.as_u64().unwrap());
                let span = usize::try_from(most - least).unwrap();
                json!(least + self.below(span + 1) as u64)
            }
            Value::String(name) if name == "array" => json!([]),
            Value::Array(_) => json!(self.below(100)),
            _ => self.text(key),
        }
    }

    fn text(&mut self, key: &str) -> Value {
        let number = self.below(90) + 10;
        json!(match key {
            "reply_to" | "from_address" | "org_wide_address" | "contact_email" | "event_user" =>
                format!("care{number}@acme.example"),
            "mailgun_domain" => format!("mg{number}.acme.example"),
            "field" => "Subject".to_owned(),
            "private_key" => "${file:private.pem}".to_owned(),
            "org_id" | "organization_id" => format!("00D0000000000{number}"),
            "templates" | "state" => format!("folder{number}"),
            _ => format!("Acme{number}x"),
        })
    }

    /// Some keys of a section. Those that a config can't be without are always among them.
    fn object(&mut self, key: &str, schema: &Value) -> Value {
        const ALWAYS: &[&str] = &[
            "version",
            "email_cases",
            "webhook_url",
            "reply_to",
            "outbound",
            "sender",
            "contact_email",
            "require_pkce",
        ];
        let mut object = Map::new();
        if let Some(properties) = schema["properties"].as_object() {
            let mut names: Vec<&String> = properties.keys().collect();
            if !schema["maxProperties"].is_null() {
                names = vec![*self.pick(&names)];
            }
            // New names are many; few of them at once are like what people write.
            let rarely = if key == "names" { 20 } else { 2 };
            for name in names {
                let needed = ALWAYS.contains(&name.as_str()) || !schema["maxProperties"].is_null();
                if name != "orgs" && name != "templates" && (needed || self.below(rarely) == 0) {
                    object.insert(name.clone(), self.value(name, &properties[name]));
                }
            }
        } else {
            let name = format!("Field{}__c", self.below(90));
            object.insert(name, self.value("", &schema["additionalProperties"]));
        }
        Value::Object(object)
    }
}

/// Whether it was taken.
fn taken_or_refused_with_place(text: &str) -> Result<bool, TestCaseError> {
    let config = match Config::parse(Path::new("opencx.yaml"), text) {
        Ok(config) => config,
        Err(findings) => {
            for finding in findings {
                let message = finding.message.clone();
                prop_assert!(matches!(finding.place, Some(Place::File(_))), "{}", message);
            }
            return Ok(false);
        }
    };
    let integration = match config.integration(&Nothing, Secrets::Unresolved) {
        Ok(integration) => integration,
        Err(findings) => {
            prop_assert!(findings.iter().all(|finding| finding.place.is_some()));
            return Ok(false);
        }
    };
    let package = render::render(&integration, &Catalog::embedded())
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    for (id, component) in package.components {
        let root = xml::parse(&component.xml).unwrap();
        prop_assert_eq!(xml::validate(id.kind, &root), [], "{}", id);
        if let Some(source) = component.source {
            prop_assert_eq!(apex::parse(&source).errors, [], "{}", id);
        }
    }
    Ok(true)
}

fn made(hostile: bool) -> impl Strategy<Value = String> {
    let root: Value = serde_json::from_str(&schema()).unwrap();
    Just(root).prop_perturb(move |root, rng| {
        let mut maker = Maker {
            root: root.clone(),
            rng,
            hostile,
        };
        // JSON is YAML.
        serde_json::to_string_pretty(&maker.object("", &root)).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_combination_of_good_values_renders_or_is_refused_with_its_place(text in made(false)) {
        taken_or_refused_with_place(&text)?;
    }

    #[test]
    fn a_hostile_value_renders_harmlessly_or_is_refused_with_its_place(text in made(true)) {
        taken_or_refused_with_place(&text)?;
    }
}

/// Or the properties above would prove nothing.
#[test]
fn many_of_the_combinations_are_taken() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let texts = made(false);
    let taken = (0..40)
        .map(|_| texts.new_tree(&mut runner).unwrap().current())
        .filter(|text| Config::parse(Path::new("opencx.yaml"), text).is_ok())
        .count();
    assert!((10..40).contains(&taken), "{taken} of 40");
}
