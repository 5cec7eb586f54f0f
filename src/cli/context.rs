//! What every command starts from: the terminal, the config file, the environment.

use std::path::{Path, PathBuf};

use anstream::ColorChoice;

use super::args::{Arguments, Color, Command};
use super::environment::env;
use super::failure::Failure;
use super::terminal::Terminal;
use crate::config::{Access, Config, Integration, References, SecretRef, Secrets, Target};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::doctor::MessagingSettings;
use crate::package::{Package, Rollout};
use crate::render;
use crate::report::human::Detail;
use crate::secret::Redactor;
use crate::template::Catalog;

/// The config file that is looked for.
pub(super) const CONFIG_NAME: &str = "opencx.yaml";

/// One run of the tool.
pub(super) struct Context {
    pub(super) terminal: Terminal,
    pub(super) detail: Detail,
    config: Option<PathBuf>,
}

/// Whether what a command prints is a file or a page, which stays as it is.
fn gives_files(command: &Command) -> bool {
    matches!(
        command,
        Command::Init(_)
            | Command::Render(_)
            | Command::Explain(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man(_)
    )
}

impl Context {
    pub(super) fn new(arguments: &Arguments) -> Self {
        let color = match arguments.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let mut terminal = Terminal::new(color, arguments.quiet);
        if let Some(path) = &arguments.config
            && !gives_files(&arguments.command)
        {
            terminal.typed().config(&path.to_string_lossy());
        }
        Self {
            terminal,
            detail: Detail {
                verbose: arguments.verbose,
                requests: None,
            },
            config: arguments.config.clone(),
        }
    }

    /// The config that `--config` names.
    pub(super) fn named_config(&self) -> Option<PathBuf> {
        self.config.clone()
    }

    /// Finds, reads and checks the config.
    pub(super) fn config(&self) -> Result<(Config, PathBuf), Failure> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => find_config()?,
        };
        let config = read_config(&path)?;
        Ok((config, path))
    }

    /// The folder of the config: backups and the like go beside it.
    pub(super) fn config_folder(&self) -> Result<PathBuf, Failure> {
        let (_, path) = self.config()?;
        Ok(path.parent().map(Path::to_path_buf).unwrap_or_default())
    }

    /// The org that the command is for, with every secret resolved and hidden from output.
    pub(super) fn target(&mut self, name: Option<&str>) -> Result<Target, Failure> {
        let only = match name {
            Some(_) => None,
            None => Some(only_org(&self.config()?.0)?),
        };
        let chosen = name.or(only.as_deref()).unwrap_or_default();
        let target = self.target_with(chosen, Secrets::Required)?;
        self.names(name);
        Ok(target)
    }

    /// What the user named has to be named in the next command too.
    fn names(&mut self, target: Option<&str>) {
        if let Some(name) = target {
            self.terminal.typed().target(name);
        }
    }

    /// The org that is only looked at: its login must resolve, what would be deployed need not.
    pub(super) fn examined(&mut self, name: Option<&str>) -> Result<Target, Failure> {
        let access = self.access(name)?;
        // With the secrets that are there, more can be compared.
        let mut target = match self.target_with(&access.name, Secrets::Required) {
            Ok(target) => target,
            Err(_) => self.target_with(&access.name, Secrets::Unresolved)?,
        };
        target.auth = access.auth;
        self.names(name);
        Ok(target)
    }

    /// The org of that name.
    pub(super) fn target_with(&mut self, name: &str, secrets: Secrets) -> Result<Target, Failure> {
        let (config, path) = self.config()?;
        let target = config.target(name, &World::beside(&path), secrets)?;
        self.hide(&target.integration.webhook_url);
        Ok(target)
    }

    /// How the org of that name, or the only one, is reached.
    pub(super) fn access(&self, name: Option<&str>) -> Result<Access, Failure> {
        let (config, path) = self.config()?;
        let name = match name {
            Some(name) => name.to_owned(),
            None => only_org(&config)?,
        };
        Ok(config.access(&name, &World::beside(&path))?)
    }

    /// What to render: for one org, or the top level alone.
    pub(super) fn integration(
        &mut self,
        target: Option<&str>,
        secrets: Secrets,
    ) -> Result<Integration, Failure> {
        let (config, path) = self.config()?;
        let world = World::beside(&path);
        let integration = match target {
            Some(name) => config.target(name, &world, secrets)?.integration,
            None => config.integration(&world, secrets)?,
        };
        self.hide(&integration.webhook_url);
        Ok(integration)
    }

    /// The section `live_messaging` with its keys, which no output shows from now on.
    pub(super) fn messaging_settings(
        &mut self,
        integration: &Integration,
    ) -> Result<Option<MessagingSettings>, Failure> {
        let Some(section) = &integration.live_messaging else {
            return Ok(None);
        };
        let (_, path) = self.config()?;
        let settings = MessagingSettings::read(section, &World::beside(&path));
        for secret in settings.secrets() {
            self.terminal.hide(secret);
        }
        Ok(Some(settings))
    }

    fn hide(&mut self, secret: &SecretRef) {
        if let Some(value) = &secret.value {
            self.terminal.hide(value);
        }
    }

    /// The package of an integration, secrets still placeholders.
    pub(super) fn package(&mut self, integration: &Integration) -> Result<Package, Failure> {
        Ok(self.rollout(integration)?.whole())
    }

    /// The packages of an integration in their order, secrets still placeholders.
    pub(super) fn rollout(&mut self, integration: &Integration) -> Result<Rollout, Failure> {
        rollout_of(integration)
    }

    /// Which template and config keys each component comes from.
    pub(super) fn origins(&self, integration: &Integration) -> Result<render::Origins, Failure> {
        origins_of(integration)
    }
}

/// Which template and config keys each component comes from.
pub(super) fn origins_of(integration: &Integration) -> Result<render::Origins, Failure> {
    let catalog = catalog(integration)?;
    Ok(render::Origins::of(integration, &catalog).map_err(|error| error.to_diagnostic())?)
}

/// The shipped templates, with those of the config's folder in their places.
pub(super) fn catalog(integration: &Integration) -> Result<Catalog, Failure> {
    Ok(match &integration.templates {
        Some(folder) => Catalog::with_overrides(folder).map_err(|error| error.to_diagnostic())?,
        None => Catalog::embedded(),
    })
}

/// The packages of an integration in their order, secrets still placeholders.
pub(super) fn rollout_of(integration: &Integration) -> Result<Rollout, Failure> {
    let catalog = catalog(integration)?;
    Ok(render::rollout(integration, &catalog).map_err(|error| error.to_diagnostic())?)
}

/// An org of a config with its package, secrets in place and hidden from output.
pub(super) fn target_and_package(
    config: &Config,
    path: &Path,
    name: &str,
    redactor: &Redactor,
) -> Result<(Target, Package), Failure> {
    let target = config.target(name, &World::beside(path), Secrets::Required)?;
    if let Some(value) = &target.integration.webhook_url.value {
        redactor.add(value);
    }
    let package = rollout_of(&target.integration)?.whole();
    let package = package.resolved().map_err(|error| error.to_diagnostic())?;
    Ok((target, package))
}

/// The environment and files that a config may refer to.
pub(super) struct World {
    folder: PathBuf,
}

impl World {
    /// Relative paths start in the config's folder.
    pub(super) fn beside(config: &Path) -> Self {
        Self {
            folder: config.parent().map(Path::to_path_buf).unwrap_or_default(),
        }
    }
}

impl References for World {
    fn env(&self, name: &str) -> Option<String> {
        env(name)
    }

    fn file(&self, path: &Path) -> std::io::Result<String> {
        std::fs::read_to_string(self.folder.join(path))
    }
}

/// Reads and checks a config.
pub(super) fn read_config(path: &Path) -> Result<Config, Failure> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| not_readable(&shown, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Diagnostic::error(
            Code("config/not-utf8"),
            Category::Config,
            format!("`{shown}` is not UTF-8 text (line {line})"),
        )
        .at(Place::Path {
            path: shown.clone(),
        })
        .help("save the file with the encoding UTF-8")
    })?;
    Ok(Config::parse(path, &text)?)
}

/// `opencx.yaml` here or in a folder above.
fn find_config() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::file("cli/no-folder", "read", ".", &error))?;
    for folder in here.ancestors() {
        let candidate = folder.join(CONFIG_NAME);
        if candidate.is_file() {
            return Ok(match candidate.strip_prefix(&here) {
                Ok(relative) => relative.to_path_buf(),
                Err(_) => candidate,
            });
        }
    }
    Err(Diagnostic::error(
        Code("config/not-found"),
        Category::Config,
        format!("no `{CONFIG_NAME}` here or in a folder above"),
    )
    .at(Place::Path {
        path: here.display().to_string(),
    })
    .help("name one with `--config FILE`, or let `opencx-sf init` write one")
    .into())
}

fn not_readable(path: &str, error: &std::io::Error) -> Failure {
    let code = if error.kind() == std::io::ErrorKind::NotFound {
        "config/not-found"
    } else {
        "config/not-readable"
    };
    Diagnostic::error(
        Code(code),
        Category::Config,
        format!("`{path}` could not be read"),
    )
    .at(Place::Path {
        path: path.to_owned(),
    })
    .because(error.to_string())
    .help("check the path given with `--config`")
    .into()
}

/// The config's only org, or a usage finding that lists them.
pub(super) fn only_org(config: &Config) -> Result<String, Failure> {
    let names = config.org_names();
    match names.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(Diagnostic::error(
            Code("cli/no-target-org"),
            Category::Usage,
            "which org? Name one with `--target-org`",
        )
        .help(if names.is_empty() {
            "the config has no `orgs` yet: add one, for example `orgs: { local: { emulator: {} } }`"
                .to_owned()
        } else {
            format!("the config has: {}", names.join(", "))
        })
        .into()),
    }
}
