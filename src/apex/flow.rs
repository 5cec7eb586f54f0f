//! What methods do in which order, as far as the text alone tells.

use tree_sitter::Node;

use super::source::{Call, Source, Span};

/// Deeper nesting than anyone writes; what is below it is left out.
const MAX_DEPTH: usize = 100;

/// A method or constructor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method<'a> {
    /// Its name as written.
    pub name: &'a str,
    /// What it does, in the order in which it does it.
    pub steps: Vec<Step<'a>>,
}

/// A piece of what a method does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// It calls a method, after its receiver and arguments were worked out.
    Call(Call<'a>),
    /// A DML statement.
    Dml(Span<'a>),
    /// One of these, whichever.
    Either(Vec<Vec<Step<'a>>>),
    /// This any number of times.
    Loop(Vec<Step<'a>>),
    /// The method ends here, by `return` or `throw`.
    End,
}

impl<'a> Source<'a> {
    /// Every method and constructor, those of inner classes included.
    pub fn methods(&self) -> Vec<Method<'a>> {
        self.nodes(&["method_declaration", "constructor_declaration"])
            .filter_map(|node| {
                let mut steps = Vec::new();
                self.steps(node.child_by_field_name("body")?, 0, &mut steps);
                Some(Method {
                    name: self.text_of(node.child_by_field_name("name")?),
                    steps,
                })
            })
            .collect()
    }

    fn steps(&self, node: Node<'_>, depth: usize, steps: &mut Vec<Step<'a>>) {
        if depth > MAX_DEPTH {
            return;
        }
        match node.kind() {
            "if_statement" => {
                let part = |name| {
                    let part = node.child_by_field_name(name);
                    part.map(|part| self.of(part, depth)).unwrap_or_default()
                };
                steps.extend(part("condition"));
                steps.push(Step::Either(vec![part("consequence"), part("alternative")]));
            }
            "for_statement" | "enhanced_for_statement" | "while_statement" | "do_statement" => {
                steps.push(Step::Loop(self.of_children(node, depth)));
            }
            "switch_rule" | "catch_clause" => {
                steps.push(Step::Either(vec![
                    self.of_children(node, depth),
                    Vec::new(),
                ]));
            }
            "return_statement" | "throw_statement" => {
                steps.extend(self.of_children(node, depth));
                steps.push(Step::End);
            }
            "method_invocation" => {
                steps.extend(self.of_children(node, depth));
                steps.extend(self.call(node).map(Step::Call));
            }
            "dml_expression" => {
                steps.extend(self.of_children(node, depth));
                steps.push(Step::Dml(self.span(node)));
            }
            _ => steps.extend(self.of_children(node, depth)),
        }
    }

    fn of(&self, node: Node<'_>, depth: usize) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        self.steps(node, depth + 1, &mut steps);
        steps
    }

    fn of_children(&self, node: Node<'_>, depth: usize) -> Vec<Step<'a>> {
        let mut cursor = node.walk();
        let children = node.named_children(&mut cursor);
        children.flat_map(|child| self.of(child, depth)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A readable form: names of calls, `dml`, `(a|b)`, `[loop]`, `.` for the end.
    fn shown(steps: &[Step<'_>]) -> String {
        let parts: Vec<String> = steps
            .iter()
            .map(|step| match step {
                Step::Call(call) => call.name.to_owned(),
                Step::Dml(_) => "dml".to_owned(),
                Step::Either(ways) => {
                    let ways: Vec<String> = ways.iter().map(|way| shown(way)).collect();
                    format!("({})", ways.join("|"))
                }
                Step::Loop(steps) => format!("[{}]", shown(steps)),
                Step::End => ".".to_owned(),
            })
            .collect();
        parts.join(" ")
    }

    fn steps_of(body: &str) -> String {
        let text = format!("class A {{ void f() {{ {body} }} }}");
        let source = Source::parse(&text);
        assert_eq!(source.errors(), [], "{body}");
        let methods = source.methods();
        assert_eq!(methods[0].name, "f");
        shown(&methods[0].steps)
    }

    #[test]
    fn steps_in_the_order_of_execution() {
        for (body, steps) in [
            ("a(b(), c.d()); insert e();", "b d a e dml"),
            ("if (a()) { b(); } else if (c()) { d(); }", "a (b|c (d|))"),
            ("for (X x : a()) { b(); }", "[a b]"),
            ("while (a()) { if (b()) { return; } c(); }", "[a b (.|) c]"),
            (
                "try { a(); } catch (Exception e) { b(); throw e; } finally { c(); }",
                "a (b .|) c",
            ),
            (
                "switch on a() { when 1 { b(); } when else { c(); } }",
                "a (b|) (c|)",
            ),
            ("return new Http().send(r());", "r send ."),
        ] {
            assert_eq!(steps_of(body), steps, "{body}");
        }
    }

    #[test]
    fn methods_of_inner_classes_and_constructors() {
        let text = "class A { A() { a(); } class B { void b() {} } abstract void c(); }";
        let source = Source::parse(text);
        let names: Vec<&str> = source.methods().iter().map(|method| method.name).collect();
        assert_eq!(names, ["A", "b"]);
    }

    #[test]
    fn deep_nesting_is_no_problem() {
        let text = format!(
            "class A {{ void f() {{ {}{} }} }}",
            "{".repeat(5000),
            "}".repeat(5000)
        );
        assert_eq!(Source::parse(&text).methods().len(), 1);
    }
}
