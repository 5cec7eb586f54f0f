//! `drift --adopt`: what the org holds goes into the config, or into templates of the user's own.
//! Shown first, written when that is agreed to.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Outcome;
use super::args::DriftArgs;
use super::cmd_plan::{READ_WAIT, failure};
use super::connect::{block_on, reach};
use super::context::{Context, World, catalog, only_org, target_and_package};
use super::exit::Exit;
use super::failure::Failure;
use super::opencx_folder::journal_folder;
use crate::config::Config;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::drift::adopt::{Adoption, Ground, adopt};
use crate::drift::{self, Expected};
use crate::report;
use crate::report::adopt::{AdoptedFiles, AdoptionStatus};

/// Where templates go when the config names no folder for them.
const TEMPLATES: &str = "templates";

pub(super) fn run(args: &DriftArgs, context: &mut Context) -> Outcome {
    let (config, path) = context.config()?;
    let name = match args.org.target_org.first() {
        Some(name) => name.clone(),
        None => only_org(&config)?,
    };
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path)
        .map_err(|error| Failure::file("config/not-readable", "read", &shown, &error))?;
    let redactor = context.terminal.redactor().clone();
    let (target, package) = target_and_package(&config, &path, &name, &redactor)?;
    let rules = config.ignore_rules();
    let folder = path.parent().unwrap_or(Path::new(""));
    let journals = journal_folder(folder, &target);
    let expected = Expected {
        target: &target,
        package: &package,
        rules: &rules,
        today: Timestamp::now().to_zoned(TimeZone::UTC).date(),
        journals: Some(&journals),
    };
    context.terminal.progress(&format!("reading {name}"));
    let look = block_on(async {
        let version = target.integration.api_version;
        let connected = reach(&name, &target.auth, version, folder, &redactor).await?;
        let look = drift::look(&connected.reader, expected, READ_WAIT).await;
        look.map_err(|error| failure(error, &name))
    })?;
    let print = |context: &mut Context, text: &str| {
        let printed = context.terminal.data(text);
        printed.map_err(|error| Failure::output(&error, "nothing was written"))
    };
    let undetermined = look.drift.is_undetermined();
    if !args.org.json {
        print(context, &report::human::drift(&look.drift, context.detail))?;
    }
    if !look.drift.differs() {
        if args.org.json {
            let text = report::adopt::nothing_to_adopt(&name, &shown, undetermined);
            print(context, &text)?;
        }
        return Ok(exit_of(undetermined, false));
    }
    let catalog = catalog(&target.integration)?;
    let adoption = adopt(Ground {
        file: &path,
        text: &text,
        org: &name,
        references: &World::beside(&path),
        catalog: &catalog,
        live: &look.live,
        asked: &look.asked,
        rules: &rules,
        today: expected.today,
    });
    let Some(adoption) = adoption else {
        // The same config was rendered a moment ago.
        return Ok(Exit::Bug);
    };
    let files = Files::of(
        &config,
        &path,
        &text,
        &adoption,
        &target.integration.templates,
    )?;
    let named = AdoptedFiles {
        config: &shown,
        before: &text,
        after: &files.config_text,
        folder: &files.folder,
    };
    let as_json = |status| report::adopt::adoption(&adoption, &name, named, status);
    if !args.org.json {
        print(context, &report::human::adoption(&adoption, named))?;
    }
    if !adoption.is_empty() {
        files.check(args, &adoption, context)?;
    }
    if adoption.is_empty() || !agreed(args, context) {
        if args.org.json {
            print(context, &as_json(AdoptionStatus::Proposed))?;
        }
        return Ok(exit_of(undetermined, true));
    }
    files.write(&adoption)?;
    let left = adoption
        .left
        .iter()
        .any(|(change, _)| change.is_difference());
    let told = match args.org.json {
        true => as_json(AdoptionStatus::Written),
        false => report::human::adopted(&adoption, &name),
    };
    let told = context.terminal.data(&told);
    told.map_err(|error| Failure::output(&error, "the files are written"))?;
    Ok(exit_of(undetermined, left))
}

fn exit_of(undetermined: bool, differs: bool) -> Exit {
    let differences = if differs {
        Exit::Differences
    } else {
        Exit::Done
    };
    differences.or_worse(if undetermined {
        Exit::Undetermined
    } else {
        Exit::Done
    })
}

fn agreed(args: &DriftArgs, context: &mut Context) -> bool {
    if args.yes {
        return true;
    }
    if context.terminal.is_interactive() && !args.org.json {
        return context.terminal.confirm("Write this?");
    }
    context
        .terminal
        .say("Nothing was written: nobody could be asked. `--yes` writes it.\n");
    false
}

/// What is written where.
struct Files<'a> {
    config: &'a Path,
    /// As it was read.
    before: &'a str,
    config_text: String,
    /// The folder of templates, as the user would name it.
    folder: String,
    /// And from here.
    folder_path: PathBuf,
}

impl<'a> Files<'a> {
    /// The config gets the name of the folder where it has none and needs one.
    fn of(
        config: &Config,
        path: &'a Path,
        before: &'a str,
        adoption: &Adoption,
        templates: &Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let text = adoption.text.clone().unwrap_or_else(|| before.to_owned());
        let beside = path.parent().unwrap_or(Path::new(""));
        let (config_text, folder_path) = match templates {
            Some(folder) => (text, folder.clone()),
            None if adoption.templates.is_empty() => (text, beside.join(TEMPLATES)),
            None => {
                let now = Config::parse(path, &text)?;
                let value = TEMPLATES.into();
                let edit = now
                    .with_value(&text, &["templates"], &value)
                    .ok_or_else(|| {
                        Diagnostic::error(
                            Code("adopt/no-place"),
                            Category::Failed,
                            "the config has no place for `templates: templates`",
                        )
                        .at(Place::Path {
                            path: path.display().to_string(),
                        })
                        .help("write that line at its top level, then adopt again")
                    })?;
                (edit.text, beside.join(TEMPLATES))
            }
        };
        // What is adopted for one org must leave what the others get as it is.
        debug_assert_eq!(
            Config::parse(path, &config_text)?.org_names(),
            config.org_names()
        );
        Ok(Self {
            config: path,
            before,
            config_text,
            folder: folder_path.display().to_string(),
            folder_path,
        })
    }

    /// What must not be written.
    fn check(
        &self,
        args: &DriftArgs,
        adoption: &Adoption,
        context: &Context,
    ) -> Result<(), Failure> {
        let mut findings = Vec::new();
        for template in &adoption.templates {
            let file = self.folder_path.join(&template.path);
            let place = Place::Path {
                path: file.display().to_string(),
            };
            if (template.replaces || file.exists()) && !args.overwrite.contains(&template.component)
            {
                findings.push(
                    Diagnostic::error(
                        Code("adopt/override-exists"),
                        Category::Refused,
                        format!("there is a template of your own for {}", template.component),
                    )
                    .at(place.clone())
                    .help(format!(
                        "look at the difference above; `--overwrite {}` replaces your file",
                        template.component
                    )),
                );
            }
            if context.terminal.redactor().redact(&template.text) != template.text {
                findings.push(
                    Diagnostic::error(
                        Code("adopt/holds-secret"),
                        Category::Refused,
                        format!(
                            "what the org holds as {} has a secret in it",
                            template.component
                        ),
                    )
                    .at(place)
                    .help("take the secret out of the org's source first; nothing was written"),
                );
            }
        }
        match findings.is_empty() {
            true => Ok(()),
            false => Err(findings.into()),
        }
    }

    /// Templates first: a config that names a folder which is not there renders nothing.
    fn write(&self, adoption: &Adoption) -> Result<(), Failure> {
        let shown = self.config.display().to_string();
        let now = fs::read_to_string(self.config)
            .map_err(|error| Failure::file("config/not-readable", "read", &shown, &error))?;
        if now != self.before {
            return Err(Diagnostic::error(
                Code("adopt/config-changed"),
                Category::Refused,
                "the config was changed while the org was read; nothing was written",
            )
            .at(Place::Path { path: shown })
            .help("run the command again")
            .into());
        }
        for template in &adoption.templates {
            save(&self.folder_path.join(&template.path), &template.text)?;
        }
        if self.config_text != self.before {
            save(self.config, &self.config_text)?;
        }
        Ok(())
    }
}

/// Writes beside and renames, so that a file is whole or old, and keeps who may read it.
fn save(path: &Path, text: &str) -> Result<(), Failure> {
    let written = (|| {
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)?;
        // A link stays one: what it leads to is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut beside = path.clone().into_os_string();
        beside.push(format!(".{}.tmp", std::process::id()));
        let beside = PathBuf::from(beside);
        let mut file = fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if let Ok(known) = fs::metadata(&path) {
            fs::set_permissions(&beside, known.permissions())?;
        }
        fs::rename(&beside, &path)
    })();
    written.map_err(|error| {
        Failure::file(
            "cli/not-written",
            "written",
            &path.display().to_string(),
            &error,
        )
    })
}
