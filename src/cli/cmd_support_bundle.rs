//! `support-bundle`: what support needs, in one file that is listed before it is written.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Outcome;
use super::args::SupportBundleArgs;
use super::cmd_plan::READ_WAIT;
use super::connect::{block_on, connect_known};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::find;
use crate::bundle::{self, Bundle, Material};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::drift;
use crate::report;

pub(super) fn run(args: &SupportBundleArgs, context: &mut Context) -> Outcome {
    let key = args.case.as_deref().map(find::key).transpose()?;
    let target = context.examined(args.org.target_org.as_deref())?;
    let package = context.package(&target.integration)?;
    let messaging = context.messaging_settings(&target.integration)?;
    let (_, config_path) = context.config()?;
    let shown = config_path.display().to_string();
    let config = std::fs::read_to_string(&config_path)
        .map_err(|error| Failure::file("config/not-readable", "read", &shown, &error))?;
    let path = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("opencx-support-{}.zip", target.name)));
    if !args.list && path.exists() {
        return Err(exists(&path));
    }
    let bundle = block_on(async {
        let known = connect_known(&target, context, "reading").await?;
        let (reader, org) = (&known.connected.reader, &known.facts);
        let failed = |fault: crate::sf::Fault| Failure::from(fault.to_diagnostic(&target.name));
        let case = match &key {
            Some(key) => Some(find::case(reader, key, &target.name).await?),
            None => None,
        };
        let now = jiff::Timestamp::now();
        let read = bundle::read(reader, org, &target, &package, now, case, messaging)
            .await
            .map_err(failed)?;
        // A plan needs permissions that the person who asks for help may lack.
        let survey = drift::survey(reader, &target, &package, None, READ_WAIT).await;
        let plan = match &survey {
            Ok(survey) => Ok(&survey.plan),
            Err(_) => Err("the org's components could not be read by this user".to_owned()),
        };
        let material = Material {
            org,
            target: &target,
            config: &config,
            plan,
            examination: &read.examination,
            conversation: read.conversation.as_ref(),
            jobs: &read.jobs,
            logs: &read.logs,
        };
        Ok(Bundle::of(&material, context.terminal.redactor()))
    })?;
    let mut list = String::from("In the bundle, without secrets, addresses and texts of mail:\n");
    for entry in bundle.entries() {
        list.push_str(&format!(
            "  {:<18} {:>7} B  {}\n",
            entry.name, entry.bytes, entry.what
        ));
    }
    if args.list {
        let text = if args.org.json {
            report::json::bundle(None, bundle.entries())
        } else {
            list
        };
        return print(&text, context).map(|()| Exit::Done);
    }
    context.terminal.say(&list);
    let asks = context.terminal.is_interactive() && !args.yes && !args.org.json;
    if asks
        && !context
            .terminal
            .confirm(&format!("Write {}?", path.display()))
    {
        context.terminal.say("Nothing was written.\n");
        return Ok(Exit::Done);
    }
    let zip = bundle.zip().map_err(|error| error.to_diagnostic())?;
    write_private(&path, &zip).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(&path),
        _ => Failure::file(
            "cli/not-written",
            "written",
            &path.display().to_string(),
            &error,
        ),
    })?;
    let text = if args.org.json {
        report::json::bundle(Some(&path), bundle.entries())
    } else {
        format!(
            "Written    {} (only you can read it; nothing was sent anywhere)\nNext       look into it, \
             and attach it to your request to OpenCX together with the session's id\n",
            path.display()
        )
    };
    print(&text, context).map(|()| Exit::Done)
}

fn exists(path: &Path) -> Failure {
    let path = path.display().to_string();
    Diagnostic::error(
        Code("bundle/exists"),
        Category::Usage,
        format!("`{path}` is there already"),
    )
    .at(Place::Path { path })
    .help("name another file with `--out FILE`, or remove that one")
    .into()
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(content)
}

fn print(text: &str, context: &mut Context) -> Result<(), Failure> {
    context
        .terminal
        .data(text)
        .map_err(|error| Failure::output(&error, "nothing was changed in the org"))
}
