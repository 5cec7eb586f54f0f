//! Rules over a package.

use crate::config::Integration;
use crate::diag::Diagnostic;
use crate::package::Package;

/// Runs every rule; findings in the order of components and lines.
pub fn run(_package: &Package, _integration: &Integration) -> Vec<Diagnostic> {
    unimplemented!()
}
