//! Which orgs a `drift` is about, and the look at one of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::civil::Date;

use super::args::ChosenOrgs;
use super::cmd_plan::{READ_WAIT, failure};
use super::connect::reach;
use super::context::{Context, only_org, read_config, target_and_package};
use super::failure::Failure;
use super::gates::Gates;
use super::opencx_folder::journal_folder;
use crate::compare::ChangeKind;
use crate::config::Config;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::drift::{self, Drift, Expected};
use crate::fleet::{self, Inspection, Shard};
use crate::secret::Redactor;

/// One org to look at.
pub(super) struct Job {
    pub(super) config: Rc<Config>,
    pub(super) path: Rc<PathBuf>,
    pub(super) name: String,
}

impl Job {
    /// The name of its org.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The orgs that the arguments choose, of which this machine's share is taken, and whether they mean
/// one org.
pub(super) fn jobs(
    chosen: &ChosenOrgs,
    shard: Option<Shard>,
    context: &Context,
) -> Result<(Vec<Job>, bool), Failure> {
    let mut jobs = Vec::new();
    let mut unmatched = Vec::new();
    let configs = match &chosen.configs {
        Some(folder) => configs_in(folder)?,
        None => vec![context.config()?],
    };
    let alone = !chosen.are_several();
    for (config, path) in configs {
        let names = match chosen.target_org.as_slice() {
            [] if alone => vec![only_org(&config)?],
            // The finding on a name that is not there says what was probably meant.
            [name] if alone => vec![name.clone()],
            patterns => fleet::select(&config.org_names(), patterns).unwrap_or_else(|pattern| {
                unmatched.push(pattern);
                let fits = |one| fleet::select(&config.org_names(), std::slice::from_ref(one)).ok();
                patterns.iter().filter_map(fits).flatten().collect()
            }),
        };
        let (config, path) = (Rc::new(config), Rc::new(path));
        jobs.extend(names.into_iter().map(|name| Job {
            config: Rc::clone(&config),
            path: Rc::clone(&path),
            name,
        }));
    }
    // With a folder of configs each name need be in one of them only.
    let missed = chosen.configs.is_none() && !unmatched.is_empty();
    if missed || jobs.is_empty() {
        return Err(nothing_chosen(&unmatched));
    }
    if let Some(shard) = shard {
        jobs = shard.of(jobs);
    }
    Ok((jobs, alone))
}

fn nothing_chosen(patterns: &[String]) -> Failure {
    let message = match patterns.first() {
        Some(pattern) => format!("no org is called `{pattern}`"),
        None => "there is no org to look at".to_owned(),
    };
    Diagnostic::error(Code("fleet/empty-selection"), Category::Usage, message)
        .help("`opencx-sf orgs` lists the names; `*` stands for any text; `--all` takes every org")
        .into()
}

/// The configs of a folder, in the order of their names.
fn configs_in(folder: &Path) -> Result<Vec<(Config, PathBuf)>, Failure> {
    let shown = folder.display().to_string();
    let unreadable = |error: std::io::Error| {
        let place = Place::Path {
            path: shown.clone(),
        };
        let message = format!("`{shown}` could not be read");
        Diagnostic::error(Code("config/not-readable"), Category::Config, message)
            .at(place)
            .because(error.to_string())
            .help("name the folder that holds the configs with `--configs`")
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_yaml = path
            .extension()
            .is_some_and(|suffix| suffix == "yaml" || suffix == "yml");
        if is_yaml && path.is_file() {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Diagnostic::error(
            Code("config/not-found"),
            Category::Config,
            "the folder has no config (*.yaml)",
        )
        .at(Place::Path { path: shown })
        .help("name the folder that holds the configs with `--configs`")
        .into());
    }
    paths.sort();
    let read = |path: PathBuf| Ok((read_config(&path)?, path));
    paths.into_iter().map(read).collect()
}

/// Looks at one org. Whatever stops that is its outcome.
pub(super) async fn inspect(
    job: Job,
    today: Date,
    redactor: &Redactor,
    gates: &Gates,
) -> Inspection {
    let mut inspection = Inspection {
        target: job.name.clone(),
        config: job.path.display().to_string(),
        outcome: Err(Vec::new()),
        places: BTreeMap::new(),
        place: job.config.place_of_org(&job.name),
        requests: 0,
        usage: None,
    };
    match look(&job, today, redactor, gates, &mut inspection).await {
        Ok(drift) => {
            let differing = drift
                .components
                .iter()
                .filter(|row| row.change.kind != ChangeKind::Same);
            inspection.places = differing
                .map(|row| {
                    let field = row.change.fields.first().map(|field| field.field.as_str());
                    let component = row.change.component.clone();
                    let place = job.config.place_of(&job.name, &component, field);
                    (component, place)
                })
                .collect();
            inspection.outcome = Ok(drift);
        }
        Err(failure) => inspection.outcome = Err(failure.into_findings()),
    }
    inspection
}

async fn look(
    job: &Job,
    today: Date,
    redactor: &Redactor,
    gates: &Gates,
    inspection: &mut Inspection,
) -> Result<Drift, Failure> {
    let (target, package) = target_and_package(&job.config, &job.path, &job.name, redactor)?;
    let folder = job.path.parent().unwrap_or(Path::new(""));
    let version = target.integration.api_version;
    let turn = gates.pass(&target.auth).await;
    let connected = reach(&target.name, &target.auth, version, folder, redactor).await?;
    drop(turn);
    let rules = job.config.ignore_rules();
    let journals = journal_folder(folder, &target);
    let expected = Expected {
        target: &target,
        package: &package,
        rules: &rules,
        today,
        journals: Some(&journals),
    };
    let drift = drift::inspect(&connected.reader, expected, READ_WAIT).await;
    inspection.requests = connected.reader.requests();
    inspection.usage = connected.reader.usage();
    drift.map_err(|error| failure(error, &target.name))
}
