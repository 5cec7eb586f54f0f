//! What the platform's refusals mean: from its words to the cause, the fix and the config keys that
//! help. Data only; a row is also the page of its code.
//!
//! Texts as Salesforce's clients, guides and users report them. The platform translates some of
//! them, so a text that no row knows is nothing unusual: it is shown as it is.

mod apex;
mod apex_tests;
mod assignment;
mod metadata;
mod org;

use crate::diag::Code;

/// One kind of refusal.
#[derive(Debug, PartialEq, Eq)]
pub struct Advice {
    /// Its code, `org/kebab-name`.
    pub code: Code,
    /// What the platform says; `*` stands for anything, and case doesn't matter.
    patterns: &'static [&'static str],
    /// The type that a component must have for this row to be about it; empty for any.
    of_type: &'static str,
    /// Why it says so, one sentence or two.
    pub cause: &'static str,
    /// What a person does; `{1}` is what the first `*` stood for.
    fix: &'static str,
    /// Config keys that help.
    pub keys: &'static [&'static str],
    /// What becomes of it without a change.
    pub course: Course,
}

/// What becomes of a refusal when nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// It comes again.
    Stays,
    /// The same deploy may succeed later.
    Passes,
    /// It goes with another refusal of the same deploy.
    Follows,
}

/// A row that fits a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The row.
    pub advice: &'static Advice,
    /// What a person does, with the names in the text.
    pub fix: String,
}

const fn row(
    code: &'static str,
    patterns: &'static [&'static str],
    cause: &'static str,
    fix: &'static str,
) -> Advice {
    Advice {
        code: Code(code),
        patterns,
        of_type: "",
        cause,
        fix,
        keys: &[],
        course: Course::Stays,
    }
}

impl Advice {
    const fn keys(mut self, keys: &'static [&'static str]) -> Self {
        self.keys = keys;
        self
    }

    const fn of_type(mut self, name: &'static str) -> Self {
        self.of_type = name;
        self
    }

    const fn course(mut self, course: Course) -> Self {
        self.course = course;
        self
    }

    /// The page: cause, the platform's words, the fix.
    pub fn page(&self) -> String {
        let words: Vec<String> = self
            .patterns
            .iter()
            .map(|pattern| format!("`{}`", pattern.replace('*', "…")))
            .collect();
        let words = if words.is_empty() {
            String::new()
        } else {
            format!("The org's words: {}.\n\n", words.join(", "))
        };
        let keys: Vec<String> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        let keys = if keys.is_empty() {
            String::new()
        } else {
            format!(" In the config: {}.", keys.join(", "))
        };
        let fix = ["{1}", "{2}"]
            .iter()
            .fold(self.fix.to_owned(), |fix, place| fix.replace(place, "…"));
        format!("{}\n\n{words}What to do: {fix}.{keys}", self.cause)
    }
}

/// The rows by their subject. Within all of them the first that fits counts.
const TABLES: [&[Advice]; 5] = [
    assignment::ROWS,
    org::ROWS,
    apex_tests::ROWS,
    apex::ROWS,
    metadata::ROWS,
];

/// For a text that no row knows.
pub static UNEXPLAINED: Advice = row(
    "org/unexplained",
    &[],
    "The org refused it in words that this tool has no explanation for.",
    "read the org's own words; Setup > Deployment Status shows the same deploy in Salesforce. If the \
     cause is in our templates, please report the text",
);

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Advice> {
    TABLES.into_iter().flatten().chain([&UNEXPLAINED])
}

/// What fits the platform's text about a component of that type (empty when it is about none).
pub fn find(component_type: &str, text: &str) -> Option<Found> {
    TABLES.into_iter().flatten().find_map(|advice| {
        if !advice.of_type.is_empty() && advice.of_type != component_type {
            return None;
        }
        let mut patterns = advice.patterns.iter();
        let stars = patterns.find_map(|pattern| captures(pattern, text))?;
        let mut fix = advice.fix.to_owned();
        for (index, star) in stars.iter().enumerate() {
            fix = fix.replace(&format!("{{{}}}", index + 1), star);
        }
        // A pattern of the row that has fewer stars.
        for place in ["{1}", "{2}"] {
            fix = fix.replace(place, "…");
        }
        Some(Found { advice, fix })
    })
}

/// The longest text that is repeated in a fix.
const LONGEST: usize = 80;

/// What the stars of a pattern stand for, if its parts are in the text one after the other.
fn captures(pattern: &str, text: &str) -> Option<Vec<String>> {
    // ASCII only, so that places in one are places in the other.
    let lower = text.to_ascii_lowercase();
    let mut parts = pattern.split('*');
    let first = parts.next()?.to_ascii_lowercase();
    let mut at = lower.find(&first)? + first.len();
    let mut stars = Vec::new();
    for part in parts {
        let part = part.to_ascii_lowercase();
        let length = if part.is_empty() {
            end_of(&lower[at..])
        } else {
            lower[at..].find(&part)?
        };
        stars.push(text[at..at + length].trim().chars().take(LONGEST).collect());
        at += length + part.len();
    }
    Some(stars)
}

/// Where a name at the end of a text ends.
fn end_of(text: &str) -> usize {
    let ends = ["\n", ". ", " at line ", ": "];
    let ends = ends.iter().filter_map(|end| text.find(end));
    ends.min().unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
