//! `Schema.SObjectType.Case` and `Schema.SObjectType.Case.fields.Subject`: descriptions by names.

use super::super::ir::{Call, Constant, Expr, ExprKind};
use super::super::source::At;
use super::super::types::{ClassId, ObjectId, Type};
use super::literals::constant;
use super::{Lower, Lowered};

impl Lower<'_> {
    /// The description of an object that is named behind the class of the tokens.
    pub(super) fn described(
        &mut self,
        class: ClassId,
        name: &str,
        at: At,
    ) -> Option<Lowered<Expr>> {
        if Some(class) != self.world.platform_class("schema.sobjecttype") {
            return None;
        }
        let object = self.world.schema.find(name)?;
        let token = constant(Constant::Object(object), Type::Class(class), at);
        Some(self.instance_call(token, "getDescribe", Vec::new(), false, at))
    }

    /// The description of a field that is named behind `fields` of such an object.
    pub(super) fn described_field(
        &mut self,
        fields: &Expr,
        name: &str,
        at: At,
    ) -> Option<Lowered<Expr>> {
        let holder = self.world.platform_class("schema.sobjecttypefields")?;
        if fields.ty != Type::Class(holder) {
            return None;
        }
        let object = object_of(fields)?;
        let field = self.world.schema.object(object).field(name)?.name.clone();
        let class = self.world.platform_class("schema.sobjectfield")?;
        let token = constant(Constant::Field(object, field), Type::Class(class), at);
        Some(self.instance_call(token, "getDescribe", Vec::new(), false, at))
    }
}

// The object of `Schema.SObjectType.X.fields`.
fn object_of(fields: &Expr) -> Option<ObjectId> {
    let ExprKind::Field { object, .. } = &fields.kind else {
        return None;
    };
    let ExprKind::Call(call) = &object.kind else {
        return None;
    };
    match &**call {
        Call {
            target:
                Some(Expr {
                    kind: ExprKind::Constant(Constant::Object(object)),
                    ..
                }),
            ..
        } => Some(*object),
        _ => None,
    }
}
