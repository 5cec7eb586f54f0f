//! `X__mdt.getInstance(name)` and `X__mdt.getAll()`: methods that every custom metadata type has.

use std::sync::Arc;

use super::super::ir::{Call, Constant, Expr, ExprKind};
use super::super::source::At;
use super::super::types::Type;
use super::literals::constant;
use super::{Lower, Lowered};

impl Lower<'_> {
    /// The call, if it is one of these.
    pub(super) fn custom_metadata_call(
        &self,
        ty: &Type,
        name: &str,
        arguments: &[Expr],
        at: At,
    ) -> Lowered<Option<Expr>> {
        let Type::Record(object) = ty else {
            return Ok(None);
        };
        if !self.world.schema.object(*object).is_custom_metadata {
            return Ok(None);
        }
        let (native, result) = match (name.to_ascii_lowercase().as_str(), arguments) {
            ("getinstance", [_]) => ("find", ty.clone()),
            ("getall", []) => ("all", Type::Map(Arc::new((Type::String, ty.clone())))),
            _ => return Ok(None),
        };
        let class = self.world.platform_class("system.custommetadatarecords");
        let method =
            class.and_then(|class| self.world.methods_named(class, native).first().copied());
        let token = self.world.platform_class("schema.sobjecttype");
        let (Some(method), Some(token)) = (method, token) else {
            return Ok(None);
        };
        let mut values = vec![constant(Constant::Object(*object), Type::Class(token), at)];
        for argument in arguments {
            values.push(self.assign_to(argument.clone(), &Type::String)?);
        }
        let call = Call {
            method,
            target: None,
            is_virtual: false,
            safe: false,
            arguments: values,
        };
        Ok(Some(Expr {
            kind: ExprKind::Call(Box::new(call)),
            ty: result,
            at,
        }))
    }
}
