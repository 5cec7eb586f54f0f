//! Debug logs in the platform's form: one line for each event, with the time of day, the
//! nanoseconds since the start, and fields between bars (Apex Developer Guide, "Debug Log" and
//! "Debug Log Levels").

mod usage;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::limits::STEPS_PER_MILLISECOND;

pub use usage::limit_usage;

/// A log ends when it is this long (Apex Developer Guide, "Debug Log": 20 MB).
const MAX_BYTES: usize = 20 * 1024 * 1024;

/// What a log line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the platform's")]
pub enum Category {
    ApexCode,
    ApexProfiling,
    Callout,
    DataAccess,
    Database,
    Nba,
    System,
    Validation,
    Visualforce,
    Wave,
    Workflow,
}

impl Category {
    /// All of them, with the names of the log's first line.
    const ALL: [(Self, &'static str); 11] = [
        (Self::ApexCode, "APEX_CODE"),
        (Self::ApexProfiling, "APEX_PROFILING"),
        (Self::Callout, "CALLOUT"),
        (Self::DataAccess, "DATA_ACCESS"),
        (Self::Database, "DB"),
        (Self::Nba, "NBA"),
        (Self::System, "SYSTEM"),
        (Self::Validation, "VALIDATION"),
        (Self::Visualforce, "VISUALFORCE"),
        (Self::Wave, "WAVE"),
        (Self::Workflow, "WORKFLOW"),
    ];

    /// By the name of a log (`APEX_CODE`), of `LogCategory` in the SOAP APIs (`Apex_code`, `Db`)
    /// or of a column of `DebugLevel` (`ApexCode`, `Database`).
    pub fn parse(name: &str) -> Option<Self> {
        let plain = name.replace('_', "").to_ascii_uppercase();
        let plain = if plain == "DATABASE" { "DB" } else { &plain };
        Self::ALL
            .iter()
            .find(|(_, known)| known.replace('_', "") == plain)
            .map(|(category, _)| *category)
    }
}

/// How much is logged; each level includes those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the platform's")]
pub enum Level {
    #[default]
    None,
    Error,
    Warn,
    Info,
    Debug,
    Fine,
    Finer,
    Finest,
}

impl Level {
    const ALL: [(Self, &'static str); 8] = [
        (Self::None, "NONE"),
        (Self::Error, "ERROR"),
        (Self::Warn, "WARN"),
        (Self::Info, "INFO"),
        (Self::Debug, "DEBUG"),
        (Self::Fine, "FINE"),
        (Self::Finer, "FINER"),
        (Self::Finest, "FINEST"),
    ];

    /// By name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map(|(level, _)| *level)
    }

    /// The platform's name.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(level, _)| *level == self)
            .map_or("", |(_, name)| name)
    }
}

/// The level of each category; what is not named is not logged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogLevels([Level; Category::ALL.len()]);

impl LogLevels {
    /// Sets the level of a category.
    #[must_use]
    pub fn with(mut self, category: Category, level: Level) -> Self {
        self.0[category as usize] = level;
        self
    }

    /// Sets the level of all categories.
    pub fn all(level: Level) -> Self {
        Self([level; Category::ALL.len()])
    }

    fn of(&self, category: Category) -> Level {
        self.0[category as usize]
    }

    /// `66.0 APEX_CODE,DEBUG;DB,INFO`
    fn header(&self) -> String {
        let parts: Vec<String> = Category::ALL
            .iter()
            .filter(|(category, _)| self.of(*category) > Level::None)
            .map(|(category, name)| format!("{name},{}", self.of(*category).name()))
            .collect();
        format!("{API_VERSION} {}", parts.join(";"))
    }
}

/// The API version that logs begin with.
const API_VERSION: &str = "66.0";

/// A log that is being written.
pub struct Log {
    levels: LogLevels,
    start: Timestamp,
    text: String,
    full: bool,
}

impl Log {
    /// A log that begins now; without levels nothing is written.
    pub fn new(levels: LogLevels, start: Timestamp) -> Self {
        let text = if levels.0.iter().any(|level| *level > Level::None) {
            format!("{}\n", levels.header())
        } else {
            String::new()
        };
        Self {
            levels,
            start,
            text,
            full: false,
        }
    }

    /// Whether lines of a category and level are written.
    pub fn writes(&self, category: Category, level: Level) -> bool {
        !self.full && self.levels.of(category) >= level
    }

    /// Whether no category is logged.
    pub fn is_silent(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds a line without a time.
    pub fn plain(&mut self, text: &str) {
        if !self.text.is_empty() && !self.full {
            self.text.push_str(text);
            self.text.push('\n');
        }
    }

    /// Adds an event. `steps` measure the time since the start, so that a log is the same each
    /// time that it is written.
    pub fn event(&mut self, steps: u64, text: &str) {
        if self.full {
            return;
        }
        let nanoseconds = steps * (1_000_000 / STEPS_PER_MILLISECOND);
        let milliseconds = nanoseconds / 1_000_000;
        let seconds = i64::try_from(milliseconds / 1000).unwrap_or_default();
        let now = self.start.as_second().saturating_add(seconds);
        let clock = Timestamp::from_second(now)
            .unwrap_or(self.start)
            .to_zoned(TimeZone::UTC)
            .strftime("%H:%M:%S")
            .to_string();
        self.text
            .push_str(&format!("{clock}.{milliseconds} ({nanoseconds})|{text}\n"));
        if self.text.len() > MAX_BYTES {
            self.full = true;
            self.text
                .push_str("*********** MAXIMUM DEBUG LOG SIZE REACHED ***********\n");
        }
    }

    /// What was written; empty for a log without levels.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_the_names_of_every_api() {
        for name in ["APEX_CODE", "Apex_code", "ApexCode"] {
            assert_eq!(Category::parse(name), Some(Category::ApexCode));
        }
        for name in ["DB", "Db", "Database"] {
            assert_eq!(Category::parse(name), Some(Category::Database));
        }
        assert_eq!(Category::parse("All"), None);
        assert_eq!(Level::parse("fine"), Some(Level::Fine));
        assert_eq!(Level::parse("loud"), None);
    }

    #[test]
    fn a_log_begins_with_its_levels_and_counts_time() {
        let levels = LogLevels::default()
            .with(Category::Database, Level::Info)
            .with(Category::ApexCode, Level::Debug)
            .with(Category::System, Level::None);
        let start = "2026-03-04T05:06:59Z".parse().unwrap();
        let mut log = Log::new(levels, start);
        assert!(log.writes(Category::ApexCode, Level::Info));
        assert!(!log.writes(Category::ApexCode, Level::Fine));
        assert!(!log.writes(Category::System, Level::Error));
        log.event(3, "EXECUTION_STARTED");
        log.event(2_000 * 1_500, "EXECUTION_FINISHED");
        assert_eq!(
            log.into_text(),
            "66.0 APEX_CODE,DEBUG;DB,INFO\n\
             05:06:59.0 (1500)|EXECUTION_STARTED\n\
             05:07:00.1500 (1500000000)|EXECUTION_FINISHED\n"
        );
        let silent = Log::new(LogLevels::default(), start);
        assert_eq!(silent.into_text(), "");
    }
}
