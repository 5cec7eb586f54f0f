//! Names that are not found: does the platform lack them, or only this runtime?

use super::super::inventory::{self, Known};
use super::super::program::{ClassKind, Variable};
use super::super::resolve::{Fault, is_unknown_object};
use super::super::source::At;
use super::super::types::{ClassId, Type};
use super::Lower;

impl Lower<'_> {
    /// A fault with the platform's text where the name does not exist, else a gap.
    pub(super) fn absent(&self, known: Known, at: At, construct: &str, text: String) -> Fault {
        match known {
            Known::No => Fault::new(at, text),
            Known::Yes | Known::Unclear => Fault::unsupported(at, construct),
        }
    }

    /// A fault with the platform's text, unless one of the types is not completely known here.
    pub(super) fn mismatch(&self, types: &[&Type], at: At, text: String) -> Fault {
        match types.iter().find_map(|ty| self.gap_of(ty)) {
            Some(gap) => Fault::unsupported(at, gap),
            None => Fault::new(at, text),
        }
    }

    // What is not known of a type.
    fn gap_of(&self, ty: &Type) -> Option<String> {
        match ty {
            Type::Unknown(name) => Some(format!("type {name}")),
            Type::Class(class) => self.world.gap(*class).map(|gap| {
                gap.trim_start_matches(super::resolve::NOT_SUPPORTED)
                    .to_owned()
            }),
            Type::List(inner) | Type::Set(inner) => self.gap_of(inner),
            Type::Generic(pair) => self.gap_of(&pair.1),
            Type::Map(pair) => self.gap_of(&pair.0).or_else(|| self.gap_of(&pair.1)),
            _ => None,
        }
    }

    /// Whether the platform has a method that was not found for these arguments. `receiver` may be
    /// a class of the org that extends one of the platform.
    pub(super) fn knows_method(&self, receiver: &Type, name: &str, parameters: usize) -> Known {
        if self.gap_of(receiver).is_some() {
            return Known::Unclear;
        }
        let Some(class) = self.world.class_of(receiver) else {
            return Known::No;
        };
        let Some(platform) = self.platform_ancestor(class) else {
            return Known::No;
        };
        let found = self.world.class(platform);
        let is_root = matches!(&*found.qualified, "Object" | "Enum");
        if found.kind == ClassKind::Enum || is_root {
            return Known::No;
        }
        let own: &[_] = if name == "<init>" {
            &found.constructors
        } else {
            &self.world.methods_named(platform, name)
        };
        let here = own
            .iter()
            .filter(|id| self.world.method(**id).parameters.len() == parameters)
            .count();
        match inventory::overloads(&self.platform_name(platform), name, parameters) {
            None => Known::Unclear,
            Some(there) if there <= here => Known::No,
            Some(_) => Known::Yes,
        }
    }

    /// Whether the platform has a variable, constant or inner class that was not found.
    pub(super) fn knows_variable(&self, class: ClassId, name: &str) -> Known {
        if self.world.gap(class).is_some() {
            return Known::Unclear;
        }
        let Some(platform) = self.platform_ancestor(class) else {
            return Known::No;
        };
        let qualified = self.platform_name(platform);
        if inventory::has_class(&format!("{qualified}.{name}")) {
            return Known::Yes;
        }
        inventory::has_variable(&qualified, name)
    }

    /// Whether the platform has what a name alone could mean.
    pub(super) fn knows_name(&self, name: &str) -> Known {
        if name.eq_ignore_ascii_case("trigger") {
            return Known::No;
        }
        let is_known = self.world.gap(self.class).is_some()
            || inventory::has_namespace(name)
            || inventory::has_class(name)
            || is_unknown_object(name);
        if is_known { Known::Yes } else { Known::No }
    }

    fn platform_ancestor(&self, class: ClassId) -> Option<ClassId> {
        self.world
            .lineage(class)
            .into_iter()
            .find(|class| self.world.class(*class).namespace.is_some())
    }

    fn platform_name(&self, class: ClassId) -> String {
        let found = self.world.class(class);
        match found.namespace {
            Some("System") => format!("System.{}", found.qualified),
            _ => found.qualified.to_string(),
        }
    }

    // Mostly a variable that has the name of a type: `Colour colour; colour.RED`.
    pub(super) fn no_variable(&self, class: ClassId, name: &str) -> String {
        let found = self.world.class(class);
        let constant = found
            .constants
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name));
        let is_static = |(_, variable): &(ClassId, &Variable)| variable.is_static;
        let is_static = self
            .world
            .variable(class, name)
            .is_some_and(|found| is_static(&found));
        if constant.is_some() || is_static {
            format!(
                "Static field cannot be referenced from a non static context: {name} from the type {}",
                found.qualified
            )
        } else {
            format!("Variable does not exist: {name}")
        }
    }
}
