//! Differences that are meant to be: the rules under `drift.ignore`.

use std::borrow::Cow;
use std::convert::Infallible;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::layer::{Layers, Origin};
use super::option::{Key, Part, Shown};
use super::problem::Problem;
use super::section::Section;
use super::setting::Setting;
use super::source::Span;
use super::value::{ValueError, Word, schema};

/// A text in which `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// `*` is the only character with a meaning of its own.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the whole text fits.
    pub fn fits(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else {
            return false;
        };
        let parts: Vec<&str> = parts.collect();
        let Some((last, middle)) = parts.split_last() else {
            return rest.is_empty();
        };
        for part in middle {
            let Some(at) = rest.find(part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A difference that is meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreRule {
    /// Which components: `ApexClass:OpenCxLog`.
    pub component: Pattern,
    /// Which fields of their metadata. Without `field` and `line` the whole component is meant.
    pub field: Option<Pattern>,
    /// Which lines of their source, without the space around them.
    pub line: Option<Pattern>,
    /// Why it is meant to be.
    pub reason: String,
    /// The last day on which the rule holds.
    pub until: Option<Date>,
    /// Its line in the config.
    pub config_line: usize,
}

/// The rules, as they are written.
#[derive(Debug, Clone, Default)]
pub(super) struct IgnoreRules(pub Vec<Rule>);

/// One rule, as it is written.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["component", "reason"]))]
pub(super) struct Rule {
    /// Which components, for example `ApexClass:OpenCxLog` or `PermissionSet:*`.
    pub component: Setting<RuleText>,
    /// Which field of their metadata, as `drift` names it: `status`, `userPermissions[EmailSingle].enabled`.
    pub field: Setting<RuleText>,
    /// Which lines of their source, for example `*DEBUG*`.
    pub line: Setting<RuleText>,
    /// Why this difference is meant to be.
    pub reason: Setting<RuleText>,
    /// The last day on which the rule holds, for example 2026-12-31.
    pub until: Setting<Day>,
    #[schemars(skip)]
    pub place: Span,
}

impl Rule {
    fn read(mut section: Section<'_, '_>, place: Span) -> Self {
        let rule = Self {
            component: section.setting("component"),
            field: section.setting("field"),
            line: section.setting("line"),
            reason: section.setting("reason"),
            until: section.setting("until"),
            place,
        };
        for (key, value, example) in [
            (
                "component",
                &rule.component,
                "component: ApexClass:OpenCxLog",
            ),
            (
                "reason",
                &rule.reason,
                "reason: why this difference is meant to be",
            ),
        ] {
            if matches!(value, Setting::Absent) && !section.is_broken() {
                let key = section.path_of(key);
                let orgs = Vec::new();
                section.report(place, Problem::MissingKey { key, orgs, example });
            }
        }
        section.close();
        rule
    }

    /// The rule that it stands for; `line` is where it is written.
    pub fn resolved(&self, line: usize) -> Option<IgnoreRule> {
        let text = |setting: &Setting<RuleText>| Some(setting.literal()?.0.0.clone());
        Some(IgnoreRule {
            component: Pattern::new(text(&self.component)?),
            field: text(&self.field).map(Pattern::new),
            line: text(&self.line).map(Pattern::new),
            reason: text(&self.reason)?,
            until: self.until.literal().map(|(day, _)| day.0),
            config_line: line,
        })
    }
}

/// A pattern or a reason: one line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleText(pub String);

impl Word for RuleText {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, ValueError> {
        if text.trim().is_empty() || text.contains(char::is_control) {
            return Err(ValueError::Rule("it is empty or has a line break"));
        }
        Ok(Self(text.to_owned()))
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "minLength": 1 }))
    }
}

/// A day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day(pub Date);

impl Word for Day {
    const EXPECTED: &'static str = "a day";

    fn read(text: &str) -> Result<Self, ValueError> {
        let day = text.parse().map_err(|_| ValueError::Day)?;
        // jiff also reads a moment, of which only the day would count.
        if text.len() == "2026-12-31".len() {
            Ok(Self(day))
        } else {
            Err(ValueError::Day)
        }
    }

    fn shown(&self) -> String {
        self.0.to_string()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "format": "date" }))
    }
}

impl JsonSchema for IgnoreRules {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "IgnoreRules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema(json!({ "type": "array", "items": generator.subschema_for::<Rule>() }))
    }
}

impl Part for IgnoreRules {
    type Value = Infallible;

    fn read(section: &mut Section<'_, '_>, key: &'static str) -> Self {
        let rules = section.items(key, |section, place| Rule::read(section, place));
        Self(rules)
    }

    fn json(default: Infallible) -> Value {
        match default {}
    }

    fn is_present(&self) -> bool {
        !self.0.is_empty()
    }

    fn show<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Shown>) {
        let layers = layers.below(key);
        for (index, rule) in layers
            .top
            .into_iter()
            .flat_map(|rules| &rules.0)
            .enumerate()
        {
            let path = layers.path_of(&index.to_string());
            if let Some(component) = rule.component.shown() {
                list.push((path, component, Origin::TopLevel));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("ApexClass:A", "ApexClass:A", true),
            ("ApexClass:A", "ApexClass:AB", false),
            ("ApexClass:*", "ApexClass:", true),
            ("*:A*C*", "ApexClass:AbbC", true),
            ("*:A*C", "ApexClass:AbbCd", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_day_is_a_day() {
        assert!(Day::read("2026-12-31").is_ok());
        for text in ["2026-02-30", "2026-12-31T10:00", "tomorrow", ""] {
            assert_eq!(Day::read(text), Err(ValueError::Day));
        }
    }
}
