//! What the parts do together: findings of whole files, layers, references, secrets, examples.

mod auth;
mod examples;
mod external_client_app;
mod layers;
mod mistakes;
mod properties;
mod references;
mod schema;
mod secrets;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::*;

/// A complete config; tests put their own lines in place of its last ones.
const TOP: &str = "\
version: 1
email_cases:
  webhook_url: ${env:HOOK}
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme } }
";

/// References that lead to maps. What is in neither is absent.
#[derive(Default)]
struct Outside {
    env: BTreeMap<&'static str, &'static str>,
    files: BTreeMap<&'static str, &'static str>,
}

impl Outside {
    fn env<const N: usize>(env: [(&'static str, &'static str); N]) -> Self {
        Self {
            env: env.into(),
            files: BTreeMap::new(),
        }
    }
}

impl References for Outside {
    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).map(|value| (*value).to_owned())
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        let content = path.to_str().and_then(|path| self.files.get(path));
        content
            .map(|content| (*content).to_owned())
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }
}

fn parse(text: &str) -> Result<Config, Vec<Diagnostic>> {
    Config::parse(Path::new("conf/opencx.yaml"), text)
}

/// One finding on one line: code, line:column+length, message, causes and help.
fn brief(diagnostic: &Diagnostic) -> String {
    let place = match &diagnostic.place {
        Some(Place::File(at)) => format!("{}:{}+{}", at.line, at.column, at.length),
        other => format!("{other:?}"),
    };
    let mut parts = vec![format!(
        "{} {place} {}",
        diagnostic.code, diagnostic.message
    )];
    parts.extend(diagnostic.because.iter().cloned());
    parts.extend(diagnostic.help.clone());
    parts.join(" | ")
}

fn briefs<T>(outcome: Result<T, Vec<Diagnostic>>) -> Vec<String> {
    match outcome {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics.iter().map(brief).collect(),
    }
}

fn mistakes(text: &str) -> Vec<String> {
    briefs(parse(text))
}
