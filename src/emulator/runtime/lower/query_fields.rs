//! Fields of queries: paths, functions of dates, `toLabel`.

use std::sync::Arc;

use super::super::data::query::DATE_FUNCTIONS;
use super::super::data::schema::{FieldKind, Member};
use super::super::ir::Path;
use super::super::resolve::Fault;
use super::super::source::Node;
use super::super::types::ObjectId;
use super::{Lower, Lowered};

impl Lower<'_> {
    /// Long texts are selected and nothing else (SOQL and SOSL Reference, "fieldExpression Syntax" and
    /// "ORDER BY"): `what` is `filtered`, `sorted` or `grouped`.
    pub(super) fn refuse_long_text(
        &self,
        node: Node<'_>,
        object: ObjectId,
        path: &[Arc<str>],
        what: &str,
    ) -> Lowered<()> {
        let mut object = object;
        for part in path {
            match self.world.schema.member(object, part) {
                Some(Member::Parent(_, Some(parent))) => object = parent,
                Some(Member::Field(field)) => {
                    let is_long = match field.kind {
                        FieldKind::Base64 => true,
                        FieldKind::TextArea => field.length > 255,
                        FieldKind::MultiPicklist => what != "filtered",
                        _ => false,
                    };
                    if is_long {
                        let text =
                            format!("field '{}' can not be {what} in a query call", field.name);
                        return Err(Fault::new(node.at(), text));
                    }
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// The path of a field, or of a function of one; none for other functions.
    pub(super) fn field_path(&self, node: Node<'_>, object: ObjectId) -> Lowered<Option<Path>> {
        if node.kind() == "field_identifier" {
            return self.path(node, object).map(Some);
        }
        let name = node.field("function_name").map_or("", |name| name.text());
        let name = name.to_ascii_lowercase();
        let inner = node
            .children()
            .into_iter()
            .find(|child| matches!(child.kind(), "field_identifier" | "function_expression"));
        let Some(inner) = inner.filter(|_| node.kind() == "function_expression") else {
            return Ok(None);
        };
        // The labels of this org's values are the values, and its users live in UTC.
        if name == "tolabel" || name == "converttimezone" {
            return self.field_path(inner, object);
        }
        if !DATE_FUNCTIONS.contains(&name.as_str()) {
            return Ok(None);
        }
        let Some(mut path) = self.field_path(inner, object)? else {
            return Err(Fault::unsupported(inner.at(), inner.text()));
        };
        if let Some(last) = path.last_mut() {
            *last = Arc::from(format!("{name}({last})"));
        }
        Ok(Some(path))
    }
}
