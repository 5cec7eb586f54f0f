//! Expressions.

use super::tokens::Kind;
use super::{Parser, Step};

const ASSIGNMENTS: [&str; 9] = ["=", "+=", "-=", "*=", "/=", "&=", "|=", "^=", "<<="];

const BINARY: [&str; 20] = [
    "||", "&&", "|", "^", "&", "==", "!=", "===", "!==", "<>", "<", ">", "<=", ">=", "<<", "+",
    "-", "*", "/", "??",
];

/// What an expression is on the left of `=`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A variable, a field, an element.
    Place,
    Value,
}

type Read = Result<Shape, super::Problem>;

impl Parser<'_> {
    pub(super) fn starts_operand(&self) -> bool {
        matches!(self.peek(0).kind, Kind::Name | Kind::Number | Kind::Text)
            || self.is_any(&["(", "[", "+", "-", "!", "~", "++", "--"])
            || self.is_any(&[
                "new", "null", "true", "false", "this", "super", "list", "map",
            ])
    }

    // An expression that one of these tokens ends.
    pub(super) fn expression(&mut self, after: &'static [&'static str]) -> Step {
        self.shaped(after).map(|_| ())
    }

    fn shaped(&mut self, after: &'static [&'static str]) -> Read {
        let mut shape = Shape::Value;
        self.after_expression.push(after);
        let result = self.nested(|parser| {
            shape = parser.assignment()?;
            Ok(())
        });
        self.after_expression.pop();
        result.map(|()| shape)
    }

    fn assignment(&mut self) -> Read {
        let (first, start) = (self.at, self.peek(0).start);
        let left = self.conditional()?;
        if let Some(length) = self.assignment_tokens() {
            if left == Shape::Value {
                self.refuse(start, "Expression cannot be assigned");
            }
            self.loosen(first);
            for _ in 0..length {
                self.next();
            }
            self.nested(|parser| parser.assignment().map(|_| ()))?;
            return Ok(Shape::Value);
        }
        Ok(left)
    }

    // Notes the parentheses around all of what was read since a token: `(a) = 1`.
    fn loosen(&mut self, first: usize) {
        let (mut opening, mut closing) = (first, self.at.saturating_sub(1));
        while opening < closing
            && self.token(opening).lower == "("
            && self.token(closing).lower == ")"
        {
            let places = [opening, closing].map(|index| self.token(index).start);
            self.loose.extend(places);
            opening += 1;
            closing -= 1;
        }
    }

    // `>>=` is read as `>` `>=`.
    fn assignment_tokens(&self) -> Option<usize> {
        if self.is_any(&ASSIGNMENTS) {
            return Some(1);
        }
        let shifts = (0..2).take_while(|ahead| self.is_at(*ahead, ">")).count();
        (shifts > 0 && self.is_at(shifts, ">=")).then_some(shifts + 1)
    }

    fn conditional(&mut self) -> Read {
        let condition = self.binary()?;
        if !self.is("?") {
            return Ok(condition);
        }
        self.next();
        self.expression(&[":"])?;
        self.expect(":", |parser| parser.starts_operand())?;
        self.nested(|parser| parser.assignment().map(|_| ()))?;
        Ok(Shape::Value)
    }

    fn binary(&mut self) -> Read {
        let mut shape = self.unary()?;
        loop {
            if self.is("instanceof") {
                self.next();
                self.type_name()?;
            } else if self.assignment_tokens().is_some() || !self.is_any(&BINARY) {
                return Ok(shape);
            } else {
                let symbol = self.peek(0).lower.clone();
                self.next();
                while symbol == ">" && self.is(">") {
                    self.next();
                }
                if symbol == "<" && !self.starts_operand() {
                    // As if the name before it were that of a type.
                    self.expect("<", |_| false)?;
                }
                self.unary()?;
            }
            shape = Shape::Value;
        }
    }

    fn unary(&mut self) -> Read {
        if self.is_any(&["+", "-", "!", "~", "++", "--"]) {
            let is_update = self.is_any(&["++", "--"]);
            self.next();
            let first = self.at;
            self.nested(|parser| parser.unary().map(|_| ()))?;
            if is_update {
                self.loosen(first);
            }
            return Ok(Shape::Value);
        }
        if self.is("(") && self.casts() {
            self.next();
            self.type_name()?;
            self.next();
            self.nested(|parser| parser.unary().map(|_| ()))?;
            return Ok(Shape::Value);
        }
        self.postfix()
    }

    // Whether a type in parentheses stands before an operand.
    fn casts(&self) -> bool {
        let Ok(end) = self.type_end(self.at + 1) else {
            return false;
        };
        if self.token(end).lower != ")" {
            return false;
        }
        let next = self.token(end + 1);
        matches!(next.kind, Kind::Name | Kind::Number | Kind::Text)
            || matches!(
                next.lower.as_str(),
                "(" | "["
                    | "!"
                    | "~"
                    | "new"
                    | "null"
                    | "true"
                    | "false"
                    | "this"
                    | "super"
                    | "list"
                    | "map"
            )
    }

    fn postfix(&mut self) -> Read {
        let first = self.at;
        let mut shape = self.primary()?;
        loop {
            if self.is(".") || self.is("?.") {
                let safe = self.is("?.");
                self.next();
                self.member_name();
                shape = if safe { Shape::Value } else { Shape::Place };
                if self.take("(") {
                    self.arguments()?;
                    shape = Shape::Value;
                }
            } else if self.take("[") {
                self.expression(&["]"])?;
                self.expect_behind("]", Self::continues_expression)?;
                shape = Shape::Place;
            } else if self.is("++") || self.is("--") {
                if shape == Shape::Place {
                    self.loosen(first);
                }
                self.next();
                shape = Shape::Value;
            } else {
                return Ok(shape);
            }
        }
    }

    // Behind a dot also keywords are names.
    fn member_name(&mut self) {
        let token = self.peek(0);
        if matches!(token.kind, Kind::Name | Kind::Keyword) {
            self.next();
        } else {
            // An empty name is one for the platform's parser.
            let start = token.start;
            self.refuse(start, "Variable does not exist: ");
        }
    }

    // Whether the next token can stand behind an operand of what is being read.
    fn continues_expression(&self) -> bool {
        let ends = self.after_expression.last().copied().unwrap_or_default();
        self.is_any(ends)
            || self.is_any(&BINARY)
            || self.is_any(&ASSIGNMENTS)
            || self.is_any(&[".", "?.", "[", "++", "--", "?", "instanceof"])
    }

    // What follows an opening parenthesis.
    pub(super) fn arguments(&mut self) -> Step {
        if self.starts_operand() {
            loop {
                self.expression(&[",", ")"])?;
                if !self.take(",") {
                    break;
                }
            }
        }
        self.expect_behind(")", Self::continues_expression)
    }

    fn primary(&mut self) -> Read {
        let token = self.peek(0);
        match (&token.kind, token.lower.as_str()) {
            (Kind::Number | Kind::Text, _) | (_, "null" | "true" | "false") => {
                let is_whole = token.text.bytes().all(|byte| byte.is_ascii_digit());
                self.next();
                // It waits for the digits of a Decimal.
                if is_whole && self.is(".") {
                    return Err(self.unexpected(0));
                }
                Ok(Shape::Value)
            }
            (_, word @ ("this" | "super")) => {
                let (start, text) = (
                    token.start,
                    format!(
                        "Call to '{word}()' must be the first statement in a constructor method"
                    ),
                );
                let is_first = self.chain_at == Some(self.at);
                self.next();
                if self.is("(") && !is_first {
                    self.refuse(start, &text);
                }
                if self.take("(") {
                    self.arguments()?;
                }
                Ok(Shape::Value)
            }
            (_, "(") => {
                self.next();
                let shape = self.shaped(&[")"])?;
                self.expect_behind(")", Self::continues_expression)?;
                Ok(shape)
            }
            (_, "[") => {
                self.next();
                self.query()?;
                self.expect("]", Self::continues_expression)?;
                Ok(Shape::Value)
            }
            (_, "new") => {
                self.next();
                self.creation()?;
                Ok(Shape::Value)
            }
            (_, "list" | "map") if self.is_class_literal() => {
                self.type_name()?;
                Ok(Shape::Value)
            }
            (Kind::Name, _) => self.named(),
            _ => Err(self.unexpected(0)),
        }
    }

    // `List<String>.class`
    pub(super) fn is_class_literal(&self) -> bool {
        self.type_end(self.at)
            .is_ok_and(|end| self.token(end).lower == "." && self.token(end + 1).lower == "class")
    }

    // A variable, a call, or a type before `.class`.
    fn named(&mut self) -> Read {
        if (self.is_at(1, "<") || self.is_at(1, "[")) && self.is_class_literal() {
            self.type_name()?;
            return Ok(Shape::Value);
        }
        self.next();
        if self.take("(") {
            self.arguments()?;
            return Ok(Shape::Value);
        }
        Ok(Shape::Place)
    }

    fn creation(&mut self) -> Step {
        let is_map = self.is("map");
        let is_collection = is_map || self.is("list") || self.is("set");
        self.type_arguments()?;
        if is_collection && self.take("(") {
            if self.starts_operand() {
                self.expression(&[")"])?;
            }
            return self.expect_behind(")", Self::continues_expression);
        }
        if self.take("(") {
            if self.is_name(0) && self.is_at(1, "=") {
                return self.field_values();
            }
            return self.arguments();
        }
        if self.take("[") {
            if self.take("]") {
                return self.elements(false);
            }
            self.expression(&["]"])?;
            return self.expect("]", Self::continues_expression);
        }
        if self.is("{") {
            return self.elements(is_map);
        }
        Err(self.unexpected(0))
    }

    // `Subject = 'a', Status = 'b')`
    fn field_values(&mut self) -> Step {
        loop {
            self.name()?;
            self.expect("=", |parser| parser.starts_operand())?;
            self.expression(&[",", ")"])?;
            if !self.take(",") {
                break;
            }
        }
        self.expect(")", Self::continues_expression)
    }

    // `{1, 2}` or `{'a' => 1}`
    fn elements(&mut self, is_map: bool) -> Step {
        self.expect("{", |parser| parser.starts_operand())?;
        if !self.is("}") {
            self.expression(&[",", "}", "=>"])?;
            let pairs = is_map || self.is("=>");
            if pairs {
                self.expect("=>", |parser| parser.starts_operand())?;
                self.expression(&[",", "}"])?;
            }
            while self.take(",") {
                self.expression(&[",", "}", "=>"])?;
                if pairs {
                    self.expect("=>", |parser| parser.starts_operand())?;
                    self.expression(&[",", "}"])?;
                }
            }
        }
        self.expect("}", Self::continues_expression)
    }
}
