//! Records: what objects there are, what they hold, and how they are read and written.

pub mod custom_metadata;
pub mod dml;
pub mod flex_queue;
mod jobs;
mod metadata;
pub mod query;
pub mod schema;
pub mod search;
pub mod store;
pub mod triggers;
