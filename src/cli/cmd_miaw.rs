//! `miaw`: the key pair of live messaging, and its settings as OpenCX would take them.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::Outcome;
use super::args::{KeygenArgs, MiawAction, MiawArgs, OrgArgs};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Secrets;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::doctor::{self, Verdict};
use crate::messaging::{self, Made};
use crate::report;

/// Keeps the private key out of version control.
const IGNORED: &str = "private.pem\n";

pub(super) fn run(args: &MiawArgs, context: &mut Context) -> Outcome {
    match &args.action {
        MiawAction::Keygen(args) => keygen(args, context),
        MiawAction::Check(args) => check(args, context),
    }
}

fn keygen(args: &KeygenArgs, context: &mut Context) -> Outcome {
    let now = jiff::Timestamp::now();
    let kid = args.kid.clone().unwrap_or_else(|| {
        let today = now.to_zoned(TimeZone::UTC).date();
        format!("opencx-{today}")
    });
    let file = |name: &str| args.out.join(name);
    let names = ["private.pem", "public.pem", "certificate.pem", "key.json"];
    if let Some(there) = names.map(file).iter().find(|path| path.exists()) {
        return Err(exists(there).into());
    }
    let made = messaging::make(&kid, now).map_err(|error| {
        Diagnostic::error(Code("cli/no-key-pair"), Category::Failed, error.to_string())
            .help("try again; if it stays so, make the pair with `openssl`")
    })?;
    write_all(&args.out, &made)?;
    context
        .terminal
        .data(&report::human::key_pair(&args.out, &kid, &made))
        .map_err(|error| Failure::output(&error, "the key pair was written"))?;
    Ok(Exit::Done)
}

/// Writes the files of a pair; the private key first, so that none is without it.
fn write_all(folder: &Path, made: &Made) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| not_written(folder, &error))?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        write_new(&ignore, IGNORED, 0o644)?;
    }
    let files: [(&str, &str, u32); 4] = [
        ("private.pem", made.private_key.expose(), 0o600),
        ("public.pem", &made.public_key, 0o644),
        ("certificate.pem", &made.certificate, 0o644),
        ("key.json", &made.jwk, 0o644),
    ];
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, text, mode) in files {
        let path = folder.join(name);
        if let Err(failure) = write_new(&path, text, mode) {
            // A part of a pair is of no use; what was there before is not among these.
            for path in written {
                let _ = fs::remove_file(path);
            }
            return Err(failure);
        }
        written.push(path);
    }
    Ok(())
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let written = create(path, mode).and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path).into()),
        other => other.map_err(|error| not_written(path, &error)),
    }
}

#[cfg(unix)]
fn create(path: &Path, mode: u32) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _: u32) -> io::Result<fs::File> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    Failure::file(
        "cli/not-written",
        "written",
        &path.display().to_string(),
        error,
    )
}

fn exists(path: &Path) -> Diagnostic {
    let path = path.display().to_string();
    Diagnostic::error(
        Code("cli/key-exists"),
        Category::Refused,
        format!("`{path}` is there already, and keys are never written over"),
    )
    .at(Place::Path { path })
    .help(
        "name another folder with `--out DIR`; the old pair is needed until OpenCX has the new one",
    )
}

fn check(args: &OrgArgs, context: &mut Context) -> Outcome {
    let target = args.target_org.as_deref();
    let integration = context.integration(target, Secrets::Unresolved)?;
    let Some(settings) = context.messaging_settings(&integration)? else {
        return Err(Diagnostic::error(
            Code("cli/no-live-messaging"),
            Category::Config,
            "the config has no `live_messaging`",
        )
        .help(
            "add it with what stands in OpenCX: Settings > Integrations > Salesforce > MIAW \
             (`opencx-sf explain doctor/miaw-fields` has an example)",
        )
        .into());
    };
    let findings = doctor::messaging_settings(&settings);
    let text = if args.json {
        report::json::messaging_settings(&findings)
    } else {
        report::human::messaging_settings(&findings)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing was changed"))?;
    let has = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
    Ok(if has(Verdict::Failed) {
        Exit::Failed
    } else if has(Verdict::Unknown) {
        Exit::Undetermined
    } else {
        Exit::Done
    })
}
