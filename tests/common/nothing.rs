//! A world in which references of a config lead nowhere.

use std::path::Path;

use opencx_sf::config::References;

pub struct Nothing;

impl References for Nothing {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}
