//! `TYPEOF` (SOQL and SOSL Reference, "TYPEOF").

use super::super::super::refusal::Refusal;
use super::{Field, Name, Parser};

/// What is selected of a parent that may be of several objects.
#[derive(Debug, PartialEq)]
pub struct TypeOf {
    /// The relationship.
    pub relationship: Name,
    /// Objects, each with what is selected of it.
    pub branches: Vec<(Name, Vec<Field>)>,
    /// What is selected of any other.
    pub otherwise: Vec<Field>,
}

impl Parser<'_> {
    /// The rest of a `TYPEOF`.
    pub(super) fn type_of(&mut self) -> Result<TypeOf, Refusal> {
        let mut found = TypeOf {
            relationship: self.name()?,
            branches: Vec::new(),
            otherwise: Vec::new(),
        };
        self.expect_keyword("WHEN")?;
        loop {
            let object = self.name()?;
            self.expect_keyword("THEN")?;
            found.branches.push((object, self.fields()?));
            if !self.keyword("WHEN") {
                break;
            }
        }
        if self.keyword("ELSE") {
            found.otherwise = self.fields()?;
        }
        self.expect_keyword("END")?;
        Ok(found)
    }

    fn fields(&mut self) -> Result<Vec<Field>, Refusal> {
        let mut fields = vec![self.field()?];
        while self.sign(",") {
            fields.push(self.field()?);
        }
        Ok(fields)
    }
}
