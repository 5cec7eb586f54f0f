//! Working off one deploy: read the upload, check every component, store all or nothing.

mod external_client_app;
mod read;

use std::collections::BTreeSet;

use crate::metadata::{ComponentId, MetadataType};
use crate::sf::wire::{DeployMessage, DeployOptions, DeployStatus, RunTestsResult, TestLevel};

use super::super::archive;
use super::super::clock::soap_date;
use super::super::compile;
use super::super::components::Found;
use super::super::deploy_words::test_level_of;
use super::super::normal::normal;
use super::super::options::{Fault, Options};
use super::super::runtime::Program;
use super::super::schema::Problem;
use super::super::serving;
use super::super::state::{Outcome, Stamp, State};
use super::checks::{self, Context};
use super::coverage;
use super::package;
use super::problem;
use super::references;

/// How many components the upload names, for the progress of a running deploy.
pub fn count(zip: &[u8], options: &DeployOptions, newest: u16) -> u32 {
    let uploads = archive::read(zip)
        .ok()
        .and_then(|files| package::uploads(&files, options.single_package, newest).ok());
    let members = uploads.iter().flatten().flat_map(|upload| &upload.types);
    u32::try_from(members.map(|(_, members)| members.len()).sum::<usize>()).unwrap_or(u32::MAX)
}

/// Runs the deploy, stores what it brings, and says what came of it. The tests of one that was
/// `tested` by a validation are not run again.
pub fn run(
    state: &mut State,
    options: &DeployOptions,
    zip: &[u8],
    stamp: &Stamp,
    settings: &Options,
    tested: bool,
) -> (DeployStatus, Outcome) {
    let newest = *settings.api_versions.end();
    let mut run = Run::new(options, stamp);
    run.tested = tested;
    let files = match archive::read(zip) {
        Ok(files) => files,
        Err(text) => {
            let (code, message) = text
                .split_once(": ")
                .unwrap_or(("UNKNOWN_EXCEPTION", &text));
            run.outcome.error = Some((code.to_owned(), message.to_owned()));
            return (DeployStatus::Failed, run.outcome);
        }
    };
    run.outcome.files = u32::try_from(files.len()).unwrap_or(u32::MAX);
    run.outcome.size = files.values().map(|content| content.len() as u64).sum();
    match package::uploads(&files, options.single_package, newest) {
        Ok(uploads) => {
            for upload in &uploads {
                run.delete(state, upload);
                run.read(upload);
            }
        }
        Err(problem) => {
            let mut row = run.row("", "package.xml", &problem.file);
            row.line_number = problem.place.map(|(line, _)| line);
            row.column_number = problem.place.map(|(_, column)| column);
            run.fail(row, problem.text);
        }
    }
    run.check(state, settings);
    run.refuse_used(state);
    run.compile(state);
    run.conclude(state, settings)
}

/// A component of the upload with what is needed to report on it.
struct Candidate {
    found: Found,
    file: String,
    version: u16,
}

impl Candidate {
    /// The file that its XML is in.
    fn xml_file(&self) -> String {
        if self.found.id.kind.has_source() {
            format!("{}-meta.xml", self.file)
        } else {
            self.file.clone()
        }
    }
}

/// The text of a component that the fault `reject-component` names.
const REJECTED: &str = "insufficient access rights on cross-reference id";

/// The line in which a class or trigger begins: the compiler's place for what is wrong with all of
/// it.
fn first_line_of_code(found: &Found) -> u32 {
    let source = found.source.as_deref().unwrap_or_default();
    let declares = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        !line.starts_with([' ', '/']) && words.any(|word| matches!(word, "class" | "trigger"))
    };
    let line = source.lines().position(declares).unwrap_or_default();
    u32::try_from(line + 1).unwrap_or(1)
}

fn is_rejected(id: &ComponentId, settings: &Options) -> bool {
    matches!(&settings.fault, Some(Fault::RejectComponent(rejected)) if rejected == id)
}

fn is_lost(id: &ComponentId, settings: &Options) -> bool {
    matches!(&settings.fault, Some(Fault::LoseComponent(lost)) if lost == id)
}

struct Run<'a> {
    options: &'a DeployOptions,
    stamp: &'a Stamp,
    outcome: Outcome,
    candidates: Vec<Candidate>,
    /// What the deploy changes: code and XML of each component.
    accepted: Vec<(ComponentId, Option<String>, String)>,
    /// The package's classes and triggers.
    apex: BTreeSet<ComponentId>,
    /// The org's Apex with that of the package, when there is any to compile.
    program: Option<Program>,
    /// Whether a validation ran the tests.
    tested: bool,
    /// What the deploy deletes before it adds.
    deleted: Vec<ComponentId>,
    /// What it deletes when it has added.
    deleted_after: Vec<ComponentId>,
}

impl<'a> Run<'a> {
    fn new(options: &'a DeployOptions, stamp: &'a Stamp) -> Self {
        let mut outcome = Outcome::default();
        outcome.details.run_test_result = Some(RunTestsResult::default());
        Self {
            options,
            stamp,
            outcome,
            candidates: Vec::new(),
            accepted: Vec::new(),
            apex: BTreeSet::new(),
            program: None,
            tested: false,
            deleted: Vec::new(),
            deleted_after: Vec::new(),
        }
    }

    fn row(&self, kind: &str, name: &str, file: &str) -> DeployMessage {
        DeployMessage {
            component_type: kind.to_owned(),
            full_name: name.to_owned(),
            file_name: file.to_owned(),
            created_date: soap_date(self.stamp.at),
            ..DeployMessage::default()
        }
    }

    fn fail(&mut self, mut row: DeployMessage, problem: String) {
        row.problem = Some(problem);
        row.problem_type = Some("Error".to_owned());
        self.outcome.details.component_failures.push(row);
    }

    fn check(&mut self, state: &State, settings: &Options) {
        let candidates = std::mem::take(&mut self.candidates);
        let context = Context {
            state,
            package: candidates
                .iter()
                .map(|candidate| candidate.found.id.clone())
                .collect(),
            principals: candidates
                .iter()
                .filter(|candidate| candidate.found.id.kind == MetadataType::ExternalCredential)
                .flat_map(|candidate| {
                    let name = candidate.found.id.full_name.as_str();
                    checks::principals(name, &candidate.found.xml)
                })
                .collect(),
            deleted: &self.deleted,
            newest: *settings.api_versions.end(),
        };
        let mut judged = Vec::new();
        let staged: Vec<Option<String>> = candidates
            .iter()
            .map(|candidate| {
                let id = &candidate.found.id;
                let all = candidates.iter().map(|candidate| &candidate.found.id);
                let rejected = is_rejected(id, settings).then_some(REJECTED);
                let deploys = state.deploys.len();
                rejected
                    .or_else(|| problem::with_component(id, all.clone(), settings))
                    .map(str::to_owned)
                    .or_else(|| problem::behind(id, all, deploys, settings))
            })
            .collect();
        for (candidate, staged) in candidates.into_iter().zip(staged) {
            let xml = checks::xml_problems(&candidate.found, candidate.version);
            let (file, problems) = if let Some(text) = staged {
                let problem = Problem {
                    line: first_line_of_code(&candidate.found),
                    column: 1,
                    text,
                };
                (candidate.file.clone(), vec![problem])
            } else if xml.is_empty() {
                (
                    candidate.file.clone(),
                    checks::problems(&candidate.found, &context),
                )
            } else {
                (candidate.xml_file(), xml)
            };
            judged.push((candidate, file, problems));
        }
        for (candidate, file, problems) in judged {
            if problems.is_empty() {
                let id = candidate.found.id.clone();
                self.accept(state, candidate);
                if is_lost(&id, settings) {
                    self.accepted.retain(|(accepted, ..)| *accepted != id);
                }
            } else {
                self.reject(&candidate.found.id, &file, problems);
            }
        }
    }

    fn accept(&mut self, state: &State, candidate: Candidate) {
        let Candidate { found, file, .. } = candidate;
        let xml = normal(found.id.kind, &found.xml).document();
        let stored = state.component(&found.id);
        let mut row = self.row(found.id.kind.name(), found.id.full_name.as_str(), &file);
        row.success = true;
        row.id = stored.map(|stored| stored.id.clone());
        row.created = stored.is_none();
        row.changed =
            stored.is_none_or(|stored| stored.source != found.source || stored.xml != xml);
        if found.source.is_some() {
            self.apex.insert(found.id.clone());
        }
        if row.changed {
            self.accepted.push((found.id, found.source, xml));
        }
        self.outcome.deployed += 1;
        self.outcome.details.component_successes.push(row);
    }

    /// Fails the deletions of what is still used.
    fn refuse_used(&mut self, state: &State) {
        let deleted: Vec<ComponentId> = self
            .deleted
            .iter()
            .chain(&self.deleted_after)
            .cloned()
            .collect();
        for (id, problem) in references::refusals(state, &self.accepted, &deleted) {
            let rows = &mut self.outcome.details.component_successes;
            let position = rows.iter().position(|row| {
                row.deleted
                    && row.component_type == id.kind.name()
                    && id.full_name.as_str().eq_ignore_ascii_case(&row.full_name)
            });
            if let Some(position) = position {
                let gone = rows.remove(position);
                let row = self.row(&gone.component_type, &gone.full_name, &gone.file_name);
                self.fail(row, problem);
                self.outcome.deployed = self.outcome.deployed.saturating_sub(1);
                self.deleted.retain(|other| *other != id);
                self.deleted_after.retain(|other| *other != id);
            }
        }
    }

    /// Compiles the Apex that the org would have, when nothing else is wrong.
    fn compile(&mut self, state: &State) {
        let level = test_level_of(state.organization.kind, self.options, !self.apex.is_empty());
        let has_apex = !self.apex.is_empty() || level != TestLevel::NoTestRun;
        if !has_apex || !self.outcome.details.component_failures.is_empty() {
            return;
        }
        let deleted: Vec<ComponentId> = self
            .deleted
            .iter()
            .chain(&self.deleted_after)
            .cloned()
            .collect();
        let errors = match compile::compile(state, &self.accepted, &deleted, &self.apex) {
            Ok(program) => {
                self.tell_gaps(&program);
                self.program = Some(program);
                return;
            }
            Err(errors) => errors,
        };
        let mut taken_back = BTreeSet::new();
        for error in errors {
            let id = error.component;
            let rows = &mut self.outcome.details.component_successes;
            let position = rows.iter().position(|row| {
                row.component_type == id.kind.name() && row.full_name == id.full_name.as_str()
            });
            let file = match position {
                Some(position) => rows.remove(position).file_name,
                None => self.file_of(&id),
            };
            if taken_back.insert(id.clone()) {
                self.outcome.deployed = self.outcome.deployed.saturating_sub(1);
                self.accepted.retain(|(accepted, ..)| *accepted != id);
            }
            let problem = Problem {
                line: error.line,
                column: error.column,
                text: error.message,
            };
            self.reject(&id, &file, vec![problem]);
        }
    }

    // What this local org does not have is no error of the package: a real one may well take it. It
    // is said beside the success, and of tests that come to it.
    fn tell_gaps(&mut self, program: &Program) {
        for row in &mut self.outcome.details.component_successes {
            let mut gaps = program.gaps().iter().filter(|gap| {
                gap.component.kind.name() == row.component_type
                    && gap.component.full_name.as_str() == row.full_name
            });
            let Some(first) = gaps.next() else {
                continue;
            };
            row.problem = Some(match gaps.count() {
                0 => first.message.clone(),
                more => format!("{} (and {more} more)", first.message),
            });
            row.problem_type = Some("Info".to_owned());
            row.line_number = Some(first.line);
            row.column_number = Some(first.column);
        }
    }

    // The file that an earlier failure of the same component names.
    fn file_of(&self, id: &ComponentId) -> String {
        let rows = &self.outcome.details.component_failures;
        rows.iter()
            .rev()
            .find(|row| row.full_name == id.full_name.as_str())
            .map(|row| row.file_name.clone())
            .unwrap_or_default()
    }

    fn reject(&mut self, id: &ComponentId, file: &str, problems: Vec<Problem>) {
        for problem in problems {
            let mut row = self.row(id.kind.name(), id.full_name.as_str(), file);
            if problem.line > 0 {
                row.line_number = Some(problem.line);
                row.column_number = Some(problem.column);
            }
            self.fail(row, problem.text);
        }
    }

    /// Tests, storing, status.
    fn conclude(mut self, state: &mut State, settings: &Options) -> (DeployStatus, Outcome) {
        let failures = &self.outcome.details.component_failures;
        let failed_names: BTreeSet<(&str, &str)> = failures
            .iter()
            .map(|row| (row.component_type.as_str(), row.full_name.as_str()))
            .collect();
        self.outcome.errors = u32::try_from(failed_names.len()).unwrap_or(u32::MAX);
        let failed = !failures.is_empty();
        if failed && self.options.rollback_on_error {
            return (DeployStatus::Failed, self.outcome);
        }
        if let Some(error) = problem::with_whole(settings) {
            self.outcome.error = Some(error);
            return (DeployStatus::Failed, self.outcome);
        }
        if !self.tested {
            match coverage::judge(
                state,
                self.options,
                &self.apex,
                self.program.as_ref(),
                self.stamp.at,
            ) {
                Err(refusal) => {
                    self.outcome.error = Some((refusal.code.to_owned(), refusal.message));
                    return (DeployStatus::Failed, self.outcome);
                }
                Ok(mut judged) => {
                    let tests = &mut judged.tests;
                    let failed = problem::with_tests(tests, self.options, settings);
                    self.outcome.details.run_test_result = Some(judged.tests);
                    for log in judged.logs {
                        serving::keep_log(state, log);
                    }
                    if failed || !judged.passed {
                        return (DeployStatus::Failed, self.outcome);
                    }
                }
            }
        }
        if !self.options.check_only {
            self.store(state);
        }
        let status = match (failed, self.outcome.deployed) {
            (false, _) => DeployStatus::Succeeded,
            (true, 0) => DeployStatus::Failed,
            (true, _) => DeployStatus::SucceededPartial,
        };
        self.outcome.success = status != DeployStatus::Failed;
        (status, self.outcome)
    }

    fn store(&mut self, state: &mut State) {
        for id in &self.deleted {
            state.remove(id);
        }
        for (id, source, xml) in std::mem::take(&mut self.accepted) {
            state.put(&id, source, xml, self.stamp.clone());
            let record = state.component(&id).map(|stored| stored.id.clone());
            for row in &mut self.outcome.details.component_successes {
                if row.component_type == id.kind.name() && row.full_name == id.full_name.as_str() {
                    row.id.clone_from(&record);
                }
            }
        }
        for id in &self.deleted_after {
            state.remove(id);
        }
        for id in external_client_app::orphans(state) {
            state.remove(&id);
        }
        for (id, xml) in external_client_app::policies(state) {
            state.put(&id, None, xml, self.stamp.clone());
        }
    }
}

/// The zip of a package.
#[cfg(test)]
pub fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<(String, Vec<u8>)> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    archive::write(&files).unwrap()
}
