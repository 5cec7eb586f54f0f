//! Declarations: types and their members.

use super::tokens::Kind;
use super::{Parser, Problem, Step};

pub(super) const MODIFIERS: [&str; 12] = [
    "public",
    "private",
    "protected",
    "global",
    "static",
    "final",
    "abstract",
    "virtual",
    "override",
    "transient",
    "testmethod",
    "webservice",
];

impl Parser<'_> {
    pub(super) fn file(&mut self) -> Step {
        if self.is("trigger") {
            self.trigger()?;
        } else {
            self.modifiers()?;
            self.any_type_declaration()?;
        }
        self.expect("<EOF>", |_| true)
    }

    fn trigger(&mut self) -> Step {
        self.next();
        self.name()?;
        self.expect("on", |parser| parser.is_name(0))?;
        self.name()?;
        self.expect("(", |parser| parser.is_any(&["before", "after"]))?;
        loop {
            if !self.is_any(&["before", "after"]) {
                return Err(self.unexpected(0));
            }
            if self.is("before") && self.is_at(1, "undelete") {
                let start = self.peek(0).start;
                self.refuse(start, "Trigger Usage Before Undelete is not supported");
            }
            self.next();
            if !self.is_any(&["insert", "update", "delete", "undelete"]) {
                return Err(self.unexpected(0));
            }
            self.next();
            if !self.take(",") {
                break;
            }
        }
        self.expect(")", |parser| parser.is("{"))?;
        self.expect("{", |parser| parser.starts_statement())?;
        self.code()?;
        self.expect("}", |_| false)
    }

    pub(super) fn anonymous(&mut self) -> Step {
        self.code()?;
        self.expect("<EOF>", |_| true)
    }

    // Statements, and types and methods between them.
    fn code(&mut self) -> Step {
        loop {
            if self.declares_a_member() {
                self.member()?;
            } else if self.starts_statement() {
                self.statement()?;
            } else {
                return Ok(());
            }
        }
    }

    fn declares_a_member(&self) -> bool {
        let Some(start) = self.behind_modifiers() else {
            return false;
        };
        if self.is_text(
            start,
            &["class", "interface", "enum", "with", "without", "inherited"],
        ) {
            return true;
        }
        self.type_end(start).is_ok_and(|end| {
            let is_name = self.token(end).kind == Kind::Name;
            is_name && self.is_text(end + 1, &["(", "{"])
        })
    }

    fn any_type_declaration(&mut self) -> Step {
        if self.take("class") {
            self.class()
        } else if self.take("interface") {
            self.interface()
        } else if self.take("enum") {
            self.enumeration()
        } else {
            Err(self.unexpected(0))
        }
    }

    fn modifiers(&mut self) -> Step {
        loop {
            if self.is("@") {
                self.annotation()?;
            } else if self.is_sharing() {
                self.next();
                self.next();
            } else if MODIFIERS.iter().any(|modifier| self.is(modifier)) {
                self.next();
            } else {
                return Ok(());
            }
        }
    }

    fn is_sharing(&self) -> bool {
        self.is_any(&["with", "without", "inherited"]) && self.is_at(1, "sharing")
    }

    fn annotation(&mut self) -> Step {
        self.next();
        self.name()?;
        if !self.take("(") {
            return Ok(());
        }
        if self.take(")") {
            return Ok(());
        }
        if matches!(self.peek(0).kind, Kind::Text | Kind::Number) {
            self.next();
            return self.expect(")", |_| false);
        }
        while self.is_name(0) && self.is_at(1, "=") {
            self.next();
            self.next();
            let is_value = matches!(self.peek(0).kind, Kind::Text | Kind::Number);
            if !is_value && !self.is_any(&["true", "false"]) {
                return Err(self.unexpected(0));
            }
            self.next();
            // Between pairs commas may stand or not.
            self.take(",");
        }
        self.expect(")", |_| false)
    }

    fn class(&mut self) -> Step {
        self.name()?;
        if self.is("<") {
            let start = self.peek(0).start;
            return Err((start, "Type parameters are not supported".to_owned()));
        }
        if self.take("extends") {
            self.type_name()?;
        }
        if self.take("implements") {
            self.type_names()?;
        }
        self.expect("{", Self::starts_member)?;
        while self.starts_member() {
            self.member()?;
        }
        self.expect("}", |parser| parser.starts_member())
    }

    fn type_names(&mut self) -> Step {
        self.type_name()?;
        while self.take(",") {
            self.type_name()?;
        }
        Ok(())
    }

    fn interface(&mut self) -> Step {
        self.name()?;
        if self.take("extends") {
            self.type_names()?;
        }
        self.expect("{", |parser| parser.starts_type(0))?;
        while self.starts_type(0) || self.is("@") {
            self.modifiers()?;
            self.type_name()?;
            self.name()?;
            self.expect("(", |_| false)?;
            self.parameters()?;
            self.expect(";", |parser| parser.starts_type(0) || parser.is("}"))?;
        }
        self.expect("}", |parser| parser.starts_member())
    }

    fn enumeration(&mut self) -> Step {
        self.name()?;
        self.expect("{", |parser| parser.is_name(0))?;
        if self.is_name(0) {
            self.next();
            while self.take(",") {
                self.name()?;
            }
        }
        self.expect("}", |parser| parser.starts_member())
    }

    pub(super) fn starts_member(&self) -> bool {
        self.is("{")
            || self.is("@")
            || self.is_sharing()
            || self.is_any(&["class", "interface", "enum"])
            || MODIFIERS.iter().any(|modifier| self.is(modifier))
            || self.starts_type(0)
    }

    fn member(&mut self) -> Step {
        self.nested(|parser| {
            parser.modifiers_of_a_member()?;
            if parser.is("{") {
                return parser.block();
            }
            if parser.is_any(&["class", "interface", "enum"]) {
                return parser.any_type_declaration();
            }
            let behind = parser.behind(parser.at);
            if parser.is_name(0) && parser.is_text(behind, &["("]) {
                parser.at = behind;
                return parser.method();
            }
            parser.foresee_member()?;
            parser.type_name()?;
            parser.name()?;
            if parser.is("(") {
                parser.method()
            } else if parser.is("{") {
                parser.property()
            } else {
                parser.declarators()?;
                parser.expect_behind(";", |parser| parser.starts_member() || parser.is("}"))
            }
        })
    }

    fn modifiers_of_a_member(&mut self) -> Step {
        let mark = self.at;
        while self.is("@") {
            self.annotation().map_err(|_| self.unexpected_at(mark))?;
        }
        self.modifiers()
    }

    // Which member it is, is seen by its type, its name and one token more: what breaks those is said
    // where they stop to fit.
    fn foresee_member(&self) -> Step {
        let generic = self.behind(self.at);
        let has_arguments = self.is_text(generic, &["<", "<>", "<="]);
        let Ok(end) = self.type_end(self.at) else {
            let starts = self.starts_type(0);
            return Err(self.unexpected_at(if starts { generic } else { self.at }));
        };
        let is_name = self.token(end).kind == Kind::Name;
        if is_name && self.is_text(end + 1, &["(", "{", ";", "=", ","]) {
            return Ok(());
        }
        Err(self.unexpected_at(if has_arguments { generic } else { end }))
    }

    fn unexpected_at(&self, index: usize) -> Problem {
        let ahead = index.saturating_sub(self.at);
        if index >= self.at {
            return self.unexpected(ahead);
        }
        let token = self.token(index);
        (token.start, format!("Unexpected token '{}'.", token.text))
    }

    fn method(&mut self) -> Step {
        self.next();
        self.parameters()?;
        if self.take(";") {
            return Ok(());
        }
        if self.is("{") {
            self.chain_at = Some(self.at + 1);
            return self.block();
        }
        Err(self.unexpected(0))
    }

    // What follows the opening parenthesis.
    fn parameters(&mut self) -> Step {
        if self.starts_member() {
            loop {
                self.modifiers()?;
                self.type_name()?;
                self.name()?;
                if !self.take(",") {
                    break;
                }
            }
        }
        self.expect(")", |parser| parser.is("{") || parser.is(";"))
    }

    fn property(&mut self) -> Step {
        self.next();
        let first = self.accessor_ahead();
        let Some(first) = first else {
            return Err(self.unexpected(0));
        };
        self.accessor()?;
        if !self.is("}") {
            let other = if first == "get" { "set" } else { "get" };
            let before = self.at;
            self.modifiers()?;
            if self.is(other) {
                self.at = before;
                self.accessor()?;
            } else if self.at > before {
                let name = other.to_uppercase();
                self.expect(&name, |parser| parser.is_any(&[";", "{"]))?;
            }
        }
        self.expect("}", |parser| parser.starts_member())
    }

    fn accessor_ahead(&mut self) -> Option<&'static str> {
        let before = self.at;
        let modifiers = self.modifiers();
        let found = ["get", "set"].into_iter().find(|word| self.is(word));
        self.at = before;
        modifiers.ok().and(found)
    }

    // `private set;`
    fn accessor(&mut self) -> Step {
        self.modifiers()?;
        self.next();
        if self.take(";") {
            return Ok(());
        }
        if self.is("{") {
            return self.block();
        }
        Err(self.unexpected(0))
    }

    // ` = 1, j` behind a variable's name.
    pub(super) fn declarators(&mut self) -> Step {
        loop {
            if self.take("=") {
                self.expression(&[";", ","])?;
            }
            if !self.take(",") {
                return Ok(());
            }
            self.name()?;
        }
    }

    pub(super) fn starts_type(&self, ahead: usize) -> bool {
        self.is_name(ahead) || self.is_at(ahead, "list") || self.is_at(ahead, "map")
    }

    pub(super) fn type_name(&mut self) -> Step {
        self.type_arguments()?;
        while self.is("[") && self.is_at(1, "]") {
            self.next();
            self.next();
        }
        Ok(())
    }

    // A type without brackets.
    pub(super) fn type_arguments(&mut self) -> Step {
        loop {
            let named = self.is_any(&["list", "map"]);
            if !self.starts_type(0) {
                return Err(self.unexpected(0));
            }
            self.next();
            if named || self.is("<") {
                self.expect("<", |_| false)?;
                self.nested(Self::type_names)?;
                self.expect(">", |parser| parser.is_name(0) || parser.is("("))?;
            }
            if !self.is(".") || self.is_at(1, "class") {
                return Ok(());
            }
            self.next();
        }
    }

    // The token behind the type that begins at a token, or the one that is part of none.
    pub(super) fn type_end(&self, from: usize) -> Result<usize, usize> {
        let mut at = from;
        let text = |at: usize| self.token(at).lower.as_str();
        loop {
            if self.token(at).kind != Kind::Name && !matches!(text(at), "list" | "map") {
                return Err(at);
            }
            let takes_arguments = text(at + 1) == "<";
            if matches!(text(at), "list" | "map") && !takes_arguments {
                return Err(at + 1);
            }
            at += 1;
            if takes_arguments {
                loop {
                    at = self.type_end(at + 1)?;
                    if text(at) != "," {
                        break;
                    }
                }
                if text(at) != ">" {
                    return Err(at);
                }
                at += 1;
            }
            if text(at) != "." || text(at + 1) == "class" {
                break;
            }
            at += 1;
        }
        while text(at) == "[" && text(at + 1) == "]" {
            at += 2;
        }
        Ok(at)
    }
}
