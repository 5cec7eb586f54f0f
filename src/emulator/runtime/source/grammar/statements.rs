//! Statements.

use super::members::MODIFIERS;
use super::tokens::Kind;
use super::{Parser, Step};

const DML: [&str; 6] = ["insert", "update", "upsert", "delete", "undelete", "merge"];

impl Parser<'_> {
    pub(super) fn block(&mut self) -> Step {
        self.expect("{", |parser| parser.starts_statement())?;
        while self.starts_statement() {
            self.statement()?;
        }
        self.expect("}", |parser| {
            let is_branch = parser.branches > 0 && parser.is("else");
            is_branch || parser.starts_statement() || parser.starts_member()
        })
    }

    pub(super) fn starts_statement(&self) -> bool {
        let token = self.peek(0);
        if token.lower == "when" {
            return false;
        }
        matches!(token.kind, Kind::Name | Kind::Number | Kind::Text)
            || self.is("{")
            || self.starts_modifier()
            || self.is_any(&[
                "if", "for", "while", "do", "try", "throw", "return", "break", "continue",
            ])
            || self.is_any(&DML)
            || self.starts_operand()
    }

    pub(super) fn statement(&mut self) -> Step {
        self.nested(Self::any_statement)
    }

    fn any_statement(&mut self) -> Step {
        match self.peek(0).lower.clone().as_str() {
            "{" => return self.block(),
            "if" => return self.branches(),
            "for" => return self.for_loop(),
            "while" => {
                self.next();
                self.condition(Self::starts_statement)?;
                if self.take(";") {
                    return Ok(());
                }
                return self.statement();
            }
            "do" => {
                self.next();
                self.block()?;
                self.expect("while", |parser| parser.is("("))?;
                self.condition(|parser| parser.is(";"))?;
                return self.end_of_statement();
            }
            "try" => return self.guarded(),
            "return" => {
                self.next();
                if !self.starts_operand() {
                    return self.end_of_statement();
                }
                self.expression(&[";"])?;
                return self.end_of_expression();
            }
            "throw" => {
                self.next();
                self.expression(&[";"])?;
                return self.end_of_expression();
            }
            "break" | "continue" => {
                self.next();
                return self.end_of_statement();
            }
            "switch" if self.is_at(1, "on") => return self.switch(),
            "system" if self.is_at(1, ".") && self.is_at(2, "runas") => {
                return self.run_as();
            }
            word if DML.contains(&word) => {
                self.next();
                self.take_access_mode();
                self.expression(&[";", ","])?;
                let has_more = (word == "merge" || word == "upsert") && self.starts_operand();
                if has_more {
                    self.expression(&[";"])?;
                }
                return self.end_of_expression();
            }
            _ => {}
        }
        if self.declares() {
            return self.declaration();
        }
        let is_generic = self.is_text(self.behind(self.at), &["<", "<>"]);
        if self.starts_modifier() || self.is_any(&["list", "map"]) && !self.is_class_literal() {
            return Err(self.unexpected(0));
        }
        if is_generic
            && self
                .type_end(self.at)
                .is_ok_and(|end| self.token(end).kind == Kind::Name)
        {
            return Err(self.unexpected(0));
        }
        self.expression(&[";"])?;
        self.end_of_expression()
    }

    fn end_of_expression(&mut self) -> Step {
        self.expect_behind(";", |parser| parser.starts_statement() || parser.is("}"))
    }

    // `insert as user records;`
    fn take_access_mode(&mut self) {
        if self.is("as") && (self.is_at(1, "user") || self.is_at(1, "system")) {
            self.next();
            self.next();
        }
    }

    fn end_of_statement(&mut self) -> Step {
        self.expect(";", |parser| parser.starts_statement() || parser.is("}"))
    }

    fn condition(&mut self, follows: impl Fn(&Self) -> bool) -> Step {
        self.expect("(", |parser| parser.starts_operand())?;
        self.expression(&[")"])?;
        self.expect_behind(")", follows)
    }

    fn branches(&mut self) -> Step {
        self.next();
        self.condition(Self::starts_statement)?;
        self.branches += 1;
        let result = self.statement();
        self.branches -= 1;
        result?;
        if self.take("else") {
            return self.statement();
        }
        Ok(())
    }

    // Whether a variable is declared here.
    fn declares(&self) -> bool {
        let Some(start) = self.behind_modifiers() else {
            return false;
        };
        let Ok(end) = self.type_end(start) else {
            return false;
        };
        self.token(end).kind == Kind::Name && self.is_text(end + 1, &[";", "=", ","])
    }

    fn starts_modifier(&self) -> bool {
        self.is("@") || MODIFIERS.iter().any(|modifier| self.is(modifier))
    }

    // The first token that is no modifier. The parser takes them all; which are allowed is said later.
    pub(super) fn behind_modifiers(&self) -> Option<usize> {
        let mut at = self.at;
        loop {
            if self.is_text(at, &MODIFIERS) {
                at += 1;
            } else if self.is_text(at, &["@"]) && self.token(at + 1).kind == Kind::Name {
                at += 2;
                if self.is_text(at, &["("]) {
                    while !self.is_text(at, &[")"]) {
                        if self.token(at).kind == Kind::End {
                            return None;
                        }
                        at += 1;
                    }
                    at += 1;
                }
            } else {
                return Some(at);
            }
        }
    }

    fn declaration(&mut self) -> Step {
        self.at = self.behind_modifiers().unwrap_or(self.at);
        self.type_name()?;
        self.name()?;
        self.declarators()?;
        self.end_of_expression()
    }

    fn for_loop(&mut self) -> Step {
        self.next();
        self.expect("(", |parser| parser.starts_operand())?;
        let goes_over = self.type_end(self.at).is_ok_and(|end| {
            self.token(end).kind == Kind::Name && self.token(end + 1).lower == ":"
        });
        if goes_over {
            self.type_name()?;
            self.next();
            self.next();
            self.expression(&[")"])?;
        } else {
            self.counted()?;
        }
        self.expect_behind(")", |parser| parser.starts_statement())?;
        if self.take(";") {
            return Ok(());
        }
        self.statement()
    }

    fn counted(&mut self) -> Step {
        if !self.is(";") {
            let declares = self
                .type_end(self.at)
                .is_ok_and(|end| self.token(end).kind == Kind::Name);
            if declares {
                self.type_name()?;
                self.name()?;
                self.declarators()?;
            } else {
                self.expressions(&[";", ","])?;
            }
        }
        self.expect(";", |parser| parser.starts_operand())?;
        if !self.is(";") {
            self.expression(&[";"])?;
        }
        self.expect(";", |parser| parser.starts_operand() || parser.is(")"))?;
        if !self.is(")") {
            self.expression(&[")"])?;
        }
        Ok(())
    }

    fn expressions(&mut self, after: &'static [&'static str]) -> Step {
        self.expression(after)?;
        while self.take(",") {
            self.expression(after)?;
        }
        Ok(())
    }

    fn guarded(&mut self) -> Step {
        let start = self.peek(0).start;
        self.next();
        self.block()?;
        let mut caught = false;
        while self.is("catch") {
            self.next();
            self.expect("(", |parser| parser.starts_type(0))?;
            self.take("final");
            self.type_name()?;
            self.name()?;
            self.expect(")", |parser| parser.is("{"))?;
            self.block()?;
            caught = true;
        }
        if self.take("finally") {
            return self.block();
        }
        if !caught {
            let text = "Try block must have at least one catch block or a finally block";
            self.refuse(start, text);
        }
        Ok(())
    }

    // `System.runAs(user) { }`; with a version it is a call.
    fn run_as(&mut self) -> Step {
        self.at += 3;
        self.expect("(", Self::starts_operand)?;
        self.expression(&[")"])?;
        self.expect_behind(")", |parser| parser.is("{"))?;
        if self.take(";") {
            return Ok(());
        }
        self.block()
    }

    fn switch(&mut self) -> Step {
        let start = self.peek(0).start;
        self.next();
        self.next();
        self.expression(&["{"])?;
        self.expect_behind("{", |parser| parser.is("when"))?;
        if self.is("}") {
            self.refuse(start, "Switch statement requires at least one when block");
        }
        while self.take("when") {
            if !self.take("else") {
                self.when_values()?;
            }
            self.block()?;
        }
        self.expect("}", |parser| parser.starts_statement() || parser.is("}"))
    }

    fn when_values(&mut self) -> Step {
        let is_type = self
            .type_end(self.at)
            .is_ok_and(|end| self.token(end).kind == Kind::Name);
        if is_type {
            self.type_name()?;
            return self.name();
        }
        self.expressions(&[",", "{"])?;
        if self.peek(0).kind == Kind::Keyword {
            return Err(self.unexpected(0));
        }
        Ok(())
    }
}
