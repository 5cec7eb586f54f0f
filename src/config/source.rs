//! The text of the config file: which line a character is on, and how that line is shown without
//! the secrets that somebody wrote into it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::diag::Snippet;
use crate::secret::MASK;

/// A range of the text, counted in characters; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

/// A config file's name and lines.
#[derive(Clone)]
pub(super) struct Source {
    file: PathBuf,
    lines: Vec<Line>,
    masks: Vec<Span>,
}

#[derive(Clone)]
struct Line {
    start: usize,
    text: Vec<char>,
}

impl Source {
    /// Splits the text at the line breaks of YAML: LF, CR LF and CR.
    pub fn new(file: &Path, text: &str) -> Self {
        let mut lines = vec![Line {
            start: 0,
            text: Vec::new(),
        }];
        let mut previous = None;
        for (index, character) in text.chars().enumerate() {
            let start = index + 1;
            match (character, previous, lines.last_mut()) {
                // The second half of CR LF: the line is there, it only starts later.
                ('\n', Some('\r'), Some(line)) => line.start = start,
                ('\n' | '\r', _, _) => lines.push(Line {
                    start,
                    text: Vec::new(),
                }),
                (_, _, Some(line)) => line.text.push(character),
                (_, _, None) => {}
            }
            previous = Some(character);
        }
        Self {
            file: file.to_owned(),
            lines,
            masks: Vec::new(),
        }
    }

    /// The file as the user named it.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Shows [`MASK`] in place of this range from now on, but for the space and colon before it.
    pub fn mask(&mut self, span: Span) {
        self.masks.push(span);
    }

    /// Masks what follows `key:` up to the next line with a key: for a text that could not be
    /// parsed, where the value's end is not known.
    pub fn mask_after(&mut self, key: &str) {
        let key: Vec<char> = key.chars().collect();
        let mut inside = false;
        for line in &self.lines {
            let found = line.text.windows(key.len()).position(|part| part == key);
            let value = found.map(|at| at + key.len());
            inside = value.is_some() || (inside && !has_key(&line.text));
            if inside {
                let value = value.unwrap_or_default();
                let rest = &line.text[value..];
                let skipped = rest.iter().take_while(|c| " \t:\"'".contains(**c)).count();
                self.masks.push(Span {
                    start: line.start + value + skipped,
                    end: line.start + line.text.len(),
                });
            }
        }
    }

    /// The 1-based line that a position is on.
    pub fn line_number(&self, position: usize) -> usize {
        self.lines
            .partition_point(|line| line.start <= position)
            .max(1)
    }

    /// The first line of a range, with the range underlined under `label`.
    pub fn snippet(&self, span: Span, label: &str) -> Snippet {
        let number = self.line_number(span.start);
        let line = &self.lines[number - 1];
        let within = |position: usize| position.saturating_sub(line.start).min(line.text.len());
        let (from, to) = (within(span.start), within(span.end));
        let shown = Masked::new(&line.text, self.hidden(line));
        let (from, to) = (shown.start(from), shown.end(to));
        Snippet {
            file: self.file.display().to_string(),
            line: number,
            column: from + 1,
            text: shown.text,
            length: to.saturating_sub(from).max(1),
            label: label.to_owned(),
        }
    }

    /// The parts of a line that must not be shown, in order and apart from each other.
    fn hidden(&self, line: &Line) -> Vec<Span> {
        let length = line.text.len();
        let known = self.masks.iter().map(|mask| {
            let start = mask.start.saturating_sub(line.start).min(length);
            let end = mask.end.saturating_sub(line.start).min(length);
            let masked = line.text.get(start..end).unwrap_or_default();
            let space = masked.iter().take_while(|c| " \t:".contains(**c)).count();
            Span {
                start: start + space,
                end,
            }
        });
        let mut all: Vec<Span> = known.chain(urls(&line.text)).collect();
        all.retain(|span| span.start < span.end);
        all.sort();
        let mut apart: Vec<Span> = Vec::new();
        for span in all {
            match apart.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => apart.push(span),
            }
        }
        apart
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// Whether a line has a `key:`.
fn has_key(line: &[char]) -> bool {
    line.last() == Some(&':') || line.windows(2).any(|pair| pair == [':', ' '])
}

/// Every URL in a line. No other value of the config is one, so what looks like a URL is a webhook
/// that stands under a misspelt key.
fn urls(text: &[char]) -> Vec<Span> {
    let mut found = Vec::new();
    for at in 0..text.len().saturating_sub(2) {
        if text[at..at + 3] != [':', '/', '/'] {
            continue;
        }
        let scheme = text[..at].iter().rev();
        let scheme = scheme.take_while(|c| c.is_ascii_alphanumeric()).count();
        let rest = text[at..].iter();
        let rest = rest.take_while(|c| !c.is_whitespace() && !"\"'".contains(**c));
        found.push(Span {
            start: at - scheme,
            end: at + rest.count(),
        });
    }
    found
}

/// A line with its hidden parts replaced, and where its characters went.
struct Masked {
    text: String,
    hidden: Vec<Span>,
}

impl Masked {
    fn new(line: &[char], hidden: Vec<Span>) -> Self {
        let mut text = String::new();
        let mut done = 0;
        for span in &hidden {
            text.extend(&line[done..span.start]);
            text.push_str(MASK);
            done = span.end;
        }
        text.extend(&line[done..]);
        Self { text, hidden }
    }

    /// Where a range that started at `position` starts now.
    fn start(&self, position: usize) -> usize {
        let inside = |span: &&Span| span.start < position && position < span.end;
        let position = self
            .hidden
            .iter()
            .find(inside)
            .map_or(position, |span| span.start);
        self.moved(position)
    }

    /// Where a range that ended before `position` ends now.
    fn end(&self, position: usize) -> usize {
        let inside = |span: &&Span| span.start < position && position < span.end;
        let position = self
            .hidden
            .iter()
            .find(inside)
            .map_or(position, |span| span.end);
        self.moved(position)
    }

    fn moved(&self, position: usize) -> usize {
        let before = self.hidden.iter().filter(|span| span.end <= position);
        before.fold(position, |moved, span| {
            moved + MASK.len() - (span.end - span.start)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(Path::new("opencx.yaml"), text)
    }

    #[test]
    fn finds_lines_for_every_kind_of_line_break() {
        let source = source("a\r\nb\rc\nd");
        for (position, line, text) in [(0, 1, "a"), (3, 2, "b"), (5, 3, "c"), (7, 4, "d")] {
            let snippet = source.snippet(
                Span {
                    start: position,
                    end: position + 1,
                },
                "",
            );
            assert_eq!(
                (snippet.line, snippet.column, snippet.text.as_str()),
                (line, 1, text)
            );
        }
    }

    #[test]
    fn shows_masked_values_and_keeps_positions() {
        let text = "{ a: https://x.example/token, b: 1 }";
        let snippet = source(text).snippet(Span { start: 30, end: 31 }, "unknown key");
        assert_eq!(snippet.text, "{ a: [redacted] b: 1 }");
        assert_eq!((snippet.column, snippet.length), (17, 1));
        let mut source = source("webhook_url: hunter2hunter2");
        source.mask(Span { start: 13, end: 27 });
        let snippet = source.snippet(Span { start: 13, end: 27 }, "inline secret");
        assert_eq!(snippet.text, "webhook_url: [redacted]");
        assert_eq!((snippet.column, snippet.length), (14, MASK.len()));
    }

    #[test]
    fn masks_what_follows_a_key_in_broken_text() {
        let mut source = source("webhook_url: \"hunter2 \n  hunter3\na: b\n");
        source.mask_after("webhook_url");
        for (start, shown) in [
            (0, "webhook_url: \"[redacted]"),
            (23, "  [redacted]"),
            (33, "a: b"),
        ] {
            let end = start + 1;
            assert_eq!(source.snippet(Span { start, end }, "").text, shown);
        }
    }

    #[test]
    fn a_position_past_the_end_is_on_the_last_line() {
        let snippet = source("ab\n").snippet(Span { start: 9, end: 12 }, "");
        assert_eq!((snippet.line, snippet.column, snippet.length), (2, 1, 1));
    }
}
