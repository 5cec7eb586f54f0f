//! The expressions that a query binds.

use super::{Expr, ExprKind, Filter, Query};

impl Query {
    /// The expressions that are bound in it.
    pub fn values(&self) -> Vec<&Expr> {
        let mut found: Vec<&Expr> = Vec::new();
        for filter in self.filter.iter().chain(&self.having) {
            filter.collect(&mut found);
        }
        found.extend(self.limit.as_deref());
        found.extend(self.offset.as_deref());
        found.retain(|value| !matches!(value.kind, ExprKind::Constant(_)));
        found
    }
}

impl Filter {
    fn collect<'a>(&'a self, found: &mut Vec<&'a Expr>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect(found);
                }
            }
            Self::Not(inner) => inner.collect(found),
            Self::Compare(_, _, value) | Self::Bound(_, value, _) => found.push(value),
            Self::Listed(_, values, _) => found.extend(values),
            Self::Days(..) => {}
            Self::Semijoin(_, query, _) => found.extend(query.values()),
        }
    }
}
