//! Governor limits of a transaction (Apex Developer Guide, "Execution Governors and Limits").

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum Limit {
    AggregateQueries,
    Callouts,
    CpuTime,
    DmlRows,
    DmlStatements,
    EmailInvocations,
    FutureCalls,
    HeapSize,
    MobilePushApexCalls,
    PublishImmediate,
    Queries,
    QueryLocatorRows,
    QueryRows,
    QueueableJobs,
    SoslQueries,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::AggregateQueries,
        Self::Callouts,
        Self::CpuTime,
        Self::DmlRows,
        Self::DmlStatements,
        Self::EmailInvocations,
        Self::FutureCalls,
        Self::HeapSize,
        Self::MobilePushApexCalls,
        Self::PublishImmediate,
        Self::Queries,
        Self::QueryLocatorRows,
        Self::QueryRows,
        Self::QueueableJobs,
        Self::SoslQueries,
    ];

    /// The most that a transaction may use.
    pub fn allowed(self, asynchronous: bool) -> u64 {
        match self {
            // Three times that of queries.
            Self::AggregateQueries if asynchronous => 600,
            Self::AggregateQueries => 300,
            Self::Callouts => 100,
            Self::CpuTime if asynchronous => 60_000,
            Self::CpuTime => 10_000,
            Self::DmlRows => 10_000,
            Self::DmlStatements => 150,
            Self::EmailInvocations | Self::MobilePushApexCalls => 10,
            Self::FutureCalls => 50,
            Self::HeapSize if asynchronous => 12_000_000,
            Self::HeapSize => 6_000_000,
            Self::PublishImmediate => 150,
            Self::Queries if asynchronous => 200,
            Self::Queries => 100,
            Self::QueryLocatorRows => 10_000,
            Self::QueryRows => 50_000,
            Self::QueueableJobs if asynchronous => 1,
            Self::QueueableJobs => 50,
            Self::SoslQueries => 20,
        }
    }

    /// What the platform calls it when there is too much of it.
    pub fn plural(self) -> &'static str {
        match self {
            Self::AggregateQueries => "aggregate queries",
            Self::Callouts => "callouts",
            Self::CpuTime => "Apex CPU time limit exceeded",
            Self::DmlRows => "DML rows",
            Self::DmlStatements => "DML statements",
            Self::EmailInvocations => "Email Invocations",
            Self::FutureCalls => "future calls",
            Self::HeapSize => "heap",
            Self::MobilePushApexCalls => "mobile Apex push calls",
            Self::PublishImmediate => "publish immediate DML",
            Self::Queries => "SOQL queries",
            Self::QueryLocatorRows => "query locator rows",
            Self::QueryRows => "query rows",
            Self::QueueableJobs => "queueable jobs added to the queue",
            Self::SoslQueries => "SOSL queries",
        }
    }

    /// What `System.Limits` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AggregateQueries => "AggregateQueries",
            Self::Callouts => "Callouts",
            Self::CpuTime => "CpuTime",
            Self::DmlRows => "DmlRows",
            Self::DmlStatements => "DmlStatements",
            Self::EmailInvocations => "EmailInvocations",
            Self::FutureCalls => "FutureCalls",
            Self::HeapSize => "HeapSize",
            Self::MobilePushApexCalls => "MobilePushApexCalls",
            Self::PublishImmediate => "PublishImmediateDML",
            Self::Queries => "Queries",
            Self::QueryLocatorRows => "QueryLocatorRows",
            Self::QueryRows => "QueryRows",
            Self::QueueableJobs => "QueueableJobs",
            Self::SoslQueries => "SoslQueries",
        }
    }
}

/// Records that the query of a batch's `start` may find ("Static Apex Limits" of the same page).
pub const BATCH_ROWS: u64 = 50_000_000;

/// Evaluated expressions that count as a millisecond of CPU time: a fixed measure, so that a test
/// has the same result on every machine.
pub const STEPS_PER_MILLISECOND: u64 = 2_000;

/// How long all callouts of a transaction may take together ("Callout Limits and Limitations" of the
/// Apex Developer Guide).
pub const CALLOUT_MILLISECONDS: u64 = 120_000;

/// What a transaction has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    counts: [u64; Limit::ALL.len()],
    /// Evaluated expressions.
    pub steps: u64,
    /// How long its callouts took.
    pub callout_milliseconds: u64,
}

impl Usage {
    /// How much of one limit is used.
    pub fn used(&self, limit: Limit) -> u64 {
        match limit {
            Limit::CpuTime => self.steps / STEPS_PER_MILLISECOND,
            _ => self.counts[limit as usize],
        }
    }

    /// Uses more of a limit.
    pub fn add(&mut self, limit: Limit, amount: u64) {
        self.counts[limit as usize] += amount;
    }
}
