//! One value of a config's text changed, and every other character left as it is.

use std::sync::LazyLock;

use serde_json::Value;

use super::Config;
use super::yaml::{Entry, Node, Value as Content};

/// The file's text with one value changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The whole text.
    pub text: String,
    /// The 1-based line that is another one, or new.
    pub line: usize,
}

impl Config {
    /// The text that this config was read from, with `value` under the key at that path; keys that
    /// are missing are added in one line below the section that is there. `None` where the text has
    /// no place of its own for it: a value by alias, or something else than a section on the way.
    pub fn with_value(&self, text: &str, path: &[&str], value: &Value) -> Option<Edit> {
        let (bom, body) = match text.strip_prefix('\u{feff}') {
            Some(body) => ("\u{feff}", body),
            None => ("", text),
        };
        let characters: Vec<char> = body.chars().collect();
        let (at, until, new) = self.change(&characters, path, value)?;
        let start: String = characters[..at].iter().collect();
        let end: String = characters[until..].iter().collect();
        let line = start.matches('\n').count() + 1 + new.starts_with(['\n', '\r']) as usize;
        Some(Edit {
            text: format!("{bom}{start}{new}{end}"),
            line,
        })
    }

    /// Where a value of an org is to be written: where it stands; else in the org's own block, so
    /// that no other org gets it, or at the top level where there is no other.
    pub fn path_for(&self, org: &str, key: &str) -> Vec<String> {
        let key: Vec<&str> = key.split('.').collect();
        let own: Vec<&str> = ["orgs", org].into_iter().chain(key.clone()).collect();
        let is_own = self.key_span(own.iter().copied()).is_some();
        let may_be_own = is_of_org(key[0]) && self.org_names().len() > 1;
        let path = if is_own || may_be_own { own } else { key };
        path.into_iter().map(str::to_owned).collect()
    }

    /// What to replace, counted in characters, and by what.
    fn change(
        &self,
        text: &[char],
        path: &[&str],
        value: &Value,
    ) -> Option<(usize, usize, String)> {
        let mut node = &self.root;
        let mut entry: Option<&Entry> = None;
        for (depth, key) in path.iter().enumerate() {
            let below = node.entries().iter();
            let Some(found) = below.filter(|e| !e.repeated).find(|e| e.key == *key) else {
                return insertion(text, node, entry, &path[depth..], value);
            };
            // What an alias stands for is written elsewhere, and other keys may mean it too.
            if found.node.span.start < found.key_span.start {
                return None;
            }
            let between = &text[found.key_span.end..found.node.span.start.max(found.key_span.end)];
            if between.contains(&'&') {
                return None;
            }
            entry = Some(found);
            node = &found.node;
        }
        match &node.value {
            Content::Scalar { .. } if node.is_null() => None,
            Content::Scalar { .. } => {
                let written: String = text[node.span.start..node.span.end].iter().collect();
                let until = node.span.start + written.trim_end().chars().count();
                // A text over several lines is somebody's work of its own.
                let is_block = written.starts_with(['|', '>', '&']) || written.contains('\n');
                let quoted = written.starts_with(['"', '\'']);
                (!is_block).then(|| (node.span.start, until, yaml(value, quoted)))
            }
            Content::List(_) | Content::Map(_) => None,
        }
    }
}

/// The keys that are missing below a section, in one line.
fn insertion(
    text: &[char],
    node: &Node,
    parent: Option<&Entry>,
    missing: &[&str],
    value: &Value,
) -> Option<(usize, usize, String)> {
    let (last, sections) = missing.split_last()?;
    let mut new = format!("{last}: {}", yaml(value, false));
    for section in sections.iter().rev() {
        new = format!("{section}: {{ {new} }}");
    }
    if node.is_null() {
        let after_key = parent?.key_span.end;
        let colon = text[after_key..].iter().position(|c| *c == ':')? + after_key + 1;
        return Some((colon, colon, format!(" {{ {new} }}")));
    }
    let Content::Map(entries) = &node.value else {
        return None;
    };
    if text.get(node.span.start) == Some(&'{') {
        let at = node.span.start + 1;
        let new = match entries.is_empty() {
            true => format!(" {new} "),
            false => format!(" {new},"),
        };
        return Some((at, at, new));
    }
    let first = entries.first()?;
    // The top level has no line of its own: there the first key's does.
    let above = parent.map_or(first.key_span.start, |parent| parent.key_span.start);
    let line_start = |at: usize| {
        let before = text[..at].iter().rposition(|c| *c == '\n');
        before.map_or(0, |at| at + 1)
    };
    let indent: String = text[line_start(first.key_span.start)..first.key_span.start]
        .iter()
        .collect();
    if !indent.chars().all(|c| c == ' ') {
        return None;
    }
    let end = text[above..].iter().position(|c| *c == '\n');
    let end = end.map_or(text.len(), |end| above + end);
    let (end, line_break) = match end > 0 && text.get(end - 1) == Some(&'\r') {
        true => (end - 1, "\r\n"),
        false => (end, "\n"),
    };
    Some((end, end, format!("{line_break}{indent}{new}")))
}

/// A value as YAML has it in one line, with quotes where it would mean something else without.
fn yaml(value: &Value, quoted: bool) -> String {
    match value {
        Value::String(text) if !quoted && is_plain(text) => text.clone(),
        // A JSON string is a YAML string.
        other => other.to_string(),
    }
}

/// Whether a text can stand without quotes, also within braces.
fn is_plain(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "._@+/-".contains(c);
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .split(' ')
            .all(|part| !part.is_empty() && part.chars().all(word))
        && !reserved.contains(&text.to_ascii_lowercase().as_str())
}

/// The values that a key of the config can have, where they are few: the words, or true and false.
/// Empty for any other key.
pub fn choices(path: &str) -> Vec<Value> {
    kinds(path)
        .flat_map(
            |kind| match (kind["enum"].as_array(), kind["type"].as_str()) {
                (Some(words), _) => words.clone(),
                (None, Some("boolean")) => vec![Value::Bool(true), Value::Bool(false)],
                _ => Vec::new(),
            },
        )
        .collect()
}

/// Whether a key holds a number, so that a text read elsewhere must become one.
pub fn is_number(path: &str) -> bool {
    kinds(path).any(|kind| kind["type"] == "integer")
}

/// Every key with few values that decides what is rendered.
pub fn keys_with_choices() -> Vec<String> {
    let mut found = Vec::new();
    let mut open = ["email_cases", "external_client_app", "drift"]
        .map(str::to_owned)
        .to_vec();
    while let Some(path) = open.pop() {
        match at(&path)["properties"].as_object() {
            Some(keys) => open.extend(keys.keys().map(|key| format!("{path}.{key}"))),
            None if choices(&path).is_empty() => (),
            None => found.push(path),
        }
    }
    found.sort();
    found
}

/// Whether the block of an org can have a key of its own for it.
pub fn is_of_org(path: &str) -> bool {
    matches!(
        path.split('.').next(),
        Some("email_cases" | "external_client_app")
    )
}

/// What the schema says that a key can hold.
fn kinds(path: &str) -> impl Iterator<Item = &'static Value> {
    at(path)["anyOf"].as_array().into_iter().flatten()
}

/// What the schema says of a key; null where it has none of that name.
fn at(path: &str) -> &'static Value {
    // It is made and read once: a look for one value asks for it hundreds of times.
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(&super::schema()).unwrap_or_default());
    let parts = path.split('.');
    parts.fold(&SCHEMA, |node, key| {
        follow(&SCHEMA, &node["properties"][key])
    })
}

fn follow<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    let name = node["$ref"].as_str();
    let found = name.and_then(|name| schema.pointer(name.trim_start_matches('#')));
    found.unwrap_or(node)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    const TEXT: &str = "\
# Ours.
version: 1   # the only one

email_cases:   # to OpenCX
  # Where customers answer.
  reply_to: 'support@acme.example'   # verified
  webhook_url: ${env:OPENCX_WEBHOOK_URL}
  outbound: { sender: { display_name: Acme Support } }
  webhook:
orgs:
  dev: { auth: env, email_cases: { case_filter: all } }
  test:
    auth: env
";

    fn edited(text: &str, path: &str, value: &Value) -> Option<Edit> {
        let config = Config::parse(Path::new("opencx.yaml"), text).unwrap();
        let path: Vec<&str> = path.split('.').collect();
        let edit = config.with_value(text, &path, value)?;
        Config::parse(Path::new("opencx.yaml"), &edit.text).expect(&edit.text);
        Some(edit)
    }

    /// The lines that differ, and the number of the first.
    #[track_caller]
    fn changed(path: &str, value: &Value) -> (usize, String) {
        let edit = edited(TEXT, path, value).unwrap();
        let old: Vec<&str> = TEXT.lines().collect();
        let new = edit.text.lines().filter(|line| !old.contains(line));
        let new: Vec<&str> = new.collect();
        assert_eq!(new.len(), 1, "{new:?}");
        assert_eq!(edit.text.lines().nth(edit.line - 1), Some(new[0]));
        assert_eq!(
            edit.text.lines().count() - old.len(),
            usize::from(!TEXT.contains(&path_end(path)))
        );
        (edit.line, new[0].to_owned())
    }

    fn path_end(path: &str) -> String {
        format!("{}:", path.rsplit('.').next().unwrap())
    }

    #[test]
    fn a_value_is_replaced_and_its_comment_stays() {
        for (path, value, line, expected) in [
            (
                "email_cases.reply_to",
                json!("care@acme.example"),
                6,
                "  reply_to: \"care@acme.example\"   # verified",
            ),
            (
                "email_cases.outbound.sender.display_name",
                json!("Acme: Care"),
                8,
                "  outbound: { sender: { display_name: \"Acme: Care\" } }",
            ),
            (
                "orgs.dev.email_cases.case_filter",
                json!("only_opencx"),
                11,
                "  dev: { auth: env, email_cases: { case_filter: only_opencx } }",
            ),
        ] {
            assert_eq!(changed(path, &value), (line, expected.to_owned()));
        }
    }

    #[test]
    fn a_missing_key_gets_a_line_or_a_place_in_the_braces() {
        for (path, value, line, expected) in [
            (
                "email_cases.rep_replies.comments",
                json!(true),
                5,
                "  rep_replies: { comments: true }",
            ),
            (
                "email_cases.outbound.on_failure",
                json!("flag"),
                8,
                "  outbound: { on_failure: flag, sender: { display_name: Acme Support } }",
            ),
            (
                "email_cases.webhook.async_context",
                json!("event"),
                9,
                "  webhook: { async_context: event }",
            ),
            ("templates", json!("templates"), 3, "templates: templates"),
            (
                "salesforce.api_version",
                json!("65.0"),
                3,
                "salesforce: { api_version: \"65.0\" }",
            ),
        ] {
            let edit = edited(TEXT, path, &value).unwrap();
            let text = edit.text.lines().nth(edit.line - 1).unwrap();
            assert_eq!((edit.line, text), (line, expected), "{}", edit.text);
        }
        let edit = edited(
            TEXT,
            "orgs.test.email_cases.reply_to",
            &json!("a@b.example"),
        )
        .unwrap();
        assert!(
            edit.text
                .contains("  test:\n    email_cases: { reply_to: a@b.example }\n    auth: env")
        );
    }

    #[test]
    fn line_ends_and_the_mark_at_the_start_stay() {
        let text = format!("\u{feff}{}", TEXT.replace('\n', "\r\n"));
        for path in [
            "email_cases.reply_to",
            "email_cases.outbound.from_address",
            "templates",
        ] {
            let edit = edited(&text, path, &json!("a@b.example")).unwrap();
            assert_eq!(
                edit.text.matches('\n').count(),
                edit.text.matches("\r\n").count()
            );
            assert!(edit.text.starts_with("\u{feff}# Ours."));
        }
    }

    #[test]
    fn what_is_written_elsewhere_is_left_alone() {
        let text = TEXT
            .replace("'support@acme.example'", "&address support@acme.example")
            .replace("case_filter: all", "reply_to: *address");
        for path in [
            "orgs.dev.email_cases.reply_to",
            "email_cases.reply_to",
            "email_cases.reply_to.more",
        ] {
            assert_eq!(edited(&text, path, &json!("a@b.example")), None, "{path}");
        }
    }

    #[test]
    fn choices_are_those_of_the_schema() {
        assert_eq!(
            choices("email_cases.case_filter"),
            [json!("all"), json!("not_opencx"), json!("only_opencx")]
        );
        assert_eq!(
            choices("email_cases.rep_replies.emails"),
            [json!(true), json!(false)]
        );
        assert!(choices("email_cases.reply_to").is_empty());
        assert!(is_number("email_cases.outbound.attachments.delay_minutes"));
        let keys = keys_with_choices();
        assert!(
            keys.contains(&"email_cases.outbound.on_failure".to_owned()),
            "{keys:?}"
        );
        assert!(
            keys.contains(&"external_client_app.require_pkce".to_owned()),
            "{keys:?}"
        );
        assert!(
            keys.contains(&"drift.reader_permission_set".to_owned()),
            "{keys:?}"
        );
    }
}
