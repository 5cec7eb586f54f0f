//! Speed of the pure core, in process: `cargo bench --bench core`.

#![allow(
    clippy::unwrap_used,
    reason = "a bench that can't prepare its input has to stop"
)]

use opencx_sf::compare::{Live, LiveState, compare};
use opencx_sf::config::{Config, Integration, References, Secrets};
use opencx_sf::package::Package;
use opencx_sf::render::render;
use opencx_sf::template::Catalog;
use opencx_sf::{lint, package};

fn main() {
    divan::main();
}

/// A world without files and variables.
struct Nothing;

impl References for Nothing {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, path: &std::path::Path) -> std::io::Result<String> {
        Err(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            path.display().to_string(),
        ))
    }
}

const CONFIG: &str = include_str!("../examples/minimal/opencx.yaml");

fn integration() -> Integration {
    let config = Config::parse("opencx.yaml".as_ref(), CONFIG).unwrap();
    config
        .target("local", &Nothing, Secrets::Required)
        .unwrap()
        .integration
}

fn rendered() -> Package {
    render(&integration(), &Catalog::embedded())
        .unwrap()
        .resolved()
        .unwrap()
}

#[divan::bench]
fn load_config() {
    divan::black_box(integration());
}

#[divan::bench]
fn render_package(bencher: divan::Bencher) {
    let integration = integration();
    bencher.bench(|| render(&integration, &Catalog::embedded()).unwrap());
}

#[divan::bench]
fn lint_package(bencher: divan::Bencher) {
    let (package, integration) = (rendered(), integration());
    bencher.bench(|| lint::run(&package, &integration));
}

#[divan::bench]
fn zip_package(bencher: divan::Bencher) {
    let package = rendered();
    bencher.bench(|| package.zip().unwrap());
}

#[divan::bench]
fn read_zip(bencher: divan::Bencher) {
    let zip = rendered().zip().unwrap();
    bencher.bench(|| package::components_from_files(&package::read_zip(&zip).unwrap()).unwrap());
}

#[divan::bench]
fn compare_package(bencher: divan::Bencher) {
    let package = rendered();
    let components = package
        .components
        .iter()
        .map(|(id, component)| {
            let component = component.clone();
            (
                id.clone(),
                LiveState::Present {
                    component,
                    modified: None,
                },
            )
        })
        .collect();
    let live = Live { components };
    bencher.bench(|| compare(&package, &live));
}
