//! Where an option of the file is declared: once, with its key, its kind, its default or the example
//! of what to add, and the words that editors show. The reader, the list of known keys, the JSON
//! Schema, the layers and `config show` all follow from it.

use std::borrow::Cow;
use std::convert::Infallible;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::layer::{Layers, Origin};
use super::section::Section;
use super::setting::Setting;
use super::source::Span;
use super::value::Word;

/// One key of the section `S`: a `P` stands under it, and it comes to a `T`.
pub(super) struct Key<S, P: Part, T> {
    pub name: &'static str,
    pub of: fn(&S) -> &P,
    pub absent: Absent<P::Value, T>,
    /// From a value that is there.
    pub given: fn(P::Value) -> T,
}

/// What holds where a key is in no layer.
pub(super) enum Absent<V, T> {
    Nothing(fn() -> T),
    Default(fn() -> V),
    /// It must be there: what to add, for example.
    Missing(&'static str),
}

impl<S, P: Part, T> Key<S, P, T> {
    /// The default, if it has one.
    pub fn default(&self) -> Option<P::Value> {
        match self.absent {
            Absent::Default(default) => Some(default()),
            Absent::Nothing(_) | Absent::Missing(_) => None,
        }
    }
}

/// A key that must be there and is not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub key: String,
    pub example: &'static str,
}

/// Key path, value for people, origin.
pub(super) type Shown = (String, String, Origin);

/// What can stand under a key: a value or a section.
pub(super) trait Part: Default {
    /// What a default is.
    type Value;

    /// Reads what stands under a key, and reports what is wrong with it.
    fn read(section: &mut Section<'_, '_>, key: &'static str) -> Self;

    /// A default as JSON, for the schema.
    fn json(default: Self::Value) -> serde_json::Value;

    /// Whether anything stands there.
    fn is_present(&self) -> bool;

    /// Lists the values that hold.
    fn show<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Shown>);

    /// Lists the keys that must be there and are not.
    fn missing<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Missing>) {
        if let Absent::Missing(example) = key.absent
            && !layers.any(key)
        {
            let key = layers.path_of(key.name);
            list.push(Missing { key, example });
        }
    }
}

impl<W: Word> Part for Setting<W> {
    type Value = W;

    fn read(section: &mut Section<'_, '_>, key: &'static str) -> Self {
        section.setting(key)
    }

    fn json(default: W) -> serde_json::Value {
        let text = default.shown();
        match W::KIND {
            "a text" => text.into(),
            _ => serde_json::from_str(&text).unwrap_or_default(),
        }
    }

    fn is_present(&self) -> bool {
        Self::is_present(self)
    }

    fn show<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Shown>) {
        let found = layers.setting(key);
        let default = key.default();
        let default = default.map(|value| (value.shown(), Origin::Default));
        let written = found.setting.shown().map(|value| (value, found.origin));
        if let Some((value, origin)) = written.or(default) {
            list.push((found.path, value, origin));
        }
    }
}

/// A section whose keys are declared by [`section!`].
pub(super) trait Fields: Default {
    /// Reads every key.
    fn fields(section: &mut Section<'_, '_>) -> Self;

    /// Reports what is wrong with the keys together.
    fn check(&self, _: &mut Section<'_, '_>) {}

    /// The layers as they hold: key by key, where the section doesn't say otherwise.
    fn layered(layers: Layers<'_, Self>) -> Layers<'_, Self> {
        layers
    }

    /// Whether a key is there.
    fn any(&self) -> bool;

    /// Lists the values that hold.
    fn shown(layers: &Layers<'_, Self>, list: &mut Vec<Shown>);

    /// Lists the keys that must be there and are not.
    fn lacking(layers: &Layers<'_, Self>, list: &mut Vec<Missing>);
}

impl<F: Fields> Part for F {
    type Value = Infallible;

    fn read(section: &mut Section<'_, '_>, key: &'static str) -> Self {
        section.section(key, whole)
    }

    fn json(default: Infallible) -> serde_json::Value {
        match default {}
    }

    fn is_present(&self) -> bool {
        self.any()
    }

    fn show<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Shown>) {
        F::shown(&layers.section(key), list);
    }

    fn missing<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Missing>) {
        match key.absent {
            Absent::Missing(example) if !layers.any(key) => list.push(Missing {
                key: layers.path_of(key.name),
                example,
            }),
            _ => F::lacking(&layers.section(key), list),
        }
    }
}

/// Reads a section to its end.
pub(super) fn whole<F: Fields>(mut section: Section<'_, '_>) -> F {
    let fields = F::fields(&mut section);
    fields.check(&mut section);
    section.close();
    fields
}

/// A section that means something by being there.
#[derive(Debug, Clone)]
pub(super) struct Optional<F>(pub Option<(F, Span)>);

impl<F> Optional<F> {
    /// The section, if there is one.
    pub fn section(&self) -> Option<&F> {
        self.0.as_ref().map(|(section, _)| section)
    }

    /// Where its key stands.
    pub fn place(&self) -> Option<Span> {
        self.0.as_ref().map(|(_, place)| *place)
    }
}

impl<F: Fields> Optional<F> {
    /// Reads what stands under a key.
    pub fn read(section: &mut Section<'_, '_>, key: &'static str) -> Self {
        let entry = section.entry(key);
        Self(entry.map(|entry| (section.below(entry, whole), entry.key_span)))
    }
}

impl<F> Default for Optional<F> {
    fn default() -> Self {
        Self(None)
    }
}

impl<F: JsonSchema> JsonSchema for Optional<F> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        F::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<F>()
    }
}

/// Declares a section: `key: Kind = default,`, `key: Kind where missing("an example"),` for one
/// that must be there, and `key: Kind,` for one that may be absent. The documentation comments are
/// what editors show; `rules` replaces default methods of [`Fields`].
macro_rules! section {
    (
        $(#[$about:meta])*
        struct $name:ident {
            $(
                $(#[$words:meta])*
                $key:ident: $kind:ty $(where missing($example:literal))? $(= $default:expr)?,
            )*
        }
        $(rules { $($rule:item)* })?
    ) => {
        #[derive(Debug, Clone, Default, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields, extend("required" = []))]
        $(#[$about])*
        pub(in crate::config) struct $name {
            $(
                $(#[$words])*
                $(#[schemars(extend(
                    "default" = <$kind as $crate::config::option::Part>::json($default)
                ))])?
                pub $key: $kind,
            )*
        }

        impl $name {
            $($crate::config::option::section!(
                @key $key: $kind $(where missing($example))? $(= $default)?
            );)*
        }

        impl $crate::config::option::Fields for $name {
            fn fields(section: &mut $crate::config::section::Section<'_, '_>) -> Self {
                Self {
                    $($key: $crate::config::option::Part::read(section, Self::$key().name),)*
                }
            }

            fn any(&self) -> bool {
                $($crate::config::option::Part::is_present(&self.$key))||*
            }

            fn shown(
                layers: &$crate::config::layer::Layers<'_, Self>,
                list: &mut Vec<$crate::config::option::Shown>,
            ) {
                $($crate::config::option::Part::show(layers, &Self::$key(), list);)*
            }

            fn lacking(
                layers: &$crate::config::layer::Layers<'_, Self>,
                list: &mut Vec<$crate::config::option::Missing>,
            ) {
                $($crate::config::option::Part::missing(layers, &Self::$key(), list);)*
            }

            $($($rule)*)?
        }
    };
    (@key $key:ident: $kind:ty) => {
        $crate::config::option::section!(
            @key $key: $kind, Option<$crate::config::option::Value<$kind>>,
            $crate::config::option::Absent::Nothing(|| None), Some
        );
    };
    (@key $key:ident: $kind:ty = $default:expr) => {
        $crate::config::option::section!(
            @key $key: $kind, $crate::config::option::Value<$kind>,
            $crate::config::option::Absent::Default(|| $default), std::convert::identity
        );
    };
    (@key $key:ident: $kind:ty where missing($example:literal)) => {
        $crate::config::option::section!(
            @key $key: $kind, $crate::config::option::Value<$kind>,
            $crate::config::option::Absent::Missing($example), std::convert::identity
        );
    };
    (@key $key:ident: $kind:ty, $value:ty, $absent:expr, $given:expr) => {
        pub fn $key() -> $crate::config::option::Key<Self, $kind, $value> {
            $crate::config::option::Key {
                name: stringify!($key),
                of: |section| &section.$key,
                absent: $absent,
                given: $given,
            }
        }
    };
}
pub(super) use section;

/// What a default of a kind is.
pub(super) type Value<P> = <P as Part>::Value;
