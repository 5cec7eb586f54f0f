//! A parsed Apex file and the facts that rules ask of it. The tree-sitter types stay in `apex`.

use tree_sitter::{Node, Parser, Tree};

use super::grammar::for_parser;

/// A parsed Apex file. Broken Apex parses too; [`Source::errors`] says where it is broken.
#[derive(Debug)]
pub struct Source<'a> {
    text: &'a str,
    tree: Option<Tree>,
}

/// A piece of a source and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// The text as written.
    pub text: &'a str,
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters.
    pub column: usize,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression<'a> {
    /// Its text and place.
    pub span: Span<'a>,
    /// Every name in it, of variables, methods, fields and types, in the order of the text.
    pub words: Vec<&'a str>,
}

/// A call of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<'a> {
    /// The whole call, from its receiver to the closing parenthesis; the place is that of the name.
    pub span: Span<'a>,
    /// What stands before the dot, if anything.
    pub receiver: Option<&'a str>,
    /// The method's name as written; Apex compares names without regard to case.
    pub name: &'a str,
    /// Its arguments.
    pub arguments: Vec<Expression<'a>>,
}

/// A value that a name gets: a variable's first value, an assignment, or what a method or getter
/// of that name returns. That of a compound assignment is the whole of it, `a += b`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding<'a> {
    /// What stands before the dot of an assignment: `message` in `message.replyTo = …`.
    pub receiver: Option<&'a str>,
    /// The name.
    pub name: &'a str,
    /// The value.
    pub value: Expression<'a>,
}

impl<'a> Source<'a> {
    /// Parses a file.
    pub fn parse(text: &'a str) -> Self {
        let mut parser = Parser::new();
        let tree = parser
            .set_language(&tree_sitter_sfapex::apex::LANGUAGE.into())
            .ok()
            .and_then(|()| parser.parse(for_parser(text).as_ref(), None));
        Self { text, tree }
    }

    /// The text that was parsed.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Every call of a method.
    pub fn calls(&self) -> Vec<Call<'a>> {
        self.nodes(&["method_invocation"])
            .filter_map(|node| self.call(node))
            .collect()
    }

    pub(super) fn call(&self, node: Node<'_>) -> Option<Call<'a>> {
        let name = node.child_by_field_name("name")?;
        let arguments = node.child_by_field_name("arguments")?;
        let mut cursor = arguments.walk();
        Some(Call {
            span: Span {
                text: self.text_of(node),
                ..self.span(name)
            },
            receiver: node
                .child_by_field_name("object")
                .map(|object| self.text_of(object)),
            name: self.text_of(name),
            arguments: arguments
                .named_children(&mut cursor)
                .filter(|argument| !argument.is_extra())
                .map(|argument| self.expression(argument))
                .collect(),
        })
    }

    /// Every value that a name gets.
    pub fn bindings(&self) -> Vec<Binding<'a>> {
        let mut bindings = Vec::new();
        for node in self.nodes(&[
            "variable_declarator",
            "assignment_expression",
            "method_declaration",
            "field_declaration",
        ]) {
            match node.kind() {
                "variable_declarator" => {
                    bindings.extend(self.binding(
                        node.child_by_field_name("name"),
                        node.child_by_field_name("value"),
                    ));
                }
                "assignment_expression" => {
                    let operator = node.child_by_field_name("operator");
                    let plain = operator.is_some_and(|token| self.text_of(token) == "=");
                    // `a += b` gives `a` the value of the whole: `a` has a part in it.
                    let value = if plain {
                        node.child_by_field_name("right")
                    } else {
                        Some(node)
                    };
                    bindings.extend(self.binding(node.child_by_field_name("left"), value));
                }
                _ => {
                    let name = node.child_by_field_name("name").or_else(|| {
                        node.child_by_field_name("declarator")?
                            .child_by_field_name("name")
                    });
                    bindings.extend(
                        descendants(node)
                            .filter(|inner| inner.kind() == "return_statement")
                            .filter_map(|inner| self.binding(name, inner.named_child(0))),
                    );
                }
            }
        }
        bindings
    }

    fn binding(&self, target: Option<Node<'_>>, value: Option<Node<'_>>) -> Option<Binding<'a>> {
        let target = target?;
        let name = target.child_by_field_name("field").unwrap_or(target);
        Some(Binding {
            receiver: target
                .child_by_field_name("object")
                .map(|object| self.text_of(object)),
            name: self.text_of(name),
            value: self.expression(value?),
        })
    }

    /// Every string literal with its quotes, those in queries and annotations included.
    pub fn string_literals(&self) -> Vec<Span<'a>> {
        self.spans(&["string_literal", "multi_line_string_literal"])
    }

    /// Every comment of either kind.
    pub fn comments(&self) -> Vec<Span<'a>> {
        self.spans(&["line_comment", "block_comment"])
    }

    /// Every annotation, `@IsTest(SeeAllData=true)`.
    pub fn annotations(&self) -> Vec<Span<'a>> {
        self.spans(&["annotation"])
    }

    /// Every `catch` with its block.
    pub fn catches(&self) -> Vec<Span<'a>> {
        self.spans(&["catch_clause"])
    }

    /// Every query in brackets and every DML statement.
    pub fn data_access(&self) -> Vec<Span<'a>> {
        self.spans(&["query_expression", "dml_expression"])
    }

    /// The statements in the body of a trigger, not those within them; empty for a class.
    pub fn trigger_statements(&self) -> Vec<Span<'a>> {
        let Some(body) = self.nodes(&["trigger_body"]).next() else {
            return Vec::new();
        };
        let block = body.named_child(0).unwrap_or(body);
        let mut cursor = block.walk();
        block
            .named_children(&mut cursor)
            .filter(|node| !node.is_extra())
            .map(|node| self.span(node))
            .collect()
    }

    pub(super) fn root(&self) -> Option<Node<'_>> {
        self.tree.as_ref().map(Tree::root_node)
    }

    pub(super) fn text_of(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn nodes<'tree>(
        &'tree self,
        kinds: &'tree [&str],
    ) -> impl Iterator<Item = Node<'tree>> {
        self.root()
            .into_iter()
            .flat_map(descendants)
            .filter(|node| kinds.contains(&node.kind()) && node.is_named())
    }

    fn spans(&self, kinds: &[&str]) -> Vec<Span<'a>> {
        self.nodes(kinds).map(|node| self.span(node)).collect()
    }

    pub(super) fn span(&self, node: Node<'_>) -> Span<'a> {
        let start = node.start_position();
        let before = node.start_byte().saturating_sub(start.column)..node.start_byte();
        let before = self.text.get(before).unwrap_or_default();
        Span {
            text: self.text_of(node),
            line: start.row + 1,
            column: before.chars().count() + 1,
        }
    }

    fn expression(&self, node: Node<'_>) -> Expression<'a> {
        let is_name = |inner: &Node<'_>| {
            matches!(inner.kind(), "identifier" | "type_identifier") && inner.child_count() == 0
        };
        Expression {
            span: self.span(node),
            words: descendants(node)
                .filter(is_name)
                .map(|inner| self.text_of(inner))
                .collect(),
        }
    }
}

/// 1-based line and column, in characters, of a byte offset.
pub(super) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

/// A node and everything below it, each before its children. A loop, not recursion: how deep a
/// tree is, is up to the text.
pub(super) fn descendants<'tree>(node: Node<'tree>) -> impl Iterator<Item = Node<'tree>> {
    let mut cursor = node.walk();
    let mut next = Some(node);
    std::iter::from_fn(move || {
        let current = next?;
        let mut moved = cursor.goto_first_child() || cursor.goto_next_sibling();
        while !moved && cursor.goto_parent() {
            moved = cursor.goto_next_sibling();
        }
        next = moved.then(|| cursor.node());
        Some(current)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_with_receiver_arguments_and_place() {
        let text = "class A { void f() { é(); } void g() {\n  a.b?.send(c + d.e(), 'x'); } }";
        let source = Source::parse(text);
        let calls = source.calls();
        let names: Vec<_> = calls
            .iter()
            .map(|call| (call.receiver, call.name))
            .collect();
        assert_eq!(
            names,
            [(None, "é"), (Some("a.b"), "send"), (Some("d"), "e")]
        );
        let send = &calls[1];
        assert_eq!((send.span.line, send.span.column), (2, 8));
        assert_eq!(send.span.text, "a.b?.send(c + d.e(), 'x')");
        let words: Vec<_> = send.arguments.iter().map(|one| one.words.clone()).collect();
        assert_eq!(words, [vec!["c", "d", "e"], vec![]]);
    }

    #[test]
    fn bindings_of_variables_assignments_and_results() {
        let text = "class A {
            static final String X = 'x';
            String y { get { return X; } set; }
            Integer f(A other) { Integer i = 1, j; j = i; other.y = 'z'; j += 2; return j; }
        }";
        let source = Source::parse(text);
        let bindings: Vec<_> = source
            .bindings()
            .into_iter()
            .map(|one| (one.receiver, one.name, one.value.span.text))
            .collect();
        assert_eq!(
            bindings,
            [
                (None, "X", "'x'"),
                (None, "y", "X"),
                (None, "f", "j"),
                (None, "i", "1"),
                (None, "j", "i"),
                (Some("other"), "y", "'z'"),
                (None, "j", "j += 2"),
            ]
        );
    }

    #[test]
    fn work_in_a_trigger() {
        let text = "trigger T on Case(after insert) {
            // a comment
            A.f(Trigger.new);
            if (x) { insert y; }
            for (Case c : [SELECT Id FROM Case]) {}
        }";
        let source = Source::parse(text);
        let lines = |spans: Vec<Span<'_>>| spans.iter().map(|span| span.line).collect::<Vec<_>>();
        assert_eq!(lines(source.trigger_statements()), [3, 4, 5]);
        assert_eq!(lines(source.data_access()), [4, 5]);
        assert_eq!(lines(source.comments()), [2]);
        assert_eq!(Source::parse("class A {}").trigger_statements(), []);
    }

    #[test]
    fn deep_nesting_is_no_problem() {
        let text = format!(
            "class A {{ Integer i = {}1{}; }}",
            "(".repeat(5000),
            ")".repeat(5000)
        );
        let source = Source::parse(&text);
        assert_eq!(source.errors(), []);
        assert_eq!(source.bindings().len(), 1);
    }
}
