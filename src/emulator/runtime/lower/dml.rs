//! Statements that write records.

use std::sync::Arc;

use super::super::data::dml::upsert;
use super::super::ir::{DmlOperation, Expr, ExprKind};
use super::super::resolve::Fault;
use super::super::source::Node;
use super::super::types::Type;
use super::{Lower, Lowered};

impl Lower<'_> {
    pub(super) fn dml(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let word = node
            .child("dml_type")
            .map_or("", |word| word.text())
            .to_ascii_lowercase();
        let operation = match word.as_str() {
            "insert" => DmlOperation::Insert,
            "update" => DmlOperation::Update,
            "upsert" => DmlOperation::Upsert,
            "delete" => DmlOperation::Delete,
            "undelete" => DmlOperation::Undelete,
            "merge" => return self.merge(node),
            other => return Err(Fault::unsupported(at, other)),
        };
        let target = self.required(node, "target")?;
        let target = self.expr(target)?;
        let is_record = target.ty.is_record();
        let is_list = matches!(&target.ty, Type::List(element) if element.is_record());
        if !is_record && !is_list {
            let name = self.name_of(&target.ty);
            return Err(Fault::new(
                at,
                format!("DML requires SObject or SObject list type: {name}"),
            ));
        }
        let key = match node.field("upsert_key") {
            Some(key) => Some(self.upsert_key(key, &target.ty)?),
            None => None,
        };
        let kind = ExprKind::Dml {
            operation,
            target: Box::new(target),
            key,
        };
        Ok(Expr {
            kind,
            ty: Type::Void,
            at,
        })
    }

    // `Contact.Email`, `Contact.Fields.Email` or the field alone.
    fn upsert_key(&mut self, node: Node<'_>, target: &Type) -> Lowered<Arc<str>> {
        let target = match target {
            Type::List(element) => element,
            other => other,
        };
        let Type::Record(object) = target else {
            return Err(Fault::new(
                node.at(),
                "Upsert with a field specification requires a concrete SObject type",
            ));
        };
        let parts: Vec<&str> = node.text().split('.').map(str::trim).collect();
        let name = &self.world.schema.object(*object).name;
        let field = match parts[..] {
            [field] => field,
            [named, field] if named.eq_ignore_ascii_case(name) => field,
            [named, fields, field]
                if named.eq_ignore_ascii_case(name) && fields.eq_ignore_ascii_case("Fields") =>
            {
                field
            }
            _ => return Err(Fault::unsupported(node.at(), node.text())),
        };
        if self.world.schema.object(*object).field(field).is_none() {
            return Err(Fault::unsupported(
                node.at(),
                format!("upsert by {field} of {name}"),
            ));
        }
        upsert::key(&self.world.schema, *object, field)
            .ok_or_else(|| Fault::new(node.at(), upsert::no_key(field)))
    }

    fn merge(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let target = self.required(node, "target")?;
        let target = self.expr(target)?;
        let others = self.required(node, "merge_with")?;
        let others = self.expr(others)?;
        let is_list = matches!(&others.ty, Type::List(element) if **element == target.ty);
        let fits = matches!(target.ty, Type::Record(_)) && (others.ty == target.ty || is_list);
        if !fits {
            return Err(Fault::unsupported(at, "a merge of these types"));
        }
        Ok(Expr {
            kind: ExprKind::Merge(Box::new(target), Box::new(others)),
            ty: Type::Void,
            at,
        })
    }
}
