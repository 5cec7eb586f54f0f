//! Compiles and runs Apex: what the local org needs to take a deploy of classes and triggers and
//! to run its tests.
//!
//! Sources are parsed once, checked and compiled against the platform's classes and the org's
//! objects ([`Program::compile`]), and the compiled tests run on a machine of their own each
//! ([`Program::run_tests`]): fresh statics, no records, counted limits. What this runtime does not
//! have is named with its place, and a test that meets it is neither passed nor failed.
//!
//! | part | what it does |
//! | --- | --- |
//! | `source`, `declare`, `resolve`, `lower` | from text to classes and compiled bodies |
//! | `ir`, `program`, `types` | what is compiled |
//! | `machine`, `value`, `decimal`, `limits` | running it |
//! | `data` | sObjects, DML with triggers, SOQL |
//! | `live` | an org at work: transactions, jobs, callouts, mail |
//! | `platform` | the platform's classes |
//! | `write` | records that API clients write |
//! | `coverage`, `test_run` | lines that count and ran; results of tests |
//! | `anonymous`, `log` | code that is run once; debug logs |
//! | `cron` | when scheduled jobs run |

mod anonymous;
mod coverage;
mod cron;
mod data;
mod decimal;
mod declare;
mod inventory;
mod ir;
mod limits;
mod live;
pub mod log;
mod lower;
mod machine;
mod org;
mod platform;
mod program;
mod resolve;
mod source;
mod test_run;
mod types;
mod value;
mod write;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use tree_sitter::Tree;

use crate::metadata::{ComponentId, MetadataType};

pub use anonymous::{Anonymous, Answer};
pub use coverage::Coverage;
pub use data::query::{DATE_FUNCTIONS, date_part};
pub use data::schema::{Field, FieldKind, Object, Schema};
pub use live::{
    HttpCall, HttpReply, Left, LiveOrg, Logged, Pending, Serving, Settings, TIMED_OUT, Transport,
    Unknown, User,
};
pub use org::{AUTOMATED_PROCESS, Credential, OrgData};
pub use test_run::{Failure, Outcome, TestResult, TestRun};
pub use write::{Database, Given, Operation, Problem};

use declare::{Declared, Origin, Task};
use program::{ClassKind, Initializer, World};
use resolve::Fault;
use source::{Node, Whole};
use types::ClassId;

/// Apex code nests deeply, and so does what compiles and runs it.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Something that the compiler refuses, or that is not known here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{component}: line {line}, column {column}: {message}")]
pub struct CompileError {
    /// The class or trigger.
    pub component: ComponentId,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// The platform's text, or "not supported by the local org: …".
    pub message: String,
}

impl CompileError {
    /// For a compiler that ended without saying why.
    pub fn none() -> Self {
        whole(&[], "the compiler could not be started")
    }
}

/// Classes and triggers, ready to run.
pub struct Program {
    world: World,
    gaps: Vec<CompileError>,
}

static PLATFORM: LazyLock<Result<World, String>> = LazyLock::new(platform_world);

impl Program {
    /// Compiles classes and triggers together. `schema` are the sObjects that they may use.
    ///
    /// # Errors
    /// Everything that the platform's compiler would refuse as far as it is known here, by component
    /// and place. What this runtime does not have is no error: see [`Program::gaps`].
    pub fn compile(
        sources: &[(ComponentId, String)],
        schema: &Schema,
    ) -> Result<Self, Vec<CompileError>> {
        on_a_large_stack(|| compile(sources, schema))
            .unwrap_or_else(|| Err(vec![whole(sources, "the compiler could not be started")]))
    }

    /// What the platform may well take, but this runtime does not have. A test that comes to one of
    /// these is not executed.
    pub fn gaps(&self) -> &[CompileError] {
        &self.gaps
    }

    /// Names of the classes that hold tests.
    pub fn test_classes(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for class in &self.world.classes {
            if class.component.is_none() {
                continue;
            }
            let has_tests = class
                .methods
                .values()
                .flatten()
                .any(|id| test_run::is_test(self.world.method(*id)));
            if has_tests && class.outer.is_none() {
                found.push(class.name.to_string());
            }
        }
        found.sort();
        found
    }

    /// The same program in an org whose administrator gave other values to a custom metadata record.
    pub fn with_custom_metadata(
        &self,
        kind: &str,
        record: &str,
        values: &BTreeMap<String, String>,
    ) -> Self {
        let mut world = self.world.clone();
        let mut schema = (*world.schema).clone();
        schema.set_custom_metadata(kind, record, values);
        world.schema = Arc::new(schema);
        Self {
            world,
            gaps: self.gaps.clone(),
        }
    }

    /// Runs the test methods of classes, all of them in the order of their names. Classes that do
    /// not exist or hold no tests are left out.
    pub fn run_tests(&self, classes: &[String], org: &OrgData) -> TestRun {
        self.run_tests_logged(classes, org, &log::LogLevels::default())
    }

    /// Runs the tests of classes, with a debug log for each class where any level is set.
    pub fn run_tests_logged(
        &self,
        classes: &[String],
        org: &OrgData,
        levels: &log::LogLevels,
    ) -> TestRun {
        on_a_large_stack(|| test_run::run(&self.world, classes, org, levels)).unwrap_or_default()
    }

    /// Runs code beside the program's classes in a transaction of its own. When it ends well, what
    /// it did to the records stays.
    pub fn execute_anonymous(
        &self,
        code: &str,
        serving: Serving,
        database: &mut Database,
    ) -> (Anonymous, Left) {
        on_a_large_stack(|| anonymous::execute(self.world.clone(), code, serving, database))
            .unwrap_or_else(|| {
                let nothing = Anonymous {
                    outcome: Err(CompileError::none()),
                    log: String::new(),
                    milliseconds: 0,
                };
                (nothing, Left::default())
            })
    }
}

fn on_a_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .ok()?;
        thread.join().ok()
    })
}

fn whole(sources: &[(ComponentId, String)], message: &str) -> CompileError {
    let component = sources.first().map_or_else(
        || ComponentId::new(MetadataType::ApexClass, "unknown"),
        |(component, _)| component.clone(),
    );
    CompileError {
        component,
        line: 1,
        column: 1,
        message: message.to_owned(),
    }
}

// A source in the making.
struct Unit<'a> {
    tree: Tree,
    text: &'a str,
    namespace: Option<&'static str>,
    component: Option<Arc<ComponentId>>,
    // Statements instead of a class.
    anonymous: bool,
}

fn platform_world() -> Result<World, String> {
    let mut world = World {
        classes: Vec::new(),
        methods: Vec::new(),
        top: BTreeMap::new(),
        platform: BTreeMap::new(),
        schema: Arc::new(Schema::standard()),
    };
    let mut units = Vec::new();
    for (namespace, text) in platform::SOURCES {
        let name = ComponentId::new(MetadataType::ApexClass, namespace);
        let tree = source::parse(&name, text).map_err(|error| error.to_string())?;
        units.push(Unit {
            tree,
            text,
            namespace: Some(namespace),
            component: None,
            anonymous: false,
        });
    }
    let faults = build(&mut world, &units);
    if faults.is_empty() {
        return Ok(world);
    }
    let texts: Vec<String> = faults
        .iter()
        .map(|(index, fault)| {
            let namespace = units[*index].namespace.unwrap_or_default();
            format!("{namespace} line {}: {}", fault.at.line, fault.message)
        })
        .collect();
    Err(texts.join("; "))
}

fn compile(
    sources: &[(ComponentId, String)],
    schema: &Schema,
) -> Result<Program, Vec<CompileError>> {
    let mut world = match &*PLATFORM {
        Ok(world) => world.clone(),
        Err(problem) => return Err(vec![whole(sources, problem)]),
    };
    world.schema = Arc::new(schema.clone());
    let mut errors = Vec::new();
    let mut units = Vec::new();
    for (component, text) in sources {
        match source::parse_strictly(component, text, Whole::File) {
            Ok(tree) => units.push(Unit {
                tree,
                text,
                namespace: None,
                component: Some(Arc::new(component.clone())),
                anonymous: false,
            }),
            Err(error) => errors.push(error),
        }
    }
    // What a broken source declares is unknown, so whoever uses it can't be judged.
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut gaps = Vec::new();
    for (index, fault) in build(&mut world, &units) {
        if let Some(component) = &units[index].component {
            let list = if fault.is_gap { &mut gaps } else { &mut errors };
            list.push(CompileError {
                component: (**component).clone(),
                line: fault.at.line,
                column: fault.at.column,
                message: fault.message,
            });
        }
    }
    for list in [&mut errors, &mut gaps] {
        list.sort_by(|a, b| {
            (&a.component, a.line, a.column).cmp(&(&b.component, b.line, b.column))
        });
        list.dedup();
    }
    if errors.is_empty() {
        Ok(Program { world, gaps })
    } else {
        Err(errors)
    }
}

// Declares and compiles the sources; faults by the position of their source.
fn build(world: &mut World, units: &[Unit<'_>]) -> Vec<(usize, Fault)> {
    let mut faults: Vec<(usize, Fault)> = Vec::new();
    let mut declared: Vec<(usize, Declared<'_>)> = Vec::new();
    for (index, unit) in units.iter().enumerate() {
        let mut found = Vec::new();
        let origin = Origin {
            namespace: unit.namespace,
            component: unit.component.as_ref(),
            anonymous: unit.anonymous,
        };
        let root = Node::root(&unit.tree, unit.text);
        let result = declare::register(world, root, origin, &mut found);
        faults.extend(result.err().map(|fault| (index, fault)));
        declared.extend(found.into_iter().map(|one| (index, one)));
    }
    for (index, one) in &declared {
        let result = declare::supertypes(world, *one);
        faults.extend(result.err().map(|fault| (*index, fault)));
    }
    let classes: Vec<ClassId> = declared.iter().map(|(_, one)| one.class).collect();
    for (class, fault) in declare::circles(world, &classes) {
        let index = declared.iter().find(|(_, one)| one.class == class);
        faults.extend(index.map(|(index, _)| (*index, fault)));
    }
    let mut tasks: Vec<(usize, Task<'_>)> = Vec::new();
    for (index, one) in &declared {
        let mut found = Vec::new();
        let wrong = declare::members(world, *one, &mut found);
        faults.extend(wrong.into_iter().map(|fault| (*index, fault)));
        tasks.extend(found.into_iter().map(|task| (*index, task)));
    }
    if faults.iter().any(|(_, fault)| !fault.is_gap) {
        return faults;
    }
    let mut done = finished(world, &declared);
    let mut wrong = Vec::new();
    for (_, one) in &declared {
        declare::lay_out(world, one.class, &mut done, &mut wrong);
    }
    for (class, fault) in wrong {
        let index = declared.iter().find(|(_, one)| one.class == class);
        faults.extend(index.map(|(index, _)| (*index, fault)));
    }
    bodies(world, &tasks, &mut faults);
    faults
}

// Classes that an earlier build has laid out.
fn finished(world: &World, declared: &[(usize, Declared<'_>)]) -> BTreeSet<ClassId> {
    let new: BTreeSet<ClassId> = declared.iter().map(|(_, one)| one.class).collect();
    (0..world.classes.len())
        .filter_map(|index| u32::try_from(index).ok().map(ClassId))
        .filter(|id| !new.contains(id))
        .collect()
}

fn bodies(world: &mut World, tasks: &[(usize, Task<'_>)], faults: &mut Vec<(usize, Fault)>) {
    let mut initializers: BTreeMap<(ClassId, bool), Vec<Initializer>> = BTreeMap::new();
    for (index, task) in tasks {
        match lower::lower(world, task) {
            Ok((done, gaps)) => {
                faults.extend(gaps.into_iter().map(|gap| (*index, gap)));
                match done {
                    lower::Done::Method(id, body, variables, chain) => {
                        lower::store_method(world, id, body, variables, chain);
                    }
                    lower::Done::Initializer(class, is_static, initializer, slots) => {
                        initializers
                            .entry((class, is_static))
                            .or_default()
                            .push(initializer);
                        let class = world.class_mut(class);
                        class.init_slots = class.init_slots.max(slots);
                    }
                }
            }
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| (*index, fault))),
        }
    }
    for ((class, is_static), list) in initializers {
        let class = world.class_mut(class);
        if is_static {
            class.static_init = list.into();
        } else {
            class.instance_init = list.into();
        }
    }
}

/// Whether a class is a trigger or class of the org whose lines count.
fn is_counted(class: &program::Class) -> bool {
    class.component.is_some()
        && !class.is_test
        && matches!(class.kind, ClassKind::Class | ClassKind::Trigger)
}
