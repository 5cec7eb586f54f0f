//! Conditions: what WHERE and HAVING say.

use super::super::super::date_span::DateSpan;
use super::super::super::refusal::Refusal;
use super::tokens::Token;
use super::{Field, Function, Parser, Query};

/// What WHERE says.
#[derive(Debug, PartialEq)]
pub enum Filter {
    /// Each of them holds.
    All(Vec<Filter>),
    /// One of them holds.
    Any(Vec<Filter>),
    /// It doesn't hold.
    Not(Box<Filter>),
    /// One comparison.
    One(Condition),
}

impl Filter {
    /// Calls that for the field of every condition; those of queries in it have been met.
    pub(super) fn each_field(&mut self, change: &impl Fn(&mut Field)) {
        match self {
            Self::All(terms) | Self::Any(terms) => {
                for term in terms {
                    term.each_field(change);
                }
            }
            Self::Not(term) => term.each_field(change),
            Self::One(condition) => change(&mut condition.field),
        }
    }
}

/// A comparison.
#[derive(Debug, PartialEq)]
pub struct Condition {
    /// What is compared.
    pub field: Field,
    /// The aggregate function around it, in HAVING.
    pub function: Option<Function>,
    /// How.
    pub operator: Operator,
    /// With what; several for IN.
    pub values: Vec<Literal>,
    /// In place of values: what this query finds (IN only).
    pub among: Option<Box<Query>>,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`, `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `IN`
    In,
    /// `NOT IN`
    NotIn,
    /// `LIKE`
    Like,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A number.
    Number(f64),
    /// `'text'`
    Text(String),
    /// `2026-05-09T17:00:41Z`
    Date(jiff::Timestamp),
    /// `2026-05-09`
    Day(jiff::civil::Date),
    /// `TODAY`, `LAST_N_DAYS:7`
    Span(DateSpan),
}

/// Parentheses may be this deep here.
const MAX_DEPTH: usize = 50;

impl Parser<'_> {
    /// Conditions joined by AND, or by OR: SOQL wants parentheses where both are used.
    pub(super) fn filter(&mut self, depth: usize) -> Result<Filter, Refusal> {
        let first = self.term(depth)?;
        for (keyword, join) in [
            ("AND", Filter::All as fn(Vec<Filter>) -> Filter),
            ("OR", Filter::Any),
        ] {
            if self.keyword(keyword) {
                let mut terms = vec![first, self.term(depth)?];
                while self.keyword(keyword) {
                    terms.push(self.term(depth)?);
                }
                return Ok(join(terms));
            }
        }
        Ok(first)
    }

    fn term(&mut self, depth: usize) -> Result<Filter, Refusal> {
        if depth > MAX_DEPTH {
            return Err(self.unexpected());
        }
        if self.keyword("NOT") {
            return Ok(Filter::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.sign("(") {
            let inner = self.filter(depth + 1)?;
            self.expect_sign(")")?;
            return Ok(inner);
        }
        Ok(Filter::One(self.condition()?))
    }

    fn condition(&mut self) -> Result<Condition, Refusal> {
        let function = if self.in_having {
            self.function()
        } else {
            None
        };
        let field = self.field()?;
        if function.is_some() {
            self.expect_sign(")")?;
        }
        let negated = self.keyword("NOT");
        if negated
            || matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case("IN"))
        {
            self.expect_keyword("IN")?;
            self.expect_sign("(")?;
            let (values, among) = if self.begins_query() {
                (Vec::new(), Some(Box::new(self.query(true)?)))
            } else {
                (self.literals()?, None)
            };
            self.expect_sign(")")?;
            let operator = if negated {
                Operator::NotIn
            } else {
                Operator::In
            };
            return Ok(Condition {
                field,
                function,
                operator,
                values,
                among,
            });
        }
        let operator = match self.peek() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("!=" | "<>")) => Operator::NotEqual,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::LessOrEqual,
            Some(Token::Sign(">")) => Operator::Greater,
            Some(Token::Sign(">=")) => Operator::GreaterOrEqual,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Condition {
            field,
            function,
            operator,
            values: vec![self.literal()?],
            among: None,
        })
    }

    fn begins_query(&self) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case("SELECT"))
    }

    fn literals(&mut self) -> Result<Vec<Literal>, Refusal> {
        let mut values = vec![self.literal()?];
        while self.sign(",") {
            values.push(self.literal()?);
        }
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        let literal = match self.peek() {
            Some(Token::Text(value)) => Some(Literal::Text(value.clone())),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "null" => Some(Literal::Null),
                "true" => Some(Literal::Boolean(true)),
                "false" => Some(Literal::Boolean(false)),
                name => DateSpan::named(name).map(Literal::Span),
            },
            Some(Token::Number(number)) => number
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite())
                .map(Literal::Number)
                .or_else(|| number.parse().ok().map(Literal::Date))
                .or_else(|| number.parse().ok().map(Literal::Day)),
            _ => None,
        };
        let mut literal = literal.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        if let Literal::Span(span) = &mut literal
            && span.is_counted()
        {
            self.expect_sign(":")?;
            span.count = i64::try_from(self.number()?).map_err(|_| self.unexpected())?;
        }
        Ok(literal)
    }
}
