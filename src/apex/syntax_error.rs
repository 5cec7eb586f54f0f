//! Parse errors in the words of the Apex compiler and at the place where it reports them.
//!
//! tree-sitter recovers instead of reporting: its tree has ERROR nodes over what it could not
//! place, which begin where the broken construct begins, and MISSING nodes for tokens that it made
//! up. The token that a person must look at is found from those.

use tree_sitter::Node;

use super::literal::{self, Illegal};
use super::source::descendants;
use super::syntax::is_declaration;

/// Byte offset and message of each error below the root, in no particular order.
pub(super) fn find(text: &str, root: Node<'_>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    if root.is_error() {
        found.push(unexpected(text, root));
        return found;
    }
    let mut declared = false;
    let mut cursor = root.walk();
    for node in root.children(&mut cursor) {
        if node.is_extra() && !node.is_error() {
            continue;
        }
        // The grammar takes any statement here, as anonymous Apex has them; a file is one
        // declaration.
        if !node.is_error() && (declared || !is_declaration(node)) {
            found.push(unexpected_at(text, node.start_byte()));
            return found;
        }
        declared |= !node.is_error();
        find_within(text, node, &mut found);
    }
    if !declared && found.is_empty() {
        found.push(unexpected_at(text, text.len()));
    }
    found
}

fn find_within(text: &str, node: Node<'_>, found: &mut Vec<(usize, String)>) {
    let mut covered = node.start_byte();
    for inner in descendants(node) {
        if inner.is_error() {
            // What lies within one is part of the same mistake.
            if inner.start_byte() >= covered {
                found.push(unexpected(text, inner));
                covered = inner.end_byte();
            }
        } else if inner.is_missing() {
            found.push(missing(text, inner));
        } else if inner.kind() == "string_literal" && !within_query(inner) {
            let token = text.get(inner.byte_range()).unwrap_or_default();
            if let Err(illegal) = literal::units(token) {
                found.push((inner.start_byte(), illegal.to_string()));
            }
        }
    }
}

/// Queries have their own escapes: `\%` and `\_`.
fn within_query(node: Node<'_>) -> bool {
    std::iter::successors(node.parent(), Node::parent)
        .any(|ancestor| ancestor.kind() == "query_expression")
}

fn missing(text: &str, node: Node<'_>) -> (usize, String) {
    let start = skip_space(text, node.start_byte());
    if node.is_named() {
        return unexpected_at(text, start);
    }
    let token = token_at(text, start);
    (start, format!("Missing '{}' at '{token}'", node.kind()))
}

/// The error of an ERROR node: its first token that the parser had no use for, or the token behind
/// it when it had use for all of them.
fn unexpected(text: &str, error: Node<'_>) -> (usize, String) {
    if error.child_count() == 0 {
        // The grammar gives this token no node of its own. Of those only an assignment's operator
        // can be in its right place, with the value missing.
        let shifted = text
            .get(error.byte_range())
            .is_some_and(|token| token.ends_with('='));
        let byte = if shifted {
            error.end_byte()
        } else {
            error.start_byte()
        };
        return unexpected_at(text, byte);
    }
    let mut open = 0_usize;
    for leaf in descendants(error)
        .skip(1)
        .filter(|node| node.child_count() == 0)
    {
        match leaf.kind() {
            "(" | "[" | "{" => open += 1,
            // Its opening half has its place outside, or there is none.
            ")" | "]" | "}" if open == 0 => return unexpected_at(text, leaf.start_byte()),
            ")" | "]" | "}" => open -= 1,
            _ => {}
        }
        if is_rejected(leaf) {
            return unexpected_at(text, leaf.start_byte());
        }
    }
    unexpected_at(text, error.end_byte())
}

/// Whether the parser had no action for this token in the state in which it met it.
fn is_rejected(leaf: Node<'_>) -> bool {
    let symbol = leaf.grammar_id();
    leaf.language()
        .lookahead_iterator(leaf.parse_state())
        .is_some_and(|mut accepted| accepted.all(|candidate| candidate != symbol))
}

fn unexpected_at(text: &str, byte: usize) -> (usize, String) {
    let start = skip_space(text, byte);
    let rest = text.get(start..).unwrap_or_default();
    let message = if rest.starts_with('\'') {
        illegal_literal(rest).to_string()
    } else if rest.starts_with("/*") {
        "Missing closing mark */ on multi-line comment".to_owned()
    } else {
        format!("Unexpected token '{}'", token_at(text, start))
    };
    (start, message)
}

/// What is wrong with the literal that a text begins with.
fn illegal_literal(rest: &str) -> Illegal {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, character)| {
        let closes = *character == '\'' && !escaped;
        escaped = *character == '\\' && !escaped;
        closes || matches!(character, '\n' | '\r')
    });
    let token = end.map_or(rest, |(index, _)| rest.get(..=index).unwrap_or(rest));
    literal::units(token).err().unwrap_or(Illegal::Unclosed)
}

/// Skips white space and comments; one that is not closed is a token.
fn skip_space(text: &str, byte: usize) -> usize {
    let mut rest = text.get(byte..).unwrap_or_default();
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.find(['\r', '\n']).map_or("", |end| &comment[end..]);
        } else if let Some(comment) = rest.strip_prefix("/*")
            && let Some(end) = comment.find("*/")
        {
            rest = &comment[end + 2..];
        } else {
            return text.len() - rest.len();
        }
    }
}

/// The word or the single character at a place.
fn token_at(text: &str, byte: usize) -> &str {
    let rest = text.get(byte..).unwrap_or_default();
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let word = rest
        .find(|character| !is_word(character))
        .unwrap_or(rest.len());
    let end = if word > 0 {
        word
    } else {
        rest.chars().next().map_or(0, char::len_utf8)
    };
    // A word of any length would make a message of any length.
    let end = rest
        .char_indices()
        .nth(40)
        .map_or(end, |(limit, _)| end.min(limit));
    if end == 0 { "<EOF>" } else { &rest[..end] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::apex::{Source, comment_text, parse, string_literal};

    fn errors(source: &str) -> Vec<(usize, usize, String)> {
        let errors = parse(source).errors.into_iter();
        errors
            .map(|error| (error.line, error.column, error.message))
            .collect()
    }

    /// Places and tokens are those that Salesforce's own compiler front end reports.
    #[test]
    fn errors_are_where_the_compiler_sees_them() {
        for (source, line, column, message) in [
            (
                "class A { void f() { Integer x = ; } }",
                1,
                34,
                "Unexpected token ';'",
            ),
            (
                "class A { void f() { Integer x = 1 } }",
                1,
                36,
                "Missing ';' at '}'",
            ),
            (
                "class A { void f() { foo( } }",
                1,
                27,
                "Unexpected token '}'",
            ),
            ("class A { void f() { ", 1, 22, "Unexpected token '<EOF>'"),
            ("class A { void f() { } } }", 1, 26, "Unexpected token '}'"),
            (
                "class A { String s = 'abc; }",
                1,
                22,
                "Missing closing quote character ' on string",
            ),
            (
                "class A { void f() { if (x { } } }",
                1,
                28,
                "Missing ')' at '{'",
            ),
            ("clas A { }", 1, 1, "Unexpected token 'clas'"),
            ("class A { foo }", 1, 15, "Unexpected token '}'"),
            ("x = 1;", 1, 1, "Unexpected token 'x'"),
            ("// only a comment\n", 2, 1, "Unexpected token '<EOF>'"),
            (
                "class A { /* }",
                1,
                11,
                "Missing closing mark */ on multi-line comment",
            ),
            (
                "trigger T on Case (after) { }",
                1,
                20,
                "Unexpected token 'after'",
            ),
            (
                "class A { int f() { return 1 2; } }",
                1,
                30,
                "Unexpected token '2'",
            ),
            ("class A { # }", 1, 11, "Unexpected token '#'"),
            ("class A {}\nclass B {}", 2, 1, "Unexpected token 'class'"),
            (
                "class A {\n  /* é */ é é é; }",
                2,
                15,
                "Unexpected token 'é'",
            ),
            (
                "class A { String s = 'a\\qb'; }",
                1,
                22,
                "Illegal string literal: Illegal character sequence \\q in string literal",
            ),
            (
                "class A { String s = 'a\\_b'; }",
                1,
                22,
                "Illegal string literal: Illegal character sequence \\_ in string literal",
            ),
            (
                "class A { String s = 'a\nb'; }",
                1,
                22,
                "Illegal string literal: Line breaks are not allowed in string literals",
            ),
        ] {
            let first = errors(source).into_iter().next();
            assert_eq!(first, Some((line, column, message.to_owned())), "{source}");
        }
    }

    #[test]
    fn several_errors_are_found_and_capped() {
        let two = "class A {\n void f() { Integer x = ; }\n void g() { return 1 }\n}";
        assert_eq!(
            errors(two),
            [
                (2, 25, "Unexpected token ';'".to_owned()),
                (3, 22, "Missing ';' at '}'".to_owned()),
            ]
        );
        let many = format!("class A {{ {} }}", "void f() { return 1 }\n".repeat(50));
        assert_eq!(errors(&many).len(), 20);
    }

    #[test]
    fn what_our_templates_use_parses() {
        let source = include_str!("syntax_accepted.cls");
        assert_eq!(errors(source), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_can_be_parsed(text in any::<String>()) {
            parse(&text);
        }

        #[test]
        fn any_tokens_can_be_parsed(
            text in r"(class |A |trigger |[(){}\[\];=.,<>'/*@]|//|\n|SELECT |FROM |é|if |new |\\|1)*"
        ) {
            let source = Source::parse(&text);
            prop_assert!(source.errors().len() <= 20);
            source.declaration();
            source.bindings();
            source.calls();
            source.trigger_statements();
        }

        #[test]
        fn a_literal_is_one_token(text in any::<String>().prop_map(|text| text.replace('\0', ""))) {
            let literal = string_literal(&text).unwrap();
            let class = format!("class A {{ String s = {literal}; }}");
            let source = Source::parse(&class);
            prop_assert_eq!(source.errors(), []);
            let found: Vec<_> = source.string_literals().iter().map(|span| span.text).collect();
            prop_assert_eq!(found, [literal.as_str()]);
        }

        #[test]
        fn a_comment_is_one_token(text in r"([/*\\u]|.|\n)+") {
            let comment = comment_text(&text);
            for comment in [format!("/* {comment} */"), format!("// {comment}\n"),
                            format!("/**\n *{comment}/\n */")] {
                let class = format!("{comment}class A {{}}");
                let source = Source::parse(&class);
                prop_assert_eq!(source.errors(), []);
                let found: Vec<_> = source.comments().iter().map(|span| span.text).collect();
                prop_assert_eq!(found, [comment.trim_end_matches('\n')]);
            }
        }
    }
}
