//! What collections take from other collections. Most of it asks for elements of the same type, where
//! an assignment would take more.

use super::super::ir::Expr;
use super::super::resolve::Fault;
use super::super::source::At;
use super::super::types::Type;
use super::{Lower, Lowered};

impl Lower<'_> {
    /// What is wrong with filling a new collection from a value of a type.
    pub(super) fn wrong_source(&self, ty: &Type, source: &Type) -> Option<String> {
        let (fits, expected) = match (ty, source) {
            (Type::List(to), source) => {
                let expected = format!("an Integer or a List of type {}", self.name_of(to));
                (elements(source) == Some(to), expected)
            }
            (Type::Set(to), source) => {
                let expected = format!("a List or a Set of type: {}", self.name_of(to));
                (elements(source) == Some(to), expected)
            }
            (Type::Map(to), source) => {
                let expected = "a Map with the same key and value types, or a valid SObject List";
                (ty == source || gives_rows(to, source), expected.to_owned())
            }
            _ => return None,
        };
        let source = match source {
            Type::Null => "NULL".to_owned(),
            other => self.name_of(other),
        };
        let ty = self.name_of(ty);
        (!fits).then(|| {
            format!("Invalid initializer type {source} found for {ty}: expected {expected}")
        })
    }

    /// Refuses a method that takes another collection whose elements don't fit.
    pub(super) fn check_taken(
        &self,
        receiver: &Type,
        name: &str,
        arguments: &[Expr],
        at: At,
    ) -> Lowered<()> {
        let (written, name) = (name, name.to_ascii_lowercase());
        let is_list = matches!(receiver, Type::List(element) if !element.is_record());
        if name == "deepclone" && is_list {
            let list = self.name_of(receiver);
            let text = format!("Operation only applies to SObject list types: {list}");
            return Err(self.mismatch(&[receiver], at, text));
        }
        let [Expr { ty: given, .. }] = arguments else {
            return Ok(());
        };
        let takes_all = matches!(
            name.as_str(),
            "addall" | "containsall" | "removeall" | "retainall"
        );
        let is_collection = matches!(receiver, Type::List(_) | Type::Set(_) | Type::Map(_));
        if *given == Type::Null && is_collection && (takes_all || name == "putall") {
            let returns = match receiver {
                Type::Set(_) => "Boolean",
                _ => "void",
            };
            let text = format!("Ambiguous method signature: {returns} {written}(NULL)");
            return Err(Fault::new(at, text));
        }
        let fits = match (receiver, given) {
            (Type::List(to), Type::List(from)) if takes_all => self.cost(from, to).is_some(),
            (Type::Set(to), given) if takes_all => elements(given) == Some(to),
            (Type::Map(to), Type::List(_)) if name == "putall" => gives_rows(to, given),
            _ => true,
        };
        if fits {
            return Ok(());
        }
        let (receiver_name, given_name) = (self.name_of(receiver), self.name_of(given));
        let text = if takes_all {
            format!(
                "Illegal all method call for argument type, {given_name}, for collection: {receiver_name}"
            )
        } else {
            format!("Invalid putAll type {given_name} found for {receiver_name}")
        };
        Err(self.mismatch(&[receiver, given], at, text))
    }
}

// The type of the elements of a List or Set.
fn elements(ty: &Type) -> Option<&std::sync::Arc<Type>> {
    match ty {
        Type::List(element) | Type::Set(element) => Some(element),
        _ => None,
    }
}

// Whether a List holds rows that a Map with these keys and values has by their Ids.
fn gives_rows((key, value): &(Type, Type), source: &Type) -> bool {
    let are_ids = matches!(key, Type::Id | Type::String);
    match source {
        Type::List(row) if are_ids => {
            row.is_record() && (**row == *value || *value == Type::SObject)
        }
        _ => false,
    }
}
