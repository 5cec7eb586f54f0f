//! What sources are compiled to: names resolved, types known, conversions explicit.

mod bound;
mod query;

use std::sync::Arc;

use super::source::At;
use super::types::{ClassId, MethodId, ObjectId, Type};

pub use query::{Filter, FilterOperator, HIDDEN, Path, Query, Search};

/// An expression with its static type.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What to do.
    pub kind: ExprKind,
    /// The static type of the result.
    pub ty: Type,
    /// Where it stands.
    pub at: At,
}

impl Expr {
    /// Whether its own line counts for coverage: the compiler notes the lines of values, and of
    /// operators only through their operands.
    pub fn counts(&self) -> bool {
        !matches!(
            self.kind,
            ExprKind::Binary { .. }
                | ExprKind::Compare { .. }
                | ExprKind::And(..)
                | ExprKind::Or(..)
                | ExprKind::Ternary(..)
                | ExprKind::Coalesce(..)
                | ExprKind::Convert(_)
                | ExprKind::Cast(_)
        )
    }

    /// The expressions directly inside.
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Constant(_)
            | ExprKind::Local(_)
            | ExprKind::This
            | ExprKind::Static(..)
            | ExprKind::Gap(_)
            | ExprKind::Trigger(_) => Vec::new(),
            ExprKind::Field { object: inner, .. }
            | ExprKind::RecordField { record: inner, .. }
            | ExprKind::Sized(inner)
            | ExprKind::Negate(inner)
            | ExprKind::Not(inner)
            | ExprKind::Complement(inner)
            | ExprKind::InstanceOf(inner, _)
            | ExprKind::Convert(inner)
            | ExprKind::Cast(inner)
            | ExprKind::Update { target: inner, .. }
            | ExprKind::Dml { target: inner, .. } => vec![inner],
            ExprKind::Merge(a, b)
            | ExprKind::Index { list: a, index: b }
            | ExprKind::Assign {
                target: a,
                value: b,
                ..
            }
            | ExprKind::Binary {
                left: a, right: b, ..
            }
            | ExprKind::Compare {
                left: a, right: b, ..
            }
            | ExprKind::And(a, b)
            | ExprKind::Or(a, b)
            | ExprKind::Coalesce(a, b) => vec![a, b],
            ExprKind::Ternary(a, b, c) => vec![a, b, c],
            ExprKind::Call(call) => call.target.iter().chain(&call.arguments).collect(),
            ExprKind::New { arguments, .. } | ExprKind::Elements(arguments) => {
                arguments.iter().collect()
            }
            ExprKind::NewRecord { fields, .. } => fields.iter().map(|(_, value)| value).collect(),
            ExprKind::NewCollection { source } => source.iter().map(|source| &**source).collect(),
            ExprKind::Entries(entries) => entries
                .iter()
                .flat_map(|(key, value)| [key, value])
                .collect(),
            ExprKind::Query(query) => query.values(),
            ExprKind::Search(search) => search.term.as_deref().into_iter().collect(),
        }
    }
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// `1`
    Integer(i32),
    /// `1L`
    Long(i64),
    /// `1.0d`
    Double(f64),
    /// `1.0`
    Decimal(super::decimal::Decimal),
    /// `'text'`
    String(Arc<str>),
    /// `2026-01-31` in a query
    Date(jiff::civil::Date),
    /// `2026-01-31T00:00:00Z` in a query, in milliseconds since 1970
    Datetime(i64),
    /// A constant of an enum.
    Enum(ClassId, u16),
    /// `Case.SObjectType`
    Object(ObjectId),
    /// `Case.Subject` as a token: object and field name.
    Field(ObjectId, Arc<str>),
    /// `Foo.class`
    Type(Type),
}

/// What an expression does.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A constant.
    Constant(Constant),
    /// A local variable or parameter by slot.
    Local(usize),
    /// `this`
    This,
    /// A static variable by class and slot.
    Static(ClassId, usize),
    /// An instance variable by slot; null when `safe` and the object is null.
    Field {
        object: Box<Expr>,
        slot: usize,
        safe: bool,
    },
    /// A field, parent or child list of an sObject.
    RecordField {
        record: Box<Expr>,
        name: Arc<str>,
        safe: bool,
    },
    /// `list[index]`
    Index { list: Box<Expr>, index: Box<Expr> },
    /// A call.
    Call(Box<Call>),
    /// `new` of a class: class, constructor, arguments.
    New {
        class: ClassId,
        constructor: Option<MethodId>,
        arguments: Vec<Expr>,
    },
    /// `new Case(Subject = 'x')`
    NewRecord {
        object: ObjectId,
        fields: Vec<(Arc<str>, Expr)>,
    },
    /// `new List<X>(source)`, with nothing for an empty collection.
    NewCollection { source: Option<Box<Expr>> },
    /// `new List<X>{…}`, `new Set<X>{…}`
    Elements(Vec<Expr>),
    /// `new Map<K, V>{k => v}`
    Entries(Vec<(Expr, Expr)>),
    /// `new X[size]`
    Sized(Box<Expr>),
    /// An assignment; with an operator, `target op= value`.
    Assign {
        target: Box<Expr>,
        operator: Option<Operator>,
        value: Box<Expr>,
    },
    /// `++`, `--`
    Update {
        target: Box<Expr>,
        by: i32,
        prefix: bool,
    },
    /// `-x`
    Negate(Box<Expr>),
    /// `!x`
    Not(Box<Expr>),
    /// `~x`
    Complement(Box<Expr>),
    /// Arithmetic on operands of the same number type, or string concatenation.
    Binary {
        operator: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// Comparison.
    Compare {
        operator: Comparison,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `&&`
    And(Box<Expr>, Box<Expr>),
    /// `||`
    Or(Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    Ternary(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a ?? b`
    Coalesce(Box<Expr>, Box<Expr>),
    /// `x instanceof T`
    InstanceOf(Box<Expr>, Type),
    /// A conversion that the static types demand, to the expression's type.
    Convert(Box<Expr>),
    /// `(T) x`, checked when it runs.
    Cast(Box<Expr>),
    /// `[SELECT …]`
    Query(Arc<Query>),
    /// `[FIND …]`
    Search(Arc<Search>),
    /// `insert x` and so on.
    Dml {
        operation: DmlOperation,
        target: Box<Expr>,
        key: Option<Arc<str>>,
    },
    /// `merge x y`
    Merge(Box<Expr>, Box<Expr>),
    /// `Trigger.new` and its like.
    Trigger(TriggerVariable),
    /// Something that this runtime does not have: what, with its place.
    Gap(Arc<str>),
}

/// A call of a method.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method that the static types select.
    pub method: MethodId,
    /// The object, for an instance method.
    pub target: Option<Expr>,
    /// Whether the object's class may override the method.
    pub is_virtual: bool,
    /// `?.`
    pub safe: bool,
    /// The arguments, converted to the parameters' types.
    pub arguments: Vec<Expr>,
}

/// Operators that give a value of their operands' type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    Concat,
}

/// Operators that give a Boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum Comparison {
    Equal,
    NotEqual,
    Same,
    NotSame,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// DML operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum DmlOperation {
    Insert,
    Update,
    Upsert,
    Delete,
    Undelete,
    Merge,
}

/// Context variables of triggers (Apex Developer Guide, "Trigger Context Variables").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum TriggerVariable {
    New,
    Old,
    NewMap,
    OldMap,
    Size,
    IsExecuting,
    IsInsert,
    IsUpdate,
    IsDelete,
    IsUndelete,
    IsBefore,
    IsAfter,
    OperationType,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// What to do.
    pub kind: StmtKind,
    /// Where it begins; line 0 does not count for coverage.
    pub at: At,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// An expression for its effect.
    Expr(Expr),
    /// A local variable.
    Local(usize, Option<Expr>),
    /// `{ … }` or several declarations.
    Block(Vec<Stmt>),
    /// `if`
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    /// `while`
    While(Expr, Box<Stmt>),
    /// `do … while`
    DoWhile(Box<Stmt>, Expr),
    /// `for (init; condition; update)`
    For {
        init: Vec<Stmt>,
        condition: Option<Expr>,
        update: Vec<Expr>,
        body: Box<Stmt>,
    },
    /// `for (T x : values)`; in chunks when a query feeds a list variable.
    ForEach {
        slot: usize,
        values: Expr,
        chunked: bool,
        body: Box<Stmt>,
    },
    /// `return`
    Return(Option<Expr>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `throw`
    Throw(Expr),
    /// `try`
    Try {
        body: Box<Stmt>,
        catches: Vec<Catch>,
        finally: Option<Box<Stmt>>,
    },
    /// `switch on`
    Switch {
        subject: Expr,
        arms: Vec<Arm>,
        otherwise: Option<Box<Stmt>>,
    },
    /// `System.runAs(user) { … }`
    RunAs(Expr, Box<Stmt>),
}

/// A `catch` clause.
#[derive(Debug, Clone)]
pub struct Catch {
    /// The exception class.
    pub class: ClassId,
    /// Where the exception is stored.
    pub slot: usize,
    /// Where the clause begins.
    pub at: At,
    /// What to do.
    pub body: Stmt,
}

/// A `when` clause.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Values, of the subject's type.
    pub values: Vec<Constant>,
    /// Where the clause begins.
    pub at: At,
    /// `when Case c`: the object and the variable.
    pub record: Option<(ObjectId, usize)>,
    /// What to do.
    pub body: Stmt,
}
