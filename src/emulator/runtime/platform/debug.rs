//! `System.debug`, which writes to the debug log.

use super::super::log::Level;
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[("System.debug", |m, _, a| {
    let (level, message) = match a {
        [level, message] => (m.show(level)?, message),
        _ => ("DEBUG".to_owned(), &a[0]),
    };
    // `LoggingLevel.NONE` is below every level that a log can have.
    let least = Level::parse(&level).filter(|level| *level > Level::None);
    m.debug(least.unwrap_or(Level::Error), &level, message)?;
    Ok(Value::Null)
})];
