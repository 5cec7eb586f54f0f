//! What a select list may not have.

use super::super::super::refusal::Refusal;
use super::super::parse::{Field, Query, Spread, located};
use super::super::tables::Column;
use super::Source;

impl Source<'_> {
    /// No field may be selected twice (SOQL and SOSL Reference, "FIELDS()").
    pub(super) fn refuse_twice(&self, query: &Query) -> Result<(), Refusal> {
        for (place, field) in query.fields.iter().enumerate() {
            let text = field.text();
            let mut before = query.fields[..place].iter().map(Field::text);
            let Some(name) = field.path.last() else {
                continue;
            };
            let spread =
                field.path.len() == 1 && query.spread.iter().any(|one| one.has(&name.text));
            if spread || before.any(|other| other.eq_ignore_ascii_case(&text)) {
                let problem = format!("duplicate field selected: {}", name.text);
                let place = located(self.text, name.at, &problem);
                return Err(Refusal::new("INVALID_FIELD", place));
            }
        }
        Ok(())
    }

    /// What only a query with groups may select.
    pub(super) fn refuse_grouping(&self, query: &Query) -> Result<(), Refusal> {
        for field in &query.fields {
            let problem = match (&field.alias, field.function) {
                (Some(_), _) => "only aggregate expressions use field aliasing".to_owned(),
                (None, Some(_)) => format!("Field must be grouped or aggregated: {}", field.text()),
                (None, None) => continue,
            };
            let place = located(self.text, field.at(), &problem);
            return Err(Refusal::new("MALFORMED_QUERY", place));
        }
        Ok(())
    }

    /// At most 2,000 rows are left out (SOQL and SOSL Reference, "OFFSET").
    pub(super) fn refuse_offset(&self, query: &Query) -> Result<(), Refusal> {
        if query.offset <= 2_000 {
            return Ok(());
        }
        Err(Refusal::new(
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ))
    }

    /// Long texts have no order.
    pub(super) fn refuse_order(&self, path: &[Column<'_>], field: &Field) -> Result<(), Refusal> {
        match path.last() {
            Some(column) if !column.filterable => {
                let name = column.name;
                let problem = format!("field '{name}' can not be sorted in a query call");
                let place = located(self.text, field.at(), &problem);
                Err(Refusal::new("MALFORMED_QUERY", place))
            }
            _ => Ok(()),
        }
    }

    /// `FIELDS()` of all or of custom fields needs a limit (SOQL and SOSL Reference, "FIELDS()").
    pub(super) fn refuse_spread(&self, query: &Query) -> Result<(), Refusal> {
        let bounded = query.limit.is_some_and(|limit| limit <= 200);
        let unbounded = |spread: &Spread| *spread != Spread::Standard;
        if bounded || !query.spread.iter().any(unbounded) {
            return Ok(());
        }
        Err(Refusal::new(
            "MALFORMED_QUERY",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ))
    }
}
