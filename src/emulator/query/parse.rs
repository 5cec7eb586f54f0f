//! The part of SOQL that is understood: fields, functions of dates, toLabel, TYPEOF, FIELDS(), COUNT(),
//! aggregates and child queries FROM an object WHERE conditions (AND, OR, NOT, parentheses, date
//! literals, IN with a query) WITH a mode GROUP BY fields, ROLLUP or CUBE HAVING conditions ORDER BY fields or aggregates LIMIT number OFFSET number FOR a purpose.
//! What SOQL has besides is refused by its name, everything else as malformed.

mod aggregate;
mod filter;
mod function;
mod place;
mod tokens;
mod type_of;

pub use aggregate::{Aggregate, Function};
pub use filter::{Condition, Filter, Literal, Operator};
pub use place::located;
pub use type_of::TypeOf;

use super::super::refusal::Refusal;
use tokens::{Token, tokens};

/// A query.
#[derive(Debug, PartialEq)]
pub struct Query {
    /// Selected fields.
    pub fields: Vec<Field>,
    /// Aggregates of the select list.
    pub aggregates: Vec<Aggregate>,
    /// `FIELDS(…)` of the select list.
    pub spread: Vec<Spread>,
    /// GROUP BY
    pub groups: Vec<Field>,
    /// Which subtotals there are besides.
    pub subtotals: Subtotals,
    /// HAVING
    pub having: Option<Filter>,
    /// `TYPEOF` of the select list.
    pub parents: Vec<TypeOf>,
    /// Queries of child records in the select list; their object is a relationship.
    pub children: Vec<Query>,
    /// `COUNT()` in place of a select list.
    pub counts: bool,
    /// The object.
    pub object: Name,
    /// Which rows.
    pub filter: Option<Filter>,
    /// Order, first field first.
    pub order: Vec<Order>,
    /// At most so many rows.
    pub limit: Option<usize>,
    /// After leaving out so many.
    pub offset: usize,
}

/// Subtotals of groups (SOQL and SOSL Reference, "GROUP BY ROLLUP" and "GROUP BY CUBE").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subtotals {
    /// None.
    None,
    /// `ROLLUP`: without the last field, without the last two, …
    Rollup,
    /// `CUBE`: without any of the fields.
    Cube,
}

/// Which fields `FIELDS()` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// `FIELDS(ALL)`
    All,
    /// `FIELDS(CUSTOM)`
    Custom,
    /// `FIELDS(STANDARD)`
    Standard,
}

impl Spread {
    /// Whether that field is among them.
    pub fn has(self, field: &str) -> bool {
        match self {
            Self::All => true,
            Self::Custom => field.ends_with("__c"),
            Self::Standard => !field.ends_with("__c"),
        }
    }
}

/// A field of ORDER BY.
#[derive(Debug, PartialEq)]
pub struct Order {
    /// The aggregate function around the field, where there is one.
    pub function: Option<Function>,
    /// The field.
    pub field: Field,
    /// `DESC`
    pub descending: bool,
    /// `NULLS LAST`
    pub nulls_last: bool,
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
    /// The function of dates around it, in lower case.
    pub function: Option<&'static str>,
    /// Its name in the result, where it was given one.
    pub alias: Option<String>,
}

impl Field {
    /// As written.
    pub fn text(&self) -> String {
        let names: Vec<&str> = self.path.iter().map(|name| name.text.as_str()).collect();
        match self.function {
            Some(function) => format!("{}({})", function.to_uppercase(), names.join(".")),
            None => names.join("."),
        }
    }

    /// Where it stands.
    pub fn at(&self) -> usize {
        self.path.first().map_or(0, |name| name.at)
    }
}

/// Reads a query.
pub fn parse(text: &str) -> Result<Query, Refusal> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        text,
        tokens,
        next: 0,
        in_having: false,
    };
    let query = parser.query(false)?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

impl Query {
    /// Takes the object's name and alias off the beginning of fields: `c.Subject` of `FROM Case c`.
    fn forget_names(&mut self, alias: Option<&str>) {
        let object = self.object.text.clone();
        let forget = |field: &mut Field| {
            let named = field.path.first().is_some_and(|first| {
                first.text.eq_ignore_ascii_case(&object)
                    || alias.is_some_and(|alias| first.text.eq_ignore_ascii_case(alias))
            });
            if named && field.path.len() > 1 {
                field.path.remove(0);
            }
        };
        self.fields.iter_mut().for_each(forget);
        self.groups.iter_mut().for_each(forget);
        for aggregate in &mut self.aggregates {
            forget(&mut aggregate.field);
        }
        for by in &mut self.order {
            forget(&mut by.field);
        }
        for filter in self.filter.iter_mut().chain(&mut self.having) {
            filter.each_field(&forget);
        }
    }
}

fn malformed(text: &str, at: usize, problem: &str) -> Refusal {
    Refusal::new("MALFORMED_QUERY", located(text, at, problem))
}

#[derive(Default)]
struct Selected {
    fields: Vec<Field>,
    aggregates: Vec<Aggregate>,
    spread: Vec<Spread>,
    parents: Vec<TypeOf>,
    children: Vec<Query>,
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, usize)>,
    next: usize,
    /// Whether aggregate functions may be compared here.
    in_having: bool,
}

/// Words of SOQL that this org does not know.
const UNKNOWN: [&str; 9] = [
    "FORMAT",
    "convertCurrency",
    "convertTimezone",
    "DISTANCE",
    "ROLLUP",
    "CUBE",
    "INCLUDES",
    "EXCLUDES",
    "USING",
];

/// Words that end the name of the object; any other there is its alias.
const CLAUSES: [&str; 9] = [
    "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "USING",
];

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
        if let Some(Token::Word(word)) = self.peek()
            && is_one_of(word, &UNKNOWN)
        {
            let problem = format!("this local org does not know {word} of SOQL");
            return malformed(self.text, self.at(), &problem);
        }
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
            Some(Token::Word(word)) if !self.is_unknown(word) => {
                let text = word.clone();
                self.next += 1;
                Ok(Name { text, at })
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A query; `within` others, in parentheses, it selects child records.
    fn query(&mut self, within: bool) -> Result<Query, Refusal> {
        self.expect_keyword("SELECT")?;
        let counts = !within && self.counts();
        let selected = if counts {
            Selected::default()
        } else {
            self.selected(within)?
        };
        self.expect_keyword("FROM")?;
        let object = self.name()?;
        let alias = match self.peek() {
            Some(Token::Word(word)) if !is_one_of(word, &CLAUSES) => Some(self.name()?.text),
            _ => None,
        };
        let filter = if self.keyword("WHERE") {
            Some(self.filter(0)?)
        } else {
            None
        };
        // The API user of this org may see everything, so the modes find the same.
        if self.keyword("WITH") {
            self.one_of(&["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"])?;
        }
        let mut groups = Vec::new();
        let mut subtotals = Subtotals::None;
        if self.keyword("GROUP") {
            self.expect_keyword("BY")?;
            for (name, kind) in [("ROLLUP", Subtotals::Rollup), ("CUBE", Subtotals::Cube)] {
                if self.opens(name) {
                    subtotals = kind;
                }
            }
            groups.push(self.field()?);
            while self.sign(",") {
                groups.push(self.field()?);
            }
            if subtotals != Subtotals::None {
                self.expect_sign(")")?;
            }
        }
        let having = if !groups.is_empty() && self.keyword("HAVING") {
            let outer = std::mem::replace(&mut self.in_having, true);
            let filter = self.filter(0)?;
            self.in_having = outer;
            Some(filter)
        } else {
            None
        };
        let mut order = Vec::new();
        if self.keyword("ORDER") {
            self.expect_keyword("BY")?;
            order.push(self.order()?);
            while self.sign(",") {
                order.push(self.order()?);
            }
        }
        let limit = if self.keyword("LIMIT") {
            Some(self.number()?)
        } else {
            None
        };
        let offset = if self.keyword("OFFSET") {
            self.number()?
        } else {
            0
        };
        if self.keyword("FOR") {
            self.one_of(&["VIEW", "REFERENCE", "UPDATE"])?;
        }
        let mut query = Query {
            fields: selected.fields,
            aggregates: selected.aggregates,
            spread: selected.spread,
            groups,
            subtotals,
            having,
            parents: selected.parents,
            children: selected.children,
            counts,
            object,
            filter,
            order,
            limit,
            offset,
        };
        query.forget_names(alias.as_deref());
        Ok(query)
    }

    /// Takes one of these words.
    fn one_of(&mut self, words: &[&str]) -> Result<(), Refusal> {
        if words.iter().any(|word| self.keyword(word)) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Whether that word, which is next, is none of a query's names but one of SOQL that is not
    /// known here.
    fn is_unknown(&self, word: &str) -> bool {
        let opens = self.tokens.get(self.next + 1);
        let opens = matches!(opens, Some((Token::Sign("("), _)));
        is_one_of(word, &UNKNOWN) && opens
    }

    /// `FIELDS(ALL)`, if it is next.
    fn spread(&mut self) -> Result<Option<Spread>, Refusal> {
        let start = self.next;
        if !(self.keyword("FIELDS") && self.sign("(")) {
            self.next = start;
            return Ok(None);
        }
        let known = [
            ("ALL", Spread::All),
            ("CUSTOM", Spread::Custom),
            ("STANDARD", Spread::Standard),
        ];
        let found = known.into_iter().find(|(word, _)| self.keyword(word));
        let (_, spread) = found.ok_or_else(|| self.unexpected())?;
        self.expect_sign(")")?;
        Ok(Some(spread))
    }

    /// The select list: fields, aggregates, and queries of child records.
    fn selected(&mut self, within: bool) -> Result<Selected, Refusal> {
        let mut selected = Selected::default();
        loop {
            if !within && self.sign("(") {
                selected.children.push(self.query(true)?);
                self.expect_sign(")")?;
            } else if self.keyword("TYPEOF") {
                selected.parents.push(self.type_of()?);
            } else if let Some(spread) = self.spread()? {
                selected.spread.push(spread);
            } else if !within && let Some(function) = self.function() {
                let field = self.field()?;
                self.expect_sign(")")?;
                let named = matches!(self.peek(), Some(Token::Word(word)) if !word.eq_ignore_ascii_case("FROM"));
                let alias = if named { Some(self.name()?.text) } else { None };
                let position = selected.fields.len() + selected.aggregates.len();
                selected.aggregates.push(Aggregate {
                    function,
                    field,
                    alias,
                    position,
                });
            } else {
                let mut field = self.field()?;
                field.alias = self.alias()?;
                selected.fields.push(field);
            }
            if !self.sign(",") {
                return Ok(selected);
            }
        }
    }

    fn order(&mut self) -> Result<Order, Refusal> {
        let function = self.function();
        let field = self.field()?;
        if function.is_some() {
            self.expect_sign(")")?;
        }
        let descending = !self.keyword("ASC") && self.keyword("DESC");
        let mut nulls_last = false;
        if self.keyword("NULLS") {
            nulls_last = self.keyword("LAST");
            if !nulls_last {
                self.expect_keyword("FIRST")?;
            }
        }
        Ok(Order {
            function,
            field,
            descending,
            nulls_last,
        })
    }

    fn number(&mut self) -> Result<usize, Refusal> {
        let number = match self.peek() {
            Some(Token::Number(number)) => number.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(number)
    }
}

#[cfg(test)]
mod tests;
