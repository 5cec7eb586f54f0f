//! Findings as text, in the form that compilers have made familiar.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::plain;
use crate::diag::{Diagnostic, Place, Severity};

/// One finding: code, message, the line of the file where there is one, causes, help.
pub fn render(finding: &Diagnostic) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(plain(&finding.message))
        .id(finding.code.0);
    let mut group = match &finding.place {
        Some(Place::File(snippet)) => {
            let text = plain(&snippet.text);
            let start = byte_offset(&text, snippet.column.saturating_sub(1));
            let end = byte_offset(
                &text,
                snippet.column.saturating_sub(1) + snippet.length.max(1),
            );
            title.element(
                Snippet::source(text)
                    .line_start(snippet.line)
                    .path(plain(&snippet.file))
                    .annotation(
                        AnnotationKind::Primary
                            .span(start..end)
                            .label(plain(&snippet.label)),
                    ),
            )
        }
        Some(place) => title.element(Origin::path(plain(&where_text(place)))),
        None => Group::with_title(title),
    };
    for cause in &finding.because {
        group = group.element(Level::NOTE.message(plain(cause)));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(plain(help)));
    }
    Renderer::styled()
        .decor_style(DecorStyle::Ascii)
        .render(&[group])
}

/// All findings, an empty line between them.
pub fn render_all(findings: &[Diagnostic]) -> String {
    findings.iter().map(render).collect::<Vec<_>>().join("\n\n")
}

fn where_text(place: &Place) -> String {
    match place {
        Place::File(snippet) => snippet.file.clone(),
        Place::Path { path } => path.clone(),
        Place::Org { org } => format!("org {org}"),
        Place::Component {
            org,
            component,
            line,
        } => {
            let org = org
                .as_ref()
                .map(|org| format!("{org}: "))
                .unwrap_or_default();
            let line = line
                .map(|line| format!(", line {line}"))
                .unwrap_or_default();
            format!("{org}{component}{line}")
        }
    }
}

/// Byte offset of the character with that index; the text's end when it has fewer.
fn byte_offset(text: &str, index: usize) -> usize {
    text.char_indices()
        .nth(index)
        .map_or(text.len(), |(offset, _)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Category, Code, Snippet as Line};

    fn shown(finding: &Diagnostic) -> String {
        anstream::adapter::strip_str(&render(finding)).to_string()
    }

    #[test]
    fn points_at_the_line() {
        let finding = Diagnostic::error(
            Code("config/unknown-key"),
            Category::Config,
            "unknown key `replyto`",
        )
        .at(Place::File(Line {
            file: "opencx.yaml".into(),
            line: 4,
            column: 3,
            text: "  replyto: a@b.example".into(),
            length: 7,
            label: "not a key of `email_cases`".into(),
        }))
        .help("did you mean `reply_to`?");
        snapbox::assert_data_eq!(
            shown(&finding),
            snapbox::str![[r#"
error[config/unknown-key]: unknown key `replyto`
 --> opencx.yaml:4:3
  |
4 |   replyto: a@b.example
  |   ^^^^^^^ not a key of `email_cases`
  |
  = help: did you mean `reply_to`?
"#]]
        );
    }

    #[test]
    fn any_text_and_position_renders() {
        proptest::proptest!(|(text in ".*", column in 0_usize..50, length in 0_usize..50)| {
            let finding = Diagnostic::error(Code("a/b"), Category::Bug, text.clone()).at(
                Place::File(Line {
                    file: text.clone(), line: 1, column, text, length, label: String::new(),
                }),
            );
            render(&finding);
        });
    }
}
