//! What a machine writes to its debug log.

mod credentials;
mod data;
mod variables;

use std::rc::Rc;

use super::super::anonymous::short_id;
use super::super::log::{Category, Level, Log, LogLevels, limit_usage};
use super::super::program::Method;
use super::super::types::{ClassId, MethodId};
use super::super::value::{Object, Value};
use super::Machine;

impl Machine<'_> {
    /// Writes an event if its category is logged at this level.
    pub fn event(&mut self, category: Category, level: Level, text: impl FnOnce() -> String) {
        if self.log.writes(category, level) {
            self.log.event(self.ticks, &text());
        }
    }

    /// The log so far; the machine writes no more of it.
    pub fn take_log(&mut self) -> String {
        let silent = Log::new(LogLevels::default(), self.org.now);
        std::mem::replace(&mut self.log, silent).into_text()
    }

    /// Goes on with a log that another machine began, whose clock went so far.
    pub fn write_on(&mut self, log: Log, clock: u64) {
        self.log = log;
        self.ticks = clock;
    }

    /// The log, for another machine to go on with, and how far its clock went.
    pub fn hand_over_log(&mut self) -> (Log, u64) {
        let silent = Log::new(LogLevels::default(), self.org.now);
        (std::mem::replace(&mut self.log, silent), self.ticks)
    }

    /// The line that the program is at.
    pub fn line(&self) -> u32 {
        self.calls
            .iter()
            .rev()
            .find(|call| call.line > 0)
            .map_or(1, |call| call.line)
    }

    /// Notes an exception, once.
    pub fn log_exception(&mut self, object: &Rc<Object>) {
        if self
            .logged
            .as_ref()
            .is_some_and(|last| Rc::ptr_eq(last, object))
            || !self.log.writes(Category::ApexCode, Level::Info)
        {
            return;
        }
        self.logged = Some(object.clone());
        let (name, message, _) = self.describe(object);
        let line = self.line_of(object);
        self.event(Category::ApexCode, Level::Info, || {
            format!("EXCEPTION_THROWN|[{line}]|{name}: {message}")
        });
    }

    /// Writes what the transaction used of its limits.
    pub fn log_usage(&mut self) {
        let text = limit_usage(&self.usage, |limit| self.allowed(limit));
        for part in ["CUMULATIVE_LIMIT_USAGE", &text] {
            self.event(Category::ApexProfiling, Level::Info, || part.to_owned());
        }
        if self.log.writes(Category::ApexProfiling, Level::Info) {
            self.event(Category::ApexProfiling, Level::Info, || {
                "CUMULATIVE_LIMIT_USAGE_END\n".to_owned()
            });
        }
    }

    /// So many bytes were allocated.
    pub(super) fn log_allocation(&mut self, bytes: usize) {
        if self.log.writes(Category::ApexCode, Level::Finer) {
            let line = self.line();
            self.event(Category::ApexCode, Level::Finer, || {
                format!("HEAP_ALLOCATE|[{line}]|Bytes:{bytes}")
            });
        }
    }

    /// `System.debug`
    pub fn debug(&mut self, level: Level, name: &str, message: &Value) -> super::Outcome<()> {
        if self.live.is_some() {
            let text = self.show(message)?;
            if let Some(live) = &mut self.live {
                live.debug(name.to_owned(), text);
            }
        }
        if self.log.writes(Category::ApexCode, level) {
            let text = self.show(message)?;
            let line = self.line();
            self.event(Category::ApexCode, level, || {
                format!("USER_DEBUG|[{line}]|{name}|{text}")
            });
        }
        Ok(())
    }

    /// Notes that a method of the org's own code begins or ends. For a trigger this is a code unit
    /// of its own.
    pub fn log_method(&mut self, id: MethodId, begins: bool) {
        if !self.log.writes(Category::ApexCode, Level::Error) {
            return;
        }
        let method = self.world.method(id);
        let class = self.world.class(method.class);
        let Some(component) = &class.component else {
            return;
        };
        let record = short_id(&self.org.record_ids, component);
        if let Some((object, _)) = &class.trigger {
            let object = &self.world.schema.object(*object).name;
            let event = self.triggers.last().map_or("", |context| context.event);
            let event: String = event
                .split(' ')
                .map(|word| {
                    word.chars().take(1).collect::<String>().to_uppercase()
                        + word.get(1..).unwrap_or_default()
                })
                .collect();
            let unit = format!("{} on {object} trigger event {event}", class.name);
            let unit = if begins {
                format!(
                    "CODE_UNIT_STARTED|[EXTERNAL]|{record}|{unit}|__sfdc_trigger/{}",
                    class.name
                )
            } else {
                format!("CODE_UNIT_FINISHED|{unit}|__sfdc_trigger/{}", class.name)
            };
            self.event(Category::ApexCode, Level::Error, || unit);
        } else if self.log.writes(Category::ApexCode, Level::Fine) {
            let line = self.line();
            let signature = self.signature(method);
            let event = if begins { "ENTRY" } else { "EXIT" };
            self.event(Category::ApexCode, Level::Fine, || {
                format!("METHOD_{event}|[{line}]|{record}|{signature}")
            });
        }
    }

    /// A method of the platform's begins or ends that the org's own code called.
    pub(super) fn log_system_method(&mut self, id: MethodId, begins: bool) {
        if !self.log.writes(Category::System, Level::Fine) {
            return;
        }
        let caller = self.calls.last();
        if caller.is_none_or(|call| self.world.class(call.class).component.is_none()) {
            return;
        }
        let line = self.line();
        let signature = self.signature(self.world.method(id));
        let event = if begins { "ENTRY" } else { "EXIT" };
        self.event(Category::System, Level::Fine, || {
            format!("SYSTEM_METHOD_{event}|[{line}]|{signature}")
        });
    }

    /// The class of an object becomes known: the log shows this as a method of its name.
    pub(super) fn log_class(&mut self, class: ClassId, begins: bool) {
        let Some(record) = self.record_of(class) else {
            return;
        };
        let name = &self.world.class(class).qualified;
        self.event(Category::ApexCode, Level::Fine, || match begins {
            true => format!("METHOD_ENTRY|[1]|{record}|{name}.{name}()"),
            false => format!("METHOD_EXIT|[1]|{name}"),
        });
    }

    /// A constructor of the org's own code begins or ends.
    pub(super) fn log_constructor(&mut self, id: MethodId, begins: bool) {
        let method = self.world.method(id);
        let Some(record) = self.record_of(method.class) else {
            return;
        };
        let line = self.line();
        let event = if begins { "ENTRY" } else { "EXIT" };
        let types = self.types_of(method);
        let class = &self.world.class(method.class).qualified;
        self.event(Category::ApexCode, Level::Fine, || {
            format!("CONSTRUCTOR_{event}|[{line}]|{record}|<init>({types})|{class}")
        });
    }

    /// A class begins or ends to work for the platform: a job, a finalizer, a test.
    pub fn log_unit(&mut self, class: Option<ClassId>, method: Option<&str>, begins: bool) {
        let Some(class) = class else {
            return;
        };
        let record = self.record_of(class).unwrap_or_default();
        let found = self.world.class(class);
        let name = match method {
            Some(method) => format!("{}.{method}", found.qualified),
            None => found.qualified.to_string(),
        };
        self.event(Category::ApexCode, Level::Error, || match begins {
            true => format!("CODE_UNIT_STARTED|[EXTERNAL]|{record}|{name}"),
            false => format!("CODE_UNIT_FINISHED|{name}"),
        });
    }

    /// Nobody caught an exception: what it is, and where the program was. It is noted once.
    pub fn log_fatal(&mut self, object: &Rc<Object>) {
        let same = |last: &Rc<Object>| Rc::ptr_eq(last, object);
        if self.fatal.as_ref().is_some_and(same) {
            return;
        }
        self.fatal = Some(object.clone());
        self.log_exception(object);
        let (name, message, trace) = self.describe(object);
        self.event(Category::ApexCode, Level::Error, || {
            format!("FATAL_ERROR|{name}: {message}\n\n{trace}")
        });
    }

    // The id of the component of a class, if it is the org's own and its methods are logged.
    fn record_of(&self, class: ClassId) -> Option<String> {
        if !self.log.writes(Category::ApexCode, Level::Error) {
            return None;
        }
        let component = self.world.class(class).component.as_ref()?;
        Some(short_id(&self.org.record_ids, component))
    }

    fn types_of(&self, method: &Method) -> String {
        let types: Vec<String> = method
            .parameters
            .iter()
            .map(|(_, ty)| self.world.name_of(ty))
            .collect();
        types.join(", ")
    }

    // `Outer.Inner.method(Integer, String)`
    fn signature(&self, method: &Method) -> String {
        let class = &self.world.class(method.class).qualified;
        format!("{class}.{}({})", method.name, self.types_of(method))
    }
}
