//! Records: what objects there are, what they hold, and how they are read and written.

pub mod dml;
pub mod query;
pub mod schema;
pub mod store;
mod triggers;
