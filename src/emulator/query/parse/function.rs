//! Fields: functions around them, those of dates and `toLabel` (SOQL and SOSL Reference, "Date Functions"
//! and "toLabel()"), and their names in the result.

use super::super::super::refusal::Refusal;
use super::super::super::runtime::DATE_FUNCTIONS;
use super::tokens::Token;
use super::{Field, Parser};

impl Parser<'_> {
    /// A field, or a function of one.
    pub(super) fn field(&mut self) -> Result<Field, Refusal> {
        // The labels of this org's values are the values.
        if self.opens("toLabel") {
            let field = self.plain_field()?;
            self.expect_sign(")")?;
            return Ok(field);
        }
        let Some(function) = DATE_FUNCTIONS.into_iter().find(|name| self.opens(name)) else {
            return self.plain_field();
        };
        // Its users live in UTC.
        let converts = self.opens("convertTimezone");
        let mut field = self.plain_field()?;
        if converts {
            self.expect_sign(")")?;
        }
        self.expect_sign(")")?;
        field.function = Some(function);
        Ok(field)
    }

    fn plain_field(&mut self) -> Result<Field, Refusal> {
        let mut path = vec![self.name()?];
        while self.sign(".") {
            path.push(self.name()?);
        }
        Ok(Field {
            path,
            function: None,
            alias: None,
        })
    }

    /// Whether a function of that name begins here, with its parenthesis; takes both.
    pub(super) fn opens(&mut self, name: &str) -> bool {
        let named =
            matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(name));
        let opens = self.tokens.get(self.next + 1);
        let found = named && matches!(opens, Some((Token::Sign("("), _)));
        self.next += if found { 2 } else { 0 };
        found
    }

    /// The name that the next token gives to what is before it.
    pub(super) fn alias(&mut self) -> Result<Option<String>, Refusal> {
        let is_name =
            matches!(self.peek(), Some(Token::Word(word)) if !word.eq_ignore_ascii_case("FROM"));
        let ends = match self.tokens.get(self.next + 1) {
            Some((Token::Sign(sign), _)) => *sign == ",",
            Some((Token::Word(word), _)) => word.eq_ignore_ascii_case("FROM"),
            _ => false,
        };
        match is_name && ends {
            true => Ok(Some(self.name()?.text)),
            false => Ok(None),
        }
    }
}
