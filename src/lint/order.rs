//! The rule on the order of work within a transaction: call out first.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use super::context::{ApexFile, Context};
use super::finding::Finding;
use crate::apex::{Call, Method, Step};
use crate::diag::{Code, Severity};

pub(super) const CALLOUT_AFTER_WORK: Rule = Rule {
    code: Code("lint/callout-after-work"),
    summary: "no callout follows a DML statement, a new job or a mail in the same transaction",
    explain: "Salesforce refuses a callout while work is pending: \"You have uncommitted work \
        pending. Please commit or rollback before calling out.\" Records that were changed, jobs \
        that were enqueued, events, mail, and a threading token that had to be made count as work. \
        The rule follows calls through the methods of the package, by class and method name. It \
        knows no types: a call on a variable is followed within its own file only.",
    help: "call out first, then enqueue, change records or send mail; or call out in a job of its \
        own",
    severity: Severity::Error,
    check: callouts_after_work,
};

/// Whether work can be pending at a point: both bits are set when it depends on the way there.
type States = u8;
const CLEAN: States = 1;
const PENDING: States = 2;

fn callouts_after_work<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let files: Vec<(&ApexFile<'a>, Vec<Method<'a>>)> = context
        .production()
        .map(|file| (file, file.source.methods()))
        .collect();
    let mut search = Search {
        files: &files,
        results: BTreeMap::new(),
        found: BTreeSet::new(),
    };
    for (index, (_, methods)) in files.iter().enumerate() {
        for method in 0..methods.len() {
            search.method((index, method), CLEAN);
        }
    }
    let message = "calls out although work may be pending";
    let found = search.found.into_iter();
    found
        .map(|(file, line)| rule.at(files[file].0.id, Some(line), message))
        .collect()
}

/// A method by its file and its place in it.
type MethodId = (usize, usize);

struct Search<'s, 'a> {
    files: &'s [(&'s ApexFile<'a>, Vec<Method<'a>>)],
    /// The states after a method by those before it. A method that calls itself changes nothing
    /// by that.
    results: BTreeMap<(MethodId, States), States>,
    /// File and line of callouts with work pending.
    found: BTreeSet<(usize, usize)>,
}

impl Search<'_, '_> {
    fn method(&mut self, id: MethodId, before: States) -> States {
        if let Some(after) = self.results.get(&(id, before)) {
            return *after;
        }
        self.results.insert((id, before), before);
        let files = self.files;
        let mut ended = 0;
        let open = self.steps(&files[id.0].1[id.1].steps, id.0, before, &mut ended);
        self.results.insert((id, before), open | ended);
        open | ended
    }

    /// The states after these steps; `ended` gets those with which the method ended on the way.
    fn steps(
        &mut self,
        steps: &[Step<'_>],
        file: usize,
        mut states: States,
        ended: &mut States,
    ) -> States {
        for step in steps {
            states = match step {
                _ if states == 0 => return 0,
                Step::Dml(_) => PENDING,
                Step::Call(call) => self.call(call, file, states),
                Step::Either(ways) => {
                    let mut after = 0;
                    for way in ways {
                        after |= self.steps(way, file, states, ended);
                    }
                    after
                }
                Step::Loop(steps) => {
                    let once = self.steps(steps, file, states, ended);
                    states | once | self.steps(steps, file, states | once, ended)
                }
                Step::End => {
                    *ended |= states;
                    0
                }
            };
        }
        states
    }

    fn call(&mut self, call: &Call<'_>, file: usize, states: States) -> States {
        if is_callout(call) {
            if states & PENDING != 0 {
                self.found.insert((file, call.span.line));
            }
            return states;
        }
        if is_work(call) {
            return PENDING;
        }
        let methods = self.named(call, file);
        if methods.is_empty() {
            return states;
        }
        let mut after = 0;
        for method in methods {
            after |= self.method(method, states);
        }
        after
    }

    /// The methods that a call may mean.
    fn named(&self, call: &Call<'_>, file: usize) -> Vec<MethodId> {
        let class = call.receiver.unwrap_or_default();
        let of_class =
            |(file, _): &(&ApexFile<'_>, _)| file.id.full_name.as_str().eq_ignore_ascii_case(class);
        let owner = self.files.iter().position(of_class).unwrap_or(file);
        let methods = self.files[owner].1.iter().enumerate();
        methods
            .filter(|(_, method)| method.name.eq_ignore_ascii_case(call.name))
            .map(|(index, _)| (owner, index))
            .collect()
    }
}

fn is_callout(call: &Call<'_>) -> bool {
    let receiver = call.receiver.unwrap_or_default().to_ascii_lowercase();
    let receiver = receiver.replace(' ', "");
    call.name.eq_ignore_ascii_case("send")
        && (receiver.contains("newhttp(") || receiver.contains("system.http("))
        || call.name.eq_ignore_ascii_case("send") && receiver == "http"
}

fn is_work(call: &Call<'_>) -> bool {
    let receiver = call.receiver.unwrap_or_default().to_ascii_lowercase();
    let class = receiver.strip_prefix("system.").unwrap_or(&receiver);
    let name = call.name.to_ascii_lowercase();
    match name.as_str() {
        "enqueuejob" | "sendemail" | "schedule" | "getformattedthreadingtoken" => true,
        "publish" => class == "eventbus",
        "insert" | "update" | "upsert" | "delete" | "undelete" | "merge" | "executebatch" => {
            class == "database"
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::Sample;

    fn found(methods: &str) -> Vec<String> {
        let source = format!("public with sharing class A {{\n{methods}\n}}");
        let other = "public with sharing class B {
            public static void post() { new System.Http().send(request); }
            public static void save() { insert record; }
        }";
        Sample::new()
            .source("ApexClass:A", &source)
            .source("ApexClass:B", other)
            .found("lint/callout-after-work")
    }

    #[test]
    fn a_callout_first_is_right() {
        for methods in [
            "void f() { B.post(); B.save(); }",
            "void f() { for (X x : xs) { B.post(); } System.enqueueJob(job); }",
            "void f() { if (x) { insert y; } else { B.post(); } }",
            "void f() { if (x) { insert y; return; } B.post(); }",
            "void f() { f(); B.post(); }",
            "void f() { new Http().send(System.JSON.serialize(x)); update y; }",
            "void f() { schedule.send(x); message.send(); }",
        ] {
            assert_eq!(found(methods), [""; 0], "{methods}");
        }
    }

    #[test]
    fn a_callout_after_work_is_found_where_it_is() {
        let in_b = "ApexClass:B:2 calls out although work may be pending";
        for methods in [
            "void f() { B.save(); B.post(); }",
            "void f() { for (X x : xs) { B.post(); B.save(); } }",
            "void f() { if (x) { insert y; } B.post(); }",
            "void f() { g(); B.post(); } void g() { if (x) { return; } System.enqueueJob(job); }",
            "void f() { Messaging.sendEmail(mails, false); b.post(); }",
            "void f() { EmailMessages.getFormattedThreadingToken(id); B.post(); }",
            "void f() { try { EventBus.publish(e); } catch (Exception e) { B.post(); } }",
            "void f() { Database.update(x, false); this.g(); } void g() { B.post(); }",
        ] {
            assert_eq!(found(methods), [in_b], "{methods}");
        }
        assert_eq!(
            found("void f() {\ninsert y;\nHttp http = new Http();\nhttp.send(request); }"),
            ["ApexClass:A:5 calls out although work may be pending"]
        );
    }
}
