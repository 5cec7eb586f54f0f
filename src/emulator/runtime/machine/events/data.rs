//! Log events of queries, DML, callouts, mail and savepoints (Apex Developer Guide, "Debug Log
//! Levels", which lists each event with its fields, category and level).

use super::super::super::ir::{DmlOperation, Query};
use super::super::super::log::{Category, Level};
use super::super::super::value::{Record, Value};
use super::super::{Machine, Outcome};
use std::rc::Rc;

impl Machine<'_> {
    /// A query begins: its line. Subqueries are its "aggregations".
    pub fn log_query(&mut self, query: &Query) -> u32 {
        let line = self.line();
        self.event(Category::Database, Level::Info, || {
            let aggregations = query.children.len();
            format!(
                "SOQL_EXECUTE_BEGIN|[{line}]|Aggregations:{aggregations}|{}",
                query.text
            )
        });
        line
    }

    /// The query of a line found its rows.
    pub fn log_rows(&mut self, line: u32, rows: usize) {
        self.event(Category::Database, Level::Info, || {
            format!("SOQL_EXECUTE_END|[{line}]|Rows:{rows}")
        });
    }

    /// Runs DML that Apex asked for, between its two events; the second comes also when it fails.
    pub fn logged_dml<T>(
        &mut self,
        operation: DmlOperation,
        records: &[Rc<Record>],
        work: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let line = self.line();
        if self.log.writes(Category::Database, Level::Info)
            && let Some(first) = records.first()
        {
            let name = self.world.schema.object(first.object).name.clone();
            let rows = records.len();
            self.event(Category::Database, Level::Info, || {
                format!(
                    "DML_BEGIN|[{line}]|Op:{}|Type:{name}|Rows:{rows}",
                    operation.name()
                )
            });
        }
        let result = work(self);
        if !records.is_empty() {
            self.event(Category::Database, Level::Info, || {
                format!("DML_END|[{line}]")
            });
        }
        result
    }

    /// `Database.setSavepoint` and `Database.rollback`.
    pub fn log_savepoint(&mut self, event: &str, number: i64) {
        let line = self.line();
        self.event(Category::Database, Level::Info, || {
            format!("{event}|[{line}]|{number}")
        });
    }

    /// A callout leaves, or is given to a mock.
    pub fn log_request(&mut self, request: &Value) {
        if !self.log.writes(Category::Callout, Level::Info) {
            return;
        }
        let line = self.line();
        let [endpoint, method] = self.texts_of(request, ["endpoint", "method"]);
        self.event(Category::Callout, Level::Info, || {
            format!(
                "CALLOUT_REQUEST|[{line}]|System.HttpRequest[Endpoint={endpoint}, Method={method}]"
            )
        });
    }

    /// A callout was answered.
    pub fn log_response(&mut self, response: &Value) {
        if !self.log.writes(Category::Callout, Level::Info) {
            return;
        }
        let line = self.line();
        let [status, code] = self.texts_of(response, ["status", "code"]);
        self.event(Category::Callout, Level::Info, || {
            format!(
                "CALLOUT_RESPONSE|[{line}]|System.HttpResponse[Status={status}, StatusCode={code}]"
            )
        });
    }

    /// A message was handed over.
    pub fn log_mail(&mut self) {
        let line = self.line();
        self.event(Category::ApexCode, Level::Info, || {
            format!("EMAIL_QUEUE|[{line}]")
        });
    }

    pub(super) fn texts_of<const N: usize>(&self, value: &Value, names: [&str; N]) -> [String; N] {
        names.map(|name| match value {
            Value::Object(object) => match self.variable_of(object, name) {
                Value::Integer(number) => number.to_string(),
                other => other
                    .as_text()
                    .map_or_else(|| "null".to_owned(), |text| text.to_string()),
            },
            _ => "null".to_owned(),
        })
    }
}
