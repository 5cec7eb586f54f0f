//! What a machine writes to its debug log.

use std::rc::Rc;

use super::super::anonymous::short_id;
use super::super::log::{Category, Level, Log, LogLevels, limit_usage};
use super::super::program::Method;
use super::super::types::MethodId;
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
        let text = limit_usage(&self.usage, self.is_asynchronous());
        for part in ["CUMULATIVE_LIMIT_USAGE", &text] {
            self.event(Category::ApexProfiling, Level::Info, || part.to_owned());
        }
        if self.log.writes(Category::ApexProfiling, Level::Info) {
            self.event(Category::ApexProfiling, Level::Info, || {
                "CUMULATIVE_LIMIT_USAGE_END\n".to_owned()
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
    pub(super) fn log_method(&mut self, id: MethodId, begins: bool) {
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

    // `Outer.Inner.method(Integer, String)`
    fn signature(&self, method: &Method) -> String {
        let types: Vec<String> = method
            .parameters
            .iter()
            .map(|(_, ty)| self.world.name_of(ty))
            .collect();
        let class = &self.world.class(method.class).qualified;
        format!("{class}.{}({})", method.name, types.join(", "))
    }
}
