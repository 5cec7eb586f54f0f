//! Pages on the codes of findings: what each means, why it matters, what to do.
//!
//! A page is a section of a file under `help/pages`, one file per area. Rules of `lint` are their
//! own pages: what they say about themselves is what is checked. So are the rows of `advice`.

use crate::{advice, lint};

/// The files of the pages, by area.
const FILES: [(&str, &str); 20] = [
    ("adopt", include_str!("help/pages/adopt.md")),
    ("auth", include_str!("help/pages/auth.md")),
    ("bundle", include_str!("help/pages/bundle.md")),
    ("cli", include_str!("help/pages/cli.md")),
    ("config", include_str!("help/pages/config.md")),
    ("deploy", include_str!("help/pages/deploy.md")),
    ("doctor", include_str!("help/pages/doctor.md")),
    ("drift", include_str!("help/pages/drift.md")),
    ("emulator", include_str!("help/pages/emulator.md")),
    ("fleet", include_str!("help/pages/fleet.md")),
    ("forwarding", include_str!("help/pages/forwarding.md")),
    ("guard", include_str!("help/pages/guard.md")),
    ("notify", include_str!("help/pages/notify.md")),
    ("package", include_str!("help/pages/package.md")),
    ("render", include_str!("help/pages/render.md")),
    ("sf", include_str!("help/pages/sf.md")),
    ("simulate", include_str!("help/pages/simulate.md")),
    ("template", include_str!("help/pages/template.md")),
    ("trace", include_str!("help/pages/trace.md")),
    ("verify", include_str!("help/pages/verify.md")),
];

/// What is known of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The code, `area/kebab-name`.
    pub code: &'static str,
    /// Paragraphs parted by empty lines, as Markdown.
    pub text: String,
}

impl Page {
    /// The first sentence, which says what the code means.
    pub fn summary(&self) -> &str {
        let line = self.text.lines().next().unwrap_or_default();
        line.split_once(". ").map_or(line, |(first, _)| first)
    }
}

/// Every page, sorted by code.
pub fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = lint::rules().iter().map(of_rule).collect();
    pages.extend(advice::rows().map(|row| Page {
        code: row.code.0,
        text: row.page(),
    }));
    for (_, file) in FILES {
        for section in file.split("## ").skip(1) {
            if let Some((code, text)) = section.split_once('\n') {
                let text = text.trim().to_owned();
                pages.push(Page { code, text });
            }
        }
    }
    pages.sort_by_key(|page| page.code);
    pages
}

/// The page of a code.
pub fn page(code: &str) -> Option<Page> {
    pages().into_iter().find(|page| page.code == code)
}

fn of_rule(rule: &'static lint::Rule) -> Page {
    let mut summary = rule.summary.chars();
    let first: String = summary
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    Page {
        code: rule.code.0,
        text: format!(
            "{first}{}.\n\n{}\n\nWhat to do: {}.",
            summary.as_str(),
            rule.explain,
            rule.help
        ),
    }
}

#[cfg(test)]
mod tests;
