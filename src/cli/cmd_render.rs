//! `render`: the package as files, zip, listing or one component; or compared with a folder.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use super::Outcome;
use super::args::{RenderArgs, RenderFormat};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Secrets;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::metadata::ComponentId;
use crate::package::{Format, Package, Rollout};
use crate::report;

pub(super) fn run(args: &RenderArgs, context: &mut Context) -> Outcome {
    let secrets = if args.resolve_secrets {
        Secrets::Required
    } else {
        Secrets::Unresolved
    };
    let integration = context.integration(args.target_org.as_deref(), secrets)?;
    let mut rollout = context.rollout(&integration)?;
    if args.resolve_secrets {
        rollout = rollout.resolved().map_err(|error| error.to_diagnostic())?;
    }
    let package = rollout.whole();
    if let Some(id) = &args.component {
        return one(&package, id, args.resolve_secrets, context);
    }
    let format = match args.format {
        RenderFormat::Metadata | RenderFormat::Zip => Format::Metadata,
        RenderFormat::Source => Format::Source,
    };
    let files = rollout
        .files(format)
        .map_err(|error| error.to_diagnostic())?;
    if let Some(folder) = &args.check {
        return check(&files, folder, args.json, context);
    }
    let Some(out) = &args.out else {
        return list(&package, &files, context);
    };
    if args.format == RenderFormat::Zip {
        write_zips(&rollout, out, context)?;
    } else {
        for (path, content) in &files {
            write(&out.join(path), content.as_bytes())?;
        }
    }
    let shown = out.display();
    context.terminal.progress(&format!(
        "wrote {} to {shown}",
        count(package.components.len())
    ));
    if !args.resolve_secrets && !package.secrets.is_empty() && args.format != RenderFormat::Source {
        context.terminal.progress(
            "secrets are placeholders in these files; `opencx-sf deploy` fills them in, \
             `--resolve-secrets` writes them",
        );
    }
    Ok(Exit::Done)
}

/// One zip; of several packages one each, numbered in the order in which an org must take them.
fn write_zips(rollout: &Rollout, out: &Path, context: &mut Context) -> Result<(), Failure> {
    for (name, stage) in rollout.numbered() {
        let zip = stage.package.zip().map_err(|error| error.to_diagnostic())?;
        if rollout.is_single() {
            return write(out, &zip);
        }
        let stem = out.file_stem().unwrap_or_default().to_string_lossy();
        let path = out.with_file_name(format!("{stem}-{name}.zip"));
        write(&path, &zip)?;
        context
            .terminal
            .progress(&format!("wrote {}", path.display()));
    }
    Ok(())
}

fn count(components: usize) -> String {
    format!("{components} components")
}

/// One component to stdout: its code where it has any, its XML otherwise.
fn one(package: &Package, id: &ComponentId, resolved: bool, context: &mut Context) -> Outcome {
    let Some(component) = package.components.get(id) else {
        let known: Vec<String> = package.components.keys().map(ToString::to_string).collect();
        return Err(Diagnostic::error(
            Code("render/no-such-component"),
            Category::Usage,
            format!("the package has no component `{id}`"),
        )
        .help(format!("it has: {}", known.join(", ")))
        .into());
    };
    let text = component.source.as_deref().unwrap_or(&component.xml);
    let written = if resolved {
        context.terminal.raw_data(text)
    } else {
        context.terminal.data(text)
    };
    written.map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

/// Components and the files they would be in.
fn list(package: &Package, files: &BTreeMap<String, String>, context: &mut Context) -> Outcome {
    let mut text: String = package
        .components
        .keys()
        .map(|id| format!("{id}\n"))
        .collect();
    text.push('\n');
    text.extend(
        files
            .iter()
            .map(|(path, content)| format!("{:>7}  {path}\n", content.len())),
    );
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let failed = |error| {
        Failure::file(
            "render/not-written",
            "written",
            &path.display().to_string(),
            &error,
        )
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, content).map_err(failed)
}

/// Holds a folder against what would be written into it.
fn check(
    files: &BTreeMap<String, String>,
    folder: &Path,
    json: bool,
    context: &mut Context,
) -> Outcome {
    let on_disk = read_folder(folder)?;
    let mut differences = Vec::new();
    for (path, wanted) in files {
        match on_disk.get(path) {
            None => differences.push((path.clone(), "missing")),
            Some(found) if found != wanted.as_bytes() => {
                differences.push((path.clone(), "different"));
            }
            Some(_) => {}
        }
    }
    for path in on_disk.keys().filter(|path| !files.contains_key(*path)) {
        differences.push((path.clone(), "not rendered"));
    }
    differences.sort();
    let text = if json {
        report::json::render_check(&differences)
    } else {
        let diffs: Vec<_> = differences
            .iter()
            .map(|(path, difference)| {
                let found = on_disk
                    .get(path)
                    .map(|bytes| String::from_utf8_lossy(bytes));
                (
                    path.as_str(),
                    *difference,
                    found.as_deref().unwrap_or_default().to_owned(),
                    files.get(path).cloned().unwrap_or_default(),
                )
            })
            .collect();
        report::human::render_check(&diffs, files.len())
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(if differences.is_empty() {
        Exit::Done
    } else {
        Exit::Differences
    })
}

/// Files of a folder by path with forward slashes. Version control and our own state are left out.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let shown = folder.display().to_string();
    if !folder.is_dir() {
        return Err(Diagnostic::error(
            Code("render/no-such-folder"),
            Category::Usage,
            format!("`{shown}` is not a folder"),
        )
        .at(Place::Path { path: shown })
        .help("write it first with `opencx-sf render --out DIR`")
        .into());
    }
    let mut files = BTreeMap::new();
    let entries = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some(".git" | ".opencx")));
    for entry in entries {
        let failed =
            |error: std::io::Error| Failure::file("render/not-readable", "read", &shown, &error);
        let entry = entry.map_err(|error| failed(error.into()))?;
        if !entry.file_type().is_file() {
            continue;
        }
        let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let path: Vec<_> = relative
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        files.insert(path.join("/"), std::fs::read(entry.path()).map_err(failed)?);
    }
    Ok(files)
}
