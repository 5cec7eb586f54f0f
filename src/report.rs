//! Values → text. Functions here take what a use case returned and give text for people (styled
//! with ANSI codes, which the command line strips where they are not wanted) or for programs.

pub mod adopt;
pub mod ci;
pub mod diagnostics;
mod doctor_page;
pub mod human;
pub mod json;
pub mod junit;
mod orgs;
mod page;
mod style;
pub mod waves;
mod words;

pub use doctor_page::examination_page;
pub use orgs::OrgLine;
pub use style::plain;
