//! Parents that may be of several objects.

use serde_json::{Map, Value};

use super::super::super::refusal::Refusal;
use super::super::parse::{Field, TypeOf};
use super::super::tables::{Row, Table};
use super::{Path, Source};

impl<'a> Source<'a> {
    /// Adds to a record what is selected of its parents by what they are.
    pub(super) fn add_parents(
        &self,
        table: &Table<'a>,
        row: &Row,
        parents: &[TypeOf],
        record: &mut Map<String, Value>,
    ) -> Result<(), Refusal> {
        for selected in parents {
            let name = &selected.relationship;
            let leads = |column: &super::Column<'a>| {
                let relationship = column.parent.map(|(relationship, _)| relationship);
                relationship.is_some_and(|found| found.eq_ignore_ascii_case(&name.text))
            };
            let column = table.columns.iter().copied().find(leads);
            let column = column.ok_or_else(|| self.no_relationship(name))?;
            let mut value = Value::Null;
            for (object, fields) in &selected.branches {
                let of = self.named(object)?;
                let paths = self.paths(&of, fields)?;
                let id = row.get(column.name).filter(|id| !id.is_null());
                let rows = of.rows(self.state, self.now, self.all).into_iter();
                let found =
                    id.and_then(|id| rows.into_iter().find(|row| row.get("Id") == Some(id)));
                if let (Value::Null, Some(found)) = (&value, found) {
                    value = Value::Object(self.record(&of, &found, &paths));
                }
            }
            if value.is_null()
                && !selected.otherwise.is_empty()
                && let Some((of, found)) = self.parent(row, &column)
            {
                let paths = self.paths(&of, &selected.otherwise)?;
                value = Value::Object(self.record(&of, &found, &paths));
            }
            let relationship = column.parent.map_or("", |(relationship, _)| relationship);
            record.insert(relationship.to_owned(), value);
        }
        Ok(())
    }

    fn paths(&self, table: &Table<'a>, fields: &[Field]) -> Result<Vec<Path<'a>>, Refusal> {
        let paths = fields.iter().map(|field| self.resolve(table, field));
        paths.collect()
    }
}
