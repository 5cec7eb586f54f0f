//! Anonymous Apex: code that is compiled, run once and forgotten.

use std::collections::BTreeMap;

use super::limits::Limit;
use super::live::{self, Left, Serving};
use super::log::{Category, Level};
use super::machine::{Machine, Throw};
use super::program::{ClassKind, World};
use super::source::{self, Whole};
use super::test_run::{Failure, Outcome};
use super::types::ClassId;
use super::value::Value;
use super::write::Database;
use super::{CompileError, Unit};
use crate::metadata::{ComponentId, MetadataType};

/// What anonymous code is known as in stack traces.
pub const NAME: &str = "AnonymousBlock";

/// What came of anonymous code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anonymous {
    /// Why it was not run: the first problem of the compiler.
    pub outcome: Result<Outcome, CompileError>,
    /// The debug log; empty without levels.
    pub log: String,
    /// CPU time by the measure of the limits: the same in every run.
    pub milliseconds: u64,
}

/// Compiles code against classes and runs it in a transaction of its own, whose records stay when it
/// ends well.
pub fn execute(
    mut world: World,
    code: &str,
    serving: Serving,
    database: &mut Database,
) -> (Anonymous, Left) {
    let refused = |error: CompileError| Anonymous {
        outcome: Err(error),
        log: String::new(),
        milliseconds: 0,
    };
    let class = match compile(&mut world, code) {
        Ok(class) => class,
        Err(error) => return (refused(error), Left::default()),
    };
    let user = serving.user.clone();
    let ran = live::serve(&world, database, serving, |org| {
        let mut ran = refused(CompileError::none());
        // How it ended is told by `ran`; an error only takes back what it did.
        let _ = org.of_user(&user, "executeAnonymous", |machine| {
            let outcome = run(machine, code, class);
            let passed = outcome == Outcome::Passed;
            ran = Anonymous {
                outcome: Ok(outcome),
                log: machine.take_log(),
                milliseconds: machine.usage.used(Limit::CpuTime),
            };
            if passed {
                Ok(())
            } else {
                Err(Throw::Unsupported("see its answer".to_owned()))
            }
        });
        ran
    });
    ran.unwrap_or_else(|| (refused(CompileError::none()), Left::default()))
}

fn compile(world: &mut World, code: &str) -> Result<ClassId, CompileError> {
    let component = ComponentId::new(MetadataType::ApexClass, NAME);
    let unit = Unit {
        tree: source::parse_strictly(&component, code, Whole::Anonymous)?,
        text: code,
        namespace: None,
        component: None,
        anonymous: true,
    };
    let mut faults = super::build(world, &[unit]);
    faults.sort_by_key(|(_, fault)| (fault.at.line, fault.at.column));
    // What is not known here is met when it runs.
    if let Some((_, fault)) = faults.into_iter().find(|(_, fault)| !fault.is_gap) {
        return Err(CompileError {
            component,
            line: fault.at.line,
            column: fault.at.column,
            message: fault.message,
        });
    }
    let found = world
        .classes
        .iter()
        .position(|class| class.kind == ClassKind::Anonymous)
        .and_then(|index| u32::try_from(index).ok());
    found.map(ClassId).ok_or_else(|| CompileError {
        component,
        line: 1,
        column: 1,
        message: "the code could not be compiled".to_owned(),
    })
}

fn run(machine: &mut Machine<'_>, code: &str, class: ClassId) -> Outcome {
    // The log repeats the code, each line under its own heading.
    for line in code.lines() {
        machine.log.plain(&format!("Execute Anonymous: {line}"));
    }
    let user = live::user_info(machine.org);
    machine.event(Category::ApexCode, Level::Error, || user);
    machine.event(Category::ApexCode, Level::Error, || {
        "EXECUTION_STARTED".to_owned()
    });
    machine.event(Category::ApexCode, Level::Error, || {
        "CODE_UNIT_STARTED|[EXTERNAL]|execute_anonymous_apex".to_owned()
    });
    let world = machine.world;
    let method = world
        .class(class)
        .methods
        .get("<anonymous>")
        .and_then(|found| found.first().copied());
    let result = match method {
        Some(method) => machine.run_method(method, Value::Null, Vec::new()),
        None => Ok(Value::Null),
    };
    let outcome = conclude(machine, result);
    machine.log_usage();
    machine.event(Category::ApexCode, Level::Error, || {
        "CODE_UNIT_FINISHED|execute_anonymous_apex".to_owned()
    });
    machine.event(Category::ApexCode, Level::Error, || {
        "EXECUTION_FINISHED".to_owned()
    });
    outcome
}

// What ended the transaction; its log says so too.
fn conclude(machine: &mut Machine<'_>, result: Result<Value, Throw>) -> Outcome {
    match result {
        Ok(_) => Outcome::Passed,
        Err(Throw::Exception(object) | Throw::Fatal(object)) => {
            machine.log_fatal(&object);
            let (exception, message, stack_trace) = machine.describe(&object);
            Outcome::Failed(Failure {
                exception,
                message,
                stack_trace,
            })
        }
        Err(Throw::Unsupported(construct)) => {
            let stack_trace = machine.stack_trace();
            let text =
                format!("FATAL_ERROR|not supported by the local org: {construct}\n\n{stack_trace}");
            machine.event(Category::ApexCode, Level::Error, || text);
            Outcome::Unsupported {
                construct,
                stack_trace,
            }
        }
    }
}

/// The members of the answer to `executeAnonymous`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it was compiled.
    pub compiled: bool,
    /// Whether it ran to its end.
    pub success: bool,
    /// Line of the problem; -1 without one.
    pub line: i64,
    /// Column of the problem; -1 without one.
    pub column: i64,
    /// The compiler's text.
    pub compile_problem: Option<String>,
    /// `System.MathException: Divide by 0`
    pub exception_message: Option<String>,
    /// `AnonymousBlock: line 1, column 1`
    pub exception_stack_trace: Option<String>,
}

impl Anonymous {
    /// The answer as the APIs give it (tooling.wsdl, `ExecuteAnonymousResult`). The place of an
    /// exception is that of the innermost line of the code itself.
    pub fn answer(&self) -> Answer {
        let mut answer = Answer {
            compiled: true,
            success: true,
            line: -1,
            column: -1,
            compile_problem: None,
            exception_message: None,
            exception_stack_trace: None,
        };
        match &self.outcome {
            Err(error) => {
                answer.compiled = false;
                answer.success = false;
                answer.line = i64::from(error.line);
                answer.column = i64::from(error.column);
                answer.compile_problem = Some(error.message.clone());
            }
            Ok(Outcome::Passed) => {}
            Ok(Outcome::Failed(failure)) => {
                let message = format!("{}: {}", failure.exception, failure.message);
                answer.fail(message, &failure.stack_trace);
            }
            Ok(Outcome::Unsupported {
                construct,
                stack_trace,
            }) => {
                let message = format!("not supported by the local org: {construct}");
                answer.fail(message, stack_trace);
            }
        }
        answer
    }
}

impl Answer {
    fn fail(&mut self, message: String, stack_trace: &str) {
        self.success = false;
        self.exception_message = Some(message);
        self.exception_stack_trace = Some(stack_trace.to_owned());
        let own = stack_trace
            .lines()
            .find_map(|line| line.strip_prefix("AnonymousBlock: line "));
        let line = own.and_then(|place| place.split(',').next()?.parse().ok());
        if let Some(line) = line {
            self.line = line;
            self.column = 1;
        }
    }
}

/// Record ids of the org's classes and triggers, as logs show them: 15 characters.
pub fn short_id(ids: &BTreeMap<ComponentId, String>, component: &ComponentId) -> String {
    ids.get(component)
        .map(|id| id.chars().take(15).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
