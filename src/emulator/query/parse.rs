//! The part of SOQL that is understood: SELECT fields FROM object WHERE conditions joined by AND
//! ORDER BY fields LIMIT number. Everything else is refused as malformed.

mod tokens;

use super::super::deploy::Refusal;
use tokens::{Token, tokens};

/// A query.
#[derive(Debug, PartialEq)]
pub struct Query {
    /// Selected fields.
    pub fields: Vec<Field>,
    /// The object.
    pub object: Name,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// Order, first field first; whether descending.
    pub order: Vec<(Field, bool)>,
    /// At most so many rows.
    pub limit: Option<usize>,
}

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Byte offset in the query.
    pub at: usize,
}

/// A field, with the relationships that lead to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `CreatedBy`, `Name` of `CreatedBy.Name`.
    pub path: Vec<Name>,
}

impl Field {
    /// As written.
    pub fn text(&self) -> String {
        let names: Vec<&str> = self.path.iter().map(|name| name.text.as_str()).collect();
        names.join(".")
    }
}

/// A comparison.
#[derive(Debug, PartialEq)]
pub struct Condition {
    /// What is compared.
    pub field: Field,
    /// How.
    pub operator: Operator,
    /// With what; several for IN.
    pub values: Vec<Literal>,
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
}

/// Reads a query.
pub fn parse(text: &str) -> Result<Query, Refusal> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        text,
        tokens,
        next: 0,
    };
    let query = parser.query()?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

/// The platform's three lines about a place in a query: what is around it, a mark, the position.
pub fn located(text: &str, at: usize, problem: &str) -> String {
    let before: Vec<char> = text.get(..at).unwrap_or_default().chars().collect();
    let shown: String = before[before.len().saturating_sub(32)..].iter().collect();
    let after: String = text
        .get(at..)
        .unwrap_or_default()
        .chars()
        .take(32)
        .collect();
    let line = before
        .iter()
        .filter(|character| **character == '\n')
        .count()
        + 1;
    let column = before
        .iter()
        .rev()
        .take_while(|character| **character != '\n')
        .count()
        + 1;
    let mark = " ".repeat(shown.chars().count());
    format!("\n{shown}{after}\n{mark}^\nERROR at Row:{line}:Column:{column}\n{problem}")
}

fn malformed(text: &str, at: usize, problem: &str) -> Refusal {
    Refusal::new("MALFORMED_QUERY", located(text, at, problem))
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, usize)>,
    next: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn at(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.text.len(), |(_, at)| *at)
    }

    fn unexpected(&self) -> Refusal {
        let shown = match self.peek() {
            None => "<EOF>".to_owned(),
            Some(Token::Word(word)) => word.clone(),
            Some(Token::Text(value)) => value.clone(),
            Some(Token::Number(number)) => number.clone(),
            Some(Token::Sign(sign)) => (*sign).to_owned(),
        };
        malformed(
            self.text,
            self.at(),
            &format!("unexpected token: '{shown}'"),
        )
    }

    /// Whether the next token is that keyword; takes it.
    fn keyword(&mut self, keyword: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.next += usize::from(found);
        found
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<(), Refusal> {
        if self.keyword(keyword) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.next += usize::from(found);
        found
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), Refusal> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn name(&mut self) -> Result<Name, Refusal> {
        let at = self.at();
        match self.peek() {
            Some(Token::Word(word)) => {
                let text = word.clone();
                self.next += 1;
                Ok(Name { text, at })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn field(&mut self) -> Result<Field, Refusal> {
        let mut path = vec![self.name()?];
        while self.sign(".") {
            path.push(self.name()?);
        }
        Ok(Field { path })
    }

    fn query(&mut self) -> Result<Query, Refusal> {
        self.expect_keyword("SELECT")?;
        let mut fields = vec![self.field()?];
        while self.sign(",") {
            fields.push(self.field()?);
        }
        self.expect_keyword("FROM")?;
        let object = self.name()?;
        let mut conditions = Vec::new();
        if self.keyword("WHERE") {
            conditions.push(self.condition()?);
            while self.keyword("AND") {
                conditions.push(self.condition()?);
            }
        }
        let mut order = Vec::new();
        if self.keyword("ORDER") {
            self.expect_keyword("BY")?;
            loop {
                let field = self.field()?;
                let descending = !self.keyword("ASC") && self.keyword("DESC");
                order.push((field, descending));
                if !self.sign(",") {
                    break;
                }
            }
        }
        let mut limit = None;
        if self.keyword("LIMIT") {
            limit = match self.peek() {
                Some(Token::Number(number)) => number.parse().ok(),
                _ => None,
            };
            if limit.is_none() {
                return Err(self.unexpected());
            }
            self.next += 1;
        }
        Ok(Query {
            fields,
            object,
            conditions,
            order,
            limit,
        })
    }

    fn condition(&mut self) -> Result<Condition, Refusal> {
        let field = self.field()?;
        let negated = self.keyword("NOT");
        if negated
            || matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case("IN"))
        {
            self.expect_keyword("IN")?;
            self.expect_sign("(")?;
            let mut values = vec![self.literal()?];
            while self.sign(",") {
                values.push(self.literal()?);
            }
            self.expect_sign(")")?;
            let operator = if negated {
                Operator::NotIn
            } else {
                Operator::In
            };
            return Ok(Condition {
                field,
                operator,
                values,
            });
        }
        let operator = match self.peek() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("!=" | "<>")) => Operator::NotEqual,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::LessOrEqual,
            Some(Token::Sign(">")) => Operator::Greater,
            Some(Token::Sign(">=")) => Operator::GreaterOrEqual,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Condition {
            field,
            operator,
            values: vec![self.literal()?],
        })
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        let literal = match self.peek() {
            Some(Token::Text(value)) => Some(Literal::Text(value.clone())),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "null" => Some(Literal::Null),
                "true" => Some(Literal::Boolean(true)),
                "false" => Some(Literal::Boolean(false)),
                _ => None,
            },
            Some(Token::Number(number)) => number
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite())
                .map(Literal::Number)
                .or_else(|| number.parse().ok().map(Literal::Date)),
            _ => None,
        };
        let literal = literal.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(literal)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_a_query_of_every_part() {
        let query = parse(
            "select Id, CreatedBy.Name FROM X WHERE A = 'it\\'s' AND b != null and c IN (1, -2.5) AND \
             d NOT IN (true) AND e >= 2026-05-09T17:00:41Z ORDER BY Id DESC, A LIMIT 5",
        )
        .unwrap();
        let fields: Vec<String> = query.fields.iter().map(Field::text).collect();
        assert_eq!(fields, ["Id", "CreatedBy.Name"]);
        let operators: Vec<Operator> = query.conditions.iter().map(|one| one.operator).collect();
        assert_eq!(
            operators,
            [
                Operator::Equal,
                Operator::NotEqual,
                Operator::In,
                Operator::NotIn,
                Operator::GreaterOrEqual
            ]
        );
        assert_eq!(
            query.conditions[0].values,
            [Literal::Text("it's".to_owned())]
        );
        assert_eq!(
            query.conditions[2].values,
            [Literal::Number(1.0), Literal::Number(-2.5)]
        );
        assert_eq!(
            query
                .order
                .iter()
                .map(|(_, down)| *down)
                .collect::<Vec<_>>(),
            [true, false]
        );
        assert_eq!(query.limit, Some(5));
    }

    #[test]
    fn says_where_a_query_is_malformed() {
        let refusal = parse("SELECT Id FRM ApexClass").unwrap_err();
        assert_eq!(refusal.code, "MALFORMED_QUERY");
        assert_eq!(
            refusal.message,
            "\nSELECT Id FRM ApexClass\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FRM'"
        );
        for bad in [
            "",
            "SELECT",
            "SELECT Id FROM X WHERE",
            "SELECT Id FROM X LIMIT x",
            "SELECT 'a FROM X",
            "SELECT Id FROM X WHERE a LIKE 'x'",
            "SELECT COUNT() FROM X",
            "SELECT Id FROM X;",
        ] {
            assert_eq!(parse(bad).unwrap_err().code, "MALFORMED_QUERY", "{bad}");
        }
    }

    #[test]
    fn shows_32_characters_before_the_place() {
        let text = "SELECT Id,Name,BillingCity,IsDeleted FROM Accout";
        assert_eq!(
            located(text, 42, "no"),
            "\nName,BillingCity,IsDeleted FROM Accout\n                                ^\n\
             ERROR at Row:1:Column:43\nno"
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_on_almost_soql(
            text in "(SELECT |FROM |WHERE |AND |IN |NOT |ORDER BY |LIMIT |[a-zA-Zé.,()='<>!\\\\ 0-9:-]){0,30}"
        ) {
            let _ = parse(&text);
        }
    }
}
