//! A config rendered in process, and its files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use opencx_sf::config::{Config, Integration, References, Secrets};
use opencx_sf::package::{Format, Package};
use opencx_sf::render::render;
use opencx_sf::template::Catalog;

/// Every environment variable is set, to a secret.
pub struct Environment;

/// What stands in each secret, and nowhere in what is rendered.
pub const SECRET: &str = "0123456789abcdef-s3cret";

impl References for Environment {
    fn env(&self, name: &str) -> Option<String> {
        Some(if name.ends_with("_URL") {
            format!("https://opencx.invalid/webhook/{SECRET}")
        } else {
            format!("{name}-{SECRET}")
        })
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// What a config says.
#[track_caller]
pub fn integration(config: &str) -> Integration {
    let file = Path::new("opencx.yaml");
    let config = Config::parse(file, config).unwrap_or_else(|found| panic!("{found:#?}\n{config}"));
    let integration = config.integration(&Environment, Secrets::Required);
    integration.unwrap_or_else(|found| panic!("{found:#?}"))
}

/// The package of an integration, by the shipped templates.
pub fn package(integration: &Integration) -> Package {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);
    render(integration, &CATALOG).unwrap()
}

/// The files of a config in source format.
pub fn source_files(config: &str) -> BTreeMap<String, String> {
    package(&integration(config)).files(Format::Source).unwrap()
}

/// Writes files into a folder that is empty before.
pub fn write(folder: &Path, files: &BTreeMap<String, String>) {
    if folder.exists() {
        std::fs::remove_dir_all(folder).unwrap();
    }
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Whether a file is Apex.
pub fn is_apex(path: &str) -> bool {
    path.ends_with(".cls") || path.ends_with(".trigger")
}
