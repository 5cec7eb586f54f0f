//! `switch on`.

use super::super::ir::{Arm, Constant, ExprKind, StmtKind};
use super::super::program::ClassKind;
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::Type;
use super::{Lower, Lowered, literals};

impl Lower<'_> {
    pub(super) fn switch(&mut self, node: Node<'_>) -> Lowered<StmtKind> {
        let condition = self.required(node, "condition")?;
        let subject = self.expr(condition)?;
        let is_possible = match &subject.ty {
            Type::Integer | Type::Long | Type::String | Type::SObject => true,
            Type::Class(class) => self.world.class(*class).kind == ClassKind::Enum,
            _ => false,
        };
        let at = node.at();
        if !is_possible {
            let name = self.name_of(&subject.ty);
            let text = format!("{name} is not a valid switch expression type");
            return Err(self.mismatch(&[&subject.ty], subject.at, text));
        }
        let body = self.required(node, "body")?;
        let mut arms: Vec<Arm> = Vec::new();
        let mut otherwise = None;
        for rule in body.children() {
            let (Some(label), Some(block)) = (rule.child("switch_label"), rule.child("block"))
            else {
                return Err(Fault::unsupported(rule.at(), rule.kind()));
            };
            if otherwise.is_some() {
                return Err(Fault::new(at, "'when else' must be the last when block"));
            }
            let values = label.children();
            match values.first() {
                None => otherwise = Some(self.nested(block)?),
                Some(first) if first.kind() == "when_sobject_type" => {
                    let arm = self.scoped(|lower| lower.record_arm(*first, block, &subject.ty))?;
                    let is_same = |known: &Arm| {
                        known.record.map(|(object, _)| object)
                            == arm.record.map(|(object, _)| object)
                    };
                    if arms.iter().any(is_same) {
                        let name = first.children().first().map_or("", |ty| ty.text());
                        let text = format!(
                            "{name} occurs as more than one when branch for this switch statement"
                        );
                        return Err(Fault::new(first.at(), text));
                    }
                    arms.push(arm);
                }
                Some(_) => {
                    let mut constants = Vec::new();
                    for value in values {
                        let constant = self.when_value(value, &subject.ty, at)?;
                        let earlier = arms.iter().flat_map(|arm| &arm.values);
                        if earlier.chain(&constants).any(|known| *known == constant) {
                            let text = value.text().trim_matches('\'');
                            return Err(Fault::new(
                                at,
                                format!(
                                    "{text} occurs as more than one when branch for this switch statement"
                                ),
                            ));
                        }
                        constants.push(constant);
                    }
                    let body = *self.nested(block)?;
                    arms.push(Arm {
                        values: constants,
                        at: rule.at(),
                        record: None,
                        body,
                    });
                }
            }
        }
        Ok(StmtKind::Switch {
            subject,
            arms,
            otherwise,
        })
    }

    fn record_arm(&mut self, node: Node<'_>, block: Node<'_>, subject: &Type) -> Lowered<Arm> {
        let [type_node, name] = node.children()[..] else {
            return Err(Fault::unsupported(node.at(), node.kind()));
        };
        let ty = self.type_of(type_node)?;
        let (given, of) = (self.name_of(&ty), self.name_of(subject));
        if !subject.is_record() {
            let text = format!("{of} cannot be a when type variable block");
            return Err(Fault::new(node.at(), text));
        }
        if ty == Type::SObject {
            let text = format!(
                "{given} in the when expression is already matching the switch expression type"
            );
            return Err(Fault::new(node.at(), text));
        }
        if !self.may_be(subject, &ty) {
            let text = format!(
                "{given} value in when expression cannot be implicitly converted to the {of} type in switch expression"
            );
            return Err(Fault::new(node.at(), text));
        }
        let Type::Record(object) = ty else {
            return Err(Fault::unsupported(
                node.at(),
                "switch on a type that is not an sObject",
            ));
        };
        let slot = self.declare(name.text(), ty, name.at())?;
        let body = *self.nested(block)?;
        Ok(Arm {
            values: Vec::new(),
            at: node.at(),
            record: Some((object, slot)),
            body,
        })
    }

    fn when_value(&mut self, node: Node<'_>, subject: &Type, at: At) -> Lowered<Constant> {
        if let Type::Class(class) = subject
            && self.world.class(*class).kind == ClassKind::Enum
            && node.kind() == "identifier"
        {
            let constants = &self.world.class(*class).constants;
            let position = constants
                .iter()
                .position(|known| known.eq_ignore_ascii_case(node.text()));
            return position
                .map(|index| Constant::Enum(*class, u16::try_from(index).unwrap_or(u16::MAX)))
                .ok_or_else(|| {
                    Fault::new(
                        node.at(),
                        format!("Variable does not exist: {}", node.text()),
                    )
                });
        }
        if let Type::Class(class) = subject
            && self.world.class(*class).kind == ClassKind::Enum
            && node.kind() == "field_access"
        {
            let text = "Enum value used in 'when expression' should be unqualified";
            return Err(Fault::new(at, text));
        }
        let expr = self.expr(node)?;
        if matches!(expr.kind, ExprKind::Local(_)) {
            let text = format!("Variable does not exist: {}", node.text());
            return Err(Fault::new(node.at(), text));
        }
        if *subject == Type::SObject && expr.ty != Type::Null {
            let text = "Switching on SObject types must be a 'when type variable' or 'when null'";
            return Err(Fault::new(at, text));
        }
        if self.cost(&expr.ty, subject).is_none() {
            return Err(Fault::new(
                at,
                format!(
                    "{} value in when expression cannot be implicitly converted to the {} type in switch expression",
                    self.name_of(&expr.ty),
                    self.name_of(subject)
                ),
            ));
        }
        let is_long = *subject == Type::Long;
        let constant = self.when_constant(expr.kind);
        if is_long && let Some(value) = whole(&constant) {
            return Ok(Constant::Long(value));
        }
        match constant {
            ExprKind::Negate(inner) => match inner.kind {
                ExprKind::Constant(Constant::Integer(value)) => Ok(Constant::Integer(-value)),
                ExprKind::Constant(Constant::Long(value)) => Ok(Constant::Long(-value)),
                _ => Err(Fault::unsupported(
                    node.at(),
                    "a when value that is not a literal",
                )),
            },
            ExprKind::Constant(constant) => Ok(constant),
            // The platform's text has the placeholder too.
            _ => Err(Fault::new(
                node.at(),
                "When clause must be a literal or a non null constant literal: {0}",
            )),
        }
    }

    // The literal that a static final variable has.
    fn when_constant(&self, kind: ExprKind) -> ExprKind {
        let ExprKind::Static(class, slot) = kind else {
            return kind;
        };
        let found = self.world.class(class).variables.values();
        let variable = found
            .filter(|variable| variable.is_static && variable.is_final)
            .find(|variable| variable.slot == slot);
        match variable.and_then(|variable| literals::written(variable.literal.as_deref()?)) {
            Some(literal) => ExprKind::Constant(literal),
            None => kind,
        }
    }
}

// The value of an Integer literal.
fn whole(kind: &ExprKind) -> Option<i64> {
    match kind {
        ExprKind::Constant(Constant::Integer(value)) => Some(i64::from(*value)),
        ExprKind::Negate(inner) => whole(&inner.kind).map(|value| -value),
        _ => None,
    }
}
