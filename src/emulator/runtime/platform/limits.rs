//! `System.Limits`.

use super::super::limits::Limit;
use super::super::machine::{Machine, Outcome};
use super::super::value::Value;
use super::Table;

fn used(machine: &Machine<'_>, limit: Limit) -> Outcome<Value> {
    Ok(Value::Integer(
        i32::try_from(machine.usage.used(limit)).unwrap_or(i32::MAX),
    ))
}

fn allowed(machine: &Machine<'_>, limit: Limit) -> Outcome<Value> {
    let allowed = machine.allowed(limit);
    Ok(Value::Integer(i32::try_from(allowed).unwrap_or(i32::MAX)))
}

/// The natives here.
pub const TABLE: Table = &[
    ("Limits.getAggregateQueries", |m, _, _| {
        used(m, Limit::AggregateQueries)
    }),
    ("Limits.getLimitAggregateQueries", |m, _, _| {
        allowed(m, Limit::AggregateQueries)
    }),
    ("Limits.getCallouts", |m, _, _| used(m, Limit::Callouts)),
    ("Limits.getLimitCallouts", |m, _, _| {
        allowed(m, Limit::Callouts)
    }),
    ("Limits.getCpuTime", |m, _, _| used(m, Limit::CpuTime)),
    ("Limits.getLimitCpuTime", |m, _, _| {
        allowed(m, Limit::CpuTime)
    }),
    ("Limits.getDmlRows", |m, _, _| used(m, Limit::DmlRows)),
    ("Limits.getLimitDmlRows", |m, _, _| {
        allowed(m, Limit::DmlRows)
    }),
    ("Limits.getDmlStatements", |m, _, _| {
        used(m, Limit::DmlStatements)
    }),
    ("Limits.getLimitDmlStatements", |m, _, _| {
        allowed(m, Limit::DmlStatements)
    }),
    ("Limits.getEmailInvocations", |m, _, _| {
        used(m, Limit::EmailInvocations)
    }),
    ("Limits.getLimitEmailInvocations", |m, _, _| {
        allowed(m, Limit::EmailInvocations)
    }),
    ("Limits.getFutureCalls", |m, _, _| {
        used(m, Limit::FutureCalls)
    }),
    ("Limits.getLimitFutureCalls", |m, _, _| {
        allowed(m, Limit::FutureCalls)
    }),
    ("Limits.getHeapSize", |m, _, _| {
        let size = i32::try_from(m.heap_size()).unwrap_or(i32::MAX);
        Ok(Value::Integer(size))
    }),
    ("Limits.getLimitHeapSize", |m, _, _| {
        allowed(m, Limit::HeapSize)
    }),
    ("Limits.getQueries", |m, _, _| used(m, Limit::Queries)),
    ("Limits.getLimitQueries", |m, _, _| {
        allowed(m, Limit::Queries)
    }),
    ("Limits.getQueryRows", |m, _, _| used(m, Limit::QueryRows)),
    ("Limits.getLimitQueryRows", |m, _, _| {
        allowed(m, Limit::QueryRows)
    }),
    ("Limits.getQueryLocatorRows", |m, _, _| {
        used(m, Limit::QueryLocatorRows)
    }),
    ("Limits.getLimitQueryLocatorRows", |m, _, _| {
        allowed(m, Limit::QueryLocatorRows)
    }),
    ("Limits.getSoslQueries", |m, _, _| {
        used(m, Limit::SoslQueries)
    }),
    ("Limits.getLimitSoslQueries", |m, _, _| {
        allowed(m, Limit::SoslQueries)
    }),
    ("Limits.getMobilePushApexCalls", |m, _, _| {
        used(m, Limit::MobilePushApexCalls)
    }),
    ("Limits.getLimitMobilePushApexCalls", |m, _, _| {
        allowed(m, Limit::MobilePushApexCalls)
    }),
    ("Limits.getPublishImmediateDML", |m, _, _| {
        used(m, Limit::PublishImmediate)
    }),
    ("Limits.getLimitPublishImmediateDML", |m, _, _| {
        allowed(m, Limit::PublishImmediate)
    }),
    ("Limits.getQueueableJobs", |m, _, _| {
        used(m, Limit::QueueableJobs)
    }),
    ("Limits.getLimitQueueableJobs", |m, _, _| {
        allowed(m, Limit::QueueableJobs)
    }),
];
