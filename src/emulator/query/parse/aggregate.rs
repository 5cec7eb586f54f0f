//! Aggregate functions in a query.

use super::tokens::Token;
use super::{Field, Parser};

/// `COUNT(Id) total`
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Which.
    pub function: Function,
    /// Of what.
    pub field: Field,
    /// Its name in the result, where it was given one.
    pub alias: Option<String>,
    /// How many things stand before it in the select list.
    pub position: usize,
}

/// Aggregate functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `COUNT`
    Count,
    /// `COUNT_DISTINCT`
    CountDistinct,
    /// `SUM`
    Sum,
    /// `AVG`
    Avg,
    /// `MIN`
    Min,
    /// `MAX`
    Max,
    /// `GROUPING`: whether the field is left out of a subtotal.
    Grouping,
}

impl Function {
    const ALL: [(&'static str, Self); 7] = [
        ("COUNT", Self::Count),
        ("COUNT_DISTINCT", Self::CountDistinct),
        ("SUM", Self::Sum),
        ("AVG", Self::Avg),
        ("MIN", Self::Min),
        ("MAX", Self::Max),
        ("GROUPING", Self::Grouping),
    ];
}

impl Parser<'_> {
    /// The aggregate function that begins here, with its parenthesis; takes both.
    pub(super) fn function(&mut self) -> Option<Function> {
        let Some(Token::Word(word)) = self.peek() else {
            return None;
        };
        let mut known = Function::ALL.into_iter();
        let (_, function) = known.find(|(name, _)| word.eq_ignore_ascii_case(name))?;
        let opens = self.tokens.get(self.next + 1);
        if !matches!(opens, Some((Token::Sign("("), _))) {
            return None;
        }
        self.next += 2;
        Some(function)
    }

    /// Whether the select list is `COUNT()`; takes it.
    pub(super) fn counts(&mut self) -> bool {
        let start = self.next;
        let found = self.keyword("COUNT") && self.sign("(") && self.sign(")");
        if !found {
            self.next = start;
        }
        found
    }
}
