//! From rendered text back to its template: which line a line came from, and which values and
//! conditions had a part in it.

use std::collections::BTreeSet;

use super::VARIABLES;

/// A template's lines, taken apart.
#[derive(Debug, Clone)]
pub struct Outline(Vec<Line>);

#[derive(Debug, Clone, Default)]
struct Line {
    /// What stands there, white space around it left out; `None` is a value of any text.
    pieces: Vec<Option<String>>,
    /// Whether there is anything but text.
    has_tags: bool,
    /// The values that the line and the conditions around it read.
    variables: BTreeSet<String>,
}

impl Outline {
    /// Takes a template apart.
    pub fn of(template: &str) -> Self {
        let mut outline = Self(vec![Line::default()]);
        let mut open: Vec<BTreeSet<String>> = Vec::new();
        let mut rest = template;
        while let Some((text, kind, inside, after)) = next_tag(rest) {
            outline.text(text, &open);
            if kind == Tag::Raw {
                outline.text(inside, &open);
                rest = after;
                continue;
            }
            let variables = variables(inside);
            match (
                kind,
                inside.trim_matches(['-', ' ', '\n']).split(' ').next(),
            ) {
                (Tag::Block, Some("if" | "for" | "filter")) => open.push(variables.clone()),
                (Tag::Block, Some("elif")) => {
                    if let Some(condition) = open.last_mut() {
                        condition.extend(variables.clone());
                    }
                }
                (Tag::Block, Some("endif" | "endfor" | "endfilter")) => {
                    open.pop();
                }
                _ => {}
            }
            let line = outline.last();
            line.has_tags = true;
            if kind != Tag::Comment {
                line.variables.extend(variables);
            }
            if kind == Tag::Value || kind == Tag::Block {
                line.pieces.push(None);
            }
            for _ in inside.matches('\n') {
                outline.0.push(Line {
                    has_tags: true,
                    ..Line::default()
                });
            }
            rest = after;
        }
        outline.text(rest, &open);
        for line in &mut outline.0 {
            line.tidy();
        }
        outline
    }

    fn last(&mut self) -> &mut Line {
        if self.0.is_empty() {
            self.0.push(Line::default());
        }
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    fn text(&mut self, text: &str, open: &[BTreeSet<String>]) {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                self.0.push(Line::default());
            }
            let line = self.last();
            line.variables.extend(open.iter().flatten().cloned());
            if !part.is_empty() {
                line.pieces.push(Some(part.to_owned()));
            }
        }
    }

    /// The values that had a part in a line, 1-based: in the line itself, and in the conditions
    /// around it.
    pub fn variables(&self, line: usize) -> impl Iterator<Item = &str> {
        let line = line.checked_sub(1).and_then(|index| self.0.get(index));
        line.into_iter()
            .flat_map(|line| line.variables.iter().map(String::as_str))
    }

    /// The values that had a part in any line.
    pub fn all_variables(&self) -> BTreeSet<&str> {
        let lines = self.0.iter();
        lines
            .flat_map(|line| line.variables.iter().map(String::as_str))
            .collect()
    }

    /// The first line that holds that text and no value.
    pub fn find(&self, text: &str) -> Option<usize> {
        let wanted = [Some(text.to_owned())];
        let index = self.0.iter().position(|line| line.pieces == wanted)?;
        Some(index + 1)
    }

    /// For each line of what was rendered from this template: the template's line, 1-based, where
    /// one fits. Lines keep their order, and as many of them as possible find their own.
    pub fn align(&self, rendered: &str) -> Vec<Option<usize>> {
        let rendered: Vec<&str> = rendered.lines().map(str::trim).collect();
        let (rows, columns) = (self.0.len(), rendered.len());
        // The longest common subsequence, from the end.
        let mut best = vec![vec![0_u32; columns + 1]; rows + 1];
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                let fit = self.0[row].fit(rendered[column]);
                let both = if fit > 0 {
                    best[row + 1][column + 1] + fit
                } else {
                    0
                };
                best[row][column] = both.max(best[row + 1][column]).max(best[row][column + 1]);
            }
        }
        let mut found = vec![None; columns];
        let (mut row, mut column) = (0, 0);
        while row < rows && column < columns {
            let fit = self.0[row].fit(rendered[column]);
            if fit > 0 && best[row][column] == best[row + 1][column + 1] + fit {
                found[column] = Some(row + 1);
                row += 1;
                column += 1;
            } else if best[row][column] == best[row][column + 1] {
                column += 1;
            } else {
                row += 1;
            }
        }
        found
    }
}

impl Line {
    /// Between the first and the last tag of a condition anything may stand.
    fn tidy(&mut self) {
        let first = self.pieces.iter().position(Option::is_none);
        let last = self.pieces.iter().rposition(Option::is_none);
        if let (Some(first), Some(last)) = (first, last)
            && first < last
        {
            self.pieces.drain(first..last);
        }
        if let Some(Some(text)) = self.pieces.first_mut() {
            *text = text.trim_start().to_owned();
        }
        if let Some(Some(text)) = self.pieces.last_mut() {
            *text = text.trim_end().to_owned();
        }
        self.pieces
            .retain(|piece| piece.as_deref().is_none_or(|text| !text.is_empty()));
    }

    /// How well a rendered line fits: 0 not at all.
    fn fit(&self, rendered: &str) -> u32 {
        match self.pieces.as_slice() {
            [] => u32::from(!self.has_tags && rendered.is_empty()),
            [Some(text)] => 4 * u32::from(text == rendered),
            // A condition that stands alone leaves nothing behind, a value does.
            [None] => 0,
            [Some(before), None] => 3 * u32::from(rendered.starts_with(before)),
            [None, Some(after)] => 3 * u32::from(rendered.ends_with(after)),
            [Some(before), None, Some(after)] => {
                let fits = rendered.len() >= before.len() + after.len()
                    && rendered.starts_with(before)
                    && rendered.ends_with(after);
                3 * u32::from(fits)
            }
            _ => 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Value,
    Block,
    Comment,
    Raw,
}

/// The text before the next tag, the tag's kind and inside, and what comes after it.
fn next_tag(text: &str) -> Option<(&str, Tag, &str, &str)> {
    let kinds = [
        (Tag::Value, "{{", "}}"),
        (Tag::Block, "{%", "%}"),
        (Tag::Comment, "{#", "#}"),
    ];
    let at = |opening: &str| text.find(opening);
    let (start, (kind, _, closing)) = kinds
        .into_iter()
        .filter_map(|kind| Some((at(kind.1)?, kind)))
        .min_by_key(|(start, _)| *start)?;
    let (before, rest) = (&text[..start], &text[start + 2..]);
    let end = rest.find(closing)?;
    let (inside, after) = (&rest[..end], &rest[end + 2..]);
    if kind == Tag::Block && inside.trim_matches(['-', ' ']) == "raw" {
        let closing = after.find("{%")?;
        let end = after[closing..].find("%}")?;
        return Some((
            before,
            Tag::Raw,
            &after[..closing],
            &after[closing + end + 2..],
        ));
    }
    Some((before, kind, inside, after))
}

/// The values that a tag reads: `names.CaseTrigger`, `reply_to`.
fn variables(tag: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Every other part is in quotes.
    for code in tag.split(['"', '\'']).step_by(2) {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        for path in code.split(|c| !word(c)) {
            let root = path.split('.').next().unwrap_or_default();
            if VARIABLES.contains(&root) {
                found.insert(path.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "{# version: 1 #}
class {{ names.A }} {
    {%- if on_failure == \"flag\" %}
    a = {{ reply_to }};
    {%- elif has_attachments %}
    b = {% if case_filter == \"all\" %}'x'{% else %}null{% endif %};
    {%- endif %}
    {#- two
        lines #}
    c();
    {% raw %}d = '{{ reply_to }}';{% endraw %}
}
";

    #[test]
    fn a_line_knows_its_values_and_the_conditions_around_it() {
        let outline = Outline::of(TEMPLATE);
        let variables = |line| outline.variables(line).collect::<Vec<_>>();
        assert_eq!(variables(2), ["names.A"]);
        assert_eq!(variables(4), ["on_failure", "reply_to"]);
        assert_eq!(
            variables(6),
            ["case_filter", "has_attachments", "on_failure"]
        );
        assert_eq!(variables(10), [""; 0]);
        assert_eq!(variables(0), [""; 0]);
        assert_eq!(variables(99), [""; 0]);
    }

    #[test]
    fn a_rendered_line_finds_its_template_line() {
        let outline = Outline::of(TEMPLATE);
        let rendered =
            "// marker\nclass B {\n    b = null;\n    c();\n    d = '{{ reply_to }}';\n}\n";
        assert_eq!(
            outline.align(rendered),
            [None, Some(2), Some(6), Some(10), Some(11), Some(12)]
        );
    }

    #[test]
    fn any_text_can_be_taken_apart() {
        proptest::proptest!(|(text in "(\\PC|\\n|\\{\\{|\\}\\}|\\{%|%\\}|raw|if){0,60}", other in "(\\PC|\\n){0,40}")| {
            let outline = Outline::of(&text);
            outline.align(&other);
            outline.all_variables();
        });
    }
}
