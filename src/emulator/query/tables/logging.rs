//! `DebugLevel` and `TraceFlag`: what is logged for whom. Columns: tooling.wsdl.

use super::{Rows, TOOLING, Table, column, parent};

/// Which events a log holds.
pub static DEBUG_LEVEL: Table<'static> = Table {
    name: "DebugLevel",
    apis: TOOLING,
    columns: stamped![
        column("Id"),
        column("DeveloperName"),
        column("MasterLabel"),
        column("Language"),
        column("ApexCode"),
        column("ApexProfiling"),
        column("Callout"),
        column("Database"),
        column("Nba"),
        column("System"),
        column("Validation"),
        column("Visualforce"),
        column("Wave"),
        column("Workflow"),
    ],
    rows: Rows::Records,
};

/// Whose Apex is logged, until when.
pub static TRACE_FLAG: Table<'static> = Table {
    name: "TraceFlag",
    apis: TOOLING,
    columns: stamped![
        column("Id"),
        parent("TracedEntityId", "TracedEntity", "User"),
        column("LogType"),
        parent("DebugLevelId", "DebugLevel", "DebugLevel"),
        column("StartDate"),
        column("ExpirationDate"),
    ],
    rows: Rows::Records,
};
