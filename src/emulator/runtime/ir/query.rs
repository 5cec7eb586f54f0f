//! What queries and searches are compiled to.

use std::sync::Arc;

use super::super::types::ObjectId;
use super::Expr;
use crate::emulator::date_span::DateSpan;

/// Relationship names that end with a field.
pub type Path = Vec<Arc<str>>;

/// How the names of aggregates begin that are used and not selected.
pub const HIDDEN: char = ' ';

/// A SOQL query.
#[derive(Debug, Clone)]
pub struct Query {
    /// `FROM`
    pub object: ObjectId,
    /// `SELECT`: paths of relationship names that end with a field, or with a function of one:
    /// `calendar_year(CreatedDate)`.
    pub fields: Vec<Path>,
    /// `SELECT COUNT()`
    pub counts: bool,
    /// Aggregates: function, field (none for `COUNT()`), alias.
    pub aggregates: Vec<(Arc<str>, Option<Path>, Arc<str>)>,
    /// `GROUP BY`
    pub group_by: Vec<Path>,
    /// `HAVING`: a condition on the names of aggregates and grouped fields.
    pub having: Option<Filter>,
    /// Other names for fields that are grouped by.
    pub aliases: Vec<(Path, Arc<str>)>,
    /// Subqueries: relationship, field on the child that refers to the parent, query.
    pub children: Vec<(Arc<str>, Arc<str>, Self)>,
    /// `WHERE`
    pub filter: Option<Filter>,
    /// `ORDER BY`: path, descending, nulls last.
    pub order_by: Vec<(Path, bool, bool)>,
    /// `LIMIT`
    pub limit: Option<Box<Expr>>,
    /// `OFFSET`
    pub offset: Option<Box<Expr>>,
    /// `ALL ROWS`
    pub all_rows: bool,
    /// Whether it is for a `Database.QueryLocator`, whose rows have a limit of their own.
    pub is_located: bool,
    /// What a log says of it: the text, with `:tmpVar1` and so on for what is bound.
    pub text: Arc<str>,
}

impl Query {
    /// All records of an object, with nothing selected.
    pub fn of(object: ObjectId) -> Self {
        Self {
            object,
            fields: Vec::new(),
            counts: false,
            aggregates: Vec::new(),
            group_by: Vec::new(),
            having: None,
            aliases: Vec::new(),
            children: Vec::new(),
            filter: None,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            all_rows: false,
            is_located: false,
            text: "".into(),
        }
    }
}

/// SOSL.
#[derive(Debug, Clone)]
pub struct Search {
    /// What is bound in `FIND`.
    pub term: Option<Box<Expr>>,
    /// `RETURNING`: for each object what is told of it, and which of its records.
    pub returning: Vec<Query>,
}

/// A condition of a query.
#[derive(Debug, Clone)]
pub enum Filter {
    /// `AND`
    All(Vec<Filter>),
    /// `OR`
    Any(Vec<Filter>),
    /// `NOT`
    Not(Box<Filter>),
    /// Field, operator, value.
    Compare(Path, FilterOperator, Expr),
    /// Field, operator, days such as `LAST_N_DAYS:5`.
    Days(Path, FilterOperator, DateSpan),
    /// `IN` with listed values; true for `NOT IN`.
    Listed(Path, Vec<Expr>, bool),
    /// `IN` with a collection; true for `NOT IN`.
    Bound(Path, Expr, bool),
    /// `IN (SELECT …)`; true for `NOT IN`.
    Semijoin(Path, Box<Query>, bool),
}

/// Comparison in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum FilterOperator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}
