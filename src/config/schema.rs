//! The JSON Schema of the config file, for editors.

use schemars::generate::SchemaSettings;

use super::file::ConfigFile;

/// Pretty-printed, with a final newline.
pub(super) fn text() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.into_root_schema_for::<ConfigFile>();
    format!("{:#}\n", schema.as_value())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_schema_is_current() {
        assert!(
            super::text() == include_str!("opencx.schema.json"),
            "src/config/opencx.schema.json is out of date; run \
             `opencx-sf schema > src/config/opencx.schema.json`"
        );
    }
}
