//! `emulator`: the built-in org, served, reset, or changed as an admin would in Setup.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Outcome;
use super::args::{EditArgs, EmulatedOrgArgs, EmulatorAction, EmulatorArgs, TriggerStatus};
use super::connect::{block_on, start};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::apex::{self, Declaration};
use crate::config::{Auth, Integration, Secrets};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::emulator::{self, Condition, EmulatedOrg, LiveMessaging, Options};
use crate::messaging;
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::xml::{self, Element};

pub(super) fn run(args: &EmulatorArgs, context: &mut Context) -> Outcome {
    match &args.action {
        EmulatorAction::Start {
            org,
            port,
            org_kind,
            fault,
            condition,
            latency,
            newest_api,
            user,
            permission_set,
        } => {
            let options = Options {
                kind: *org_kind,
                fault: fault.clone(),
                latency: Duration::from_millis(*latency),
                api_versions: 60..=*newest_api,
                caller: user.clone(),
                ..Options::default()
            };
            let sets = permission_set.as_slice();
            serve(org, *port, &options, condition, sets, context)
        }
        EmulatorAction::Reset { org } => reset(org, context),
        EmulatorAction::FinishSetup { org } => finish_setup(org, context),
        EmulatorAction::SetTriggerStatus { name, status, edit } => {
            let active = *status == TriggerStatus::Active;
            change(edit, context, |org, user| {
                org.set_trigger_status(name, active, user)
            })
        }
        EmulatorAction::EditSource {
            component,
            from,
            to,
            edit,
        } => change(edit, context, |org, user| {
            org.replace_in_source(component, from, to, user)
        }),
        EmulatorAction::SetEndpoint { name, url, edit } => {
            change(edit, context, |org, user| org.set_endpoint(name, url, user))
        }
        EmulatorAction::Break { fault, org } => {
            let state = state_of(org, context)?;
            EmulatedOrg::open(&state, &Options::default())
                .and_then(|mut org| org.break_live_messaging(*fault))
                .map_err(|error| error.to_diagnostic())?;
            context.terminal.progress(&format!(
                "live messaging is broken in the local org: {fault}"
            ));
            Ok(Exit::Done)
        }
        EmulatorAction::Delete { component, edit } => {
            change(edit, context, |org, user| org.delete(component, user))
        }
        EmulatorAction::Paste { file, edit } => {
            let component = pasted(file)?;
            change(edit, context, |org, user| org.put(&component, user))?;
            tell_compile_errors(edit, &component.id, context)
        }
    }
}

/// Setup refuses Apex that does not compile. The local org keeps it, since it knows less Apex than a
/// real one, and says so: tests and triggers leave it out.
fn tell_compile_errors(edit: &EditArgs, id: &ComponentId, context: &mut Context) -> Outcome {
    let state = state_of(&edit.org, context)?;
    let compiled = EmulatedOrg::open(&state, &Options::default())
        .and_then(|org| org.program(&[]))
        .map_err(|error| error.to_diagnostic())?;
    let (gaps, errors) = match compiled {
        Ok(program) => (program.gaps().to_vec(), Vec::new()),
        Err(errors) => (Vec::new(), errors),
    };
    for gap in gaps.into_iter().filter(|gap| gap.component == *id) {
        context.terminal.say(&format!(
            "note: a test that comes to this is reported as not executed: {gap}\n"
        ));
    }
    for error in errors {
        if error.component == *id {
            context.terminal.say(&format!(
                "warning: kept, but left out when the local org runs Apex, for it does not compile: {error}\n"
            ));
        }
    }
    Ok(Exit::Done)
}

/// The component that a code file holds, with the `-meta.xml` that Setup would give it.
fn pasted(file: &Path) -> Result<Component, Failure> {
    let path = file.display().to_string();
    let source = std::fs::read_to_string(file)
        .map_err(|error| Failure::file("emulator/not-readable", "read", &path, &error))?;
    let (kind, name) = match apex::parse(&source).declaration {
        Some(Declaration::Class { name, .. }) => (MetadataType::ApexClass, name),
        Some(Declaration::Trigger { name, .. }) => (MetadataType::ApexTrigger, name),
        None => {
            return Err(Diagnostic::error(
                Code("emulator/not-apex"),
                Category::Failed,
                format!("`{path}` holds no Apex class or trigger"),
            )
            .at(Place::Path { path })
            .into());
        }
    };
    let element = |name: &str, text: &str| Element {
        name: name.to_owned(),
        text: text.to_owned(),
        ..Element::default()
    };
    let mut root = element(kind.name(), "");
    root.children = vec![element("apiVersion", "66.0"), element("status", "Active")];
    Ok(Component {
        id: ComponentId::new(kind, name),
        source: Some(source),
        xml: xml::write(&root),
    })
}

/// Carries out one change in the org's state on disk; a server that runs on it sees it too.
fn change(
    edit: &EditArgs,
    context: &mut Context,
    work: impl FnOnce(&mut EmulatedOrg, &str) -> Result<(), emulator::Error>,
) -> Outcome {
    let state = state_of(&edit.org, context)?;
    let mut org =
        EmulatedOrg::open(&state, &Options::default()).map_err(|error| error.to_diagnostic())?;
    work(&mut org, &edit.user).map_err(|error| error.to_diagnostic())?;
    context
        .terminal
        .progress(&format!("changed in the local org as {}", edit.user));
    Ok(Exit::Done)
}

/// What a person does in Setup after a first deploy.
fn finish_setup(org: &EmulatedOrgArgs, context: &mut Context) -> Outcome {
    let state = state_of(org, context)?;
    let integration = context.integration(Some(&org.target_org), Secrets::Unresolved)?;
    let package = context.package(&integration)?;
    let sets: Vec<&str> = package
        .of_kind(MetadataType::PermissionSet)
        .map(|set| set.id.full_name.as_str())
        .collect();
    let mut local =
        EmulatedOrg::open(&state, &Options::default()).map_err(|error| error.to_diagnostic())?;
    local
        .finish_setup(&integration.reply_to, &sets)
        .map_err(|error| error.to_diagnostic())?;
    set_up_messaging(&mut local, &integration, context)?;
    context
        .terminal
        .progress("done in the local org: permission sets, routing address, sender's domain");
    Ok(Exit::Done)
}

/// Live messaging as the config has it, where it has it and its private key is there.
fn set_up_messaging(
    org: &mut EmulatedOrg,
    integration: &Integration,
    context: &mut Context,
) -> Result<(), Failure> {
    let Some(settings) = context.messaging_settings(integration)? else {
        return Ok(());
    };
    let config = &settings.config;
    let or = |name: &'static str, given: &Option<String>| {
        given.clone().unwrap_or_else(|| name.to_owned())
    };
    let kid = or("opencx-local", &config.auth_key_id);
    let now = jiff::Timestamp::now();
    let made = match settings.private_key_text() {
        Some(key) => messaging::remake(key, &kid, now),
        None => messaging::make(&kid, now),
    };
    // A private key that can't be used is what doctor is to find.
    let Ok(made) = made.or_else(|_| messaging::make(&kid, now)) else {
        return Ok(());
    };
    org.set_up_live_messaging(&LiveMessaging {
        deployment: &or("OpenCX_Chat", &config.es_developer_name),
        channel: &or("OpenCX_Chat", &config.channel),
        flow: &or("OpenCX_Route_Chat", &config.flow),
        keyset: &or("OpenCX_Keys", &config.keyset),
        issuer: &or("open.cx", &config.issuer),
        jwk: &made.jwk,
        attributes: &messaging::ROUTING_ATTRIBUTES,
    })
    .map_err(|error| error.to_diagnostic().into())
}

fn reset(org: &EmulatedOrgArgs, context: &mut Context) -> Outcome {
    let state = state_of(org, context)?;
    let existed = EmulatedOrg::reset(&state).map_err(|error| error.to_diagnostic())?;
    let shown = state.display();
    context.terminal.progress(&if existed {
        format!("removed the local org in {shown}")
    } else {
        format!("no local org in {shown}")
    });
    Ok(Exit::Done)
}

/// How other clients connect with the two variables. Comments, so that a shell can read them all.
const CLIENTS: &str = "\
# sf:                sf org login access-token --instance-url \"$SF_INSTANCE_URL\" --no-prompt --alias local
# jsforce:           new jsforce.Connection({ instanceUrl: process.env.SF_INSTANCE_URL, accessToken: process.env.SF_ACCESS_TOKEN })
# simple-salesforce: Salesforce(instance_url=os.environ['SF_INSTANCE_URL'], session_id=os.environ['SF_ACCESS_TOKEN'], session=...),
#                    where the session turns https into http
# opencx-sf:         an org of the config with `auth: env`
";

/// Serves until Ctrl-C, which is the ordinary way to end it.
fn serve(
    org: &EmulatedOrgArgs,
    port: u16,
    options: &Options,
    conditions: &[Condition],
    permission_sets: &[String],
    context: &mut Context,
) -> Outcome {
    let state = state_of(org, context)?;
    EmulatedOrg::open(&state, options)
        .and_then(|mut org| {
            org.set_conditions(conditions)?;
            if let Some(user) = &options.caller {
                org.set_minimal_profile(user, true)?;
                for set in permission_sets {
                    org.assign(set, user)?;
                }
            }
            Ok(())
        })
        .map_err(|error| error.to_diagnostic())?;
    let outcome = block_on(async {
        let running = start(&state, port, options).await?;
        // Printed for the shell that will use it: this token opens nothing but this process.
        let lines = format!(
            "export SF_INSTANCE_URL={}\nexport SF_ACCESS_TOKEN='{}'\n{CLIENTS}",
            running.instance_url(),
            running.access_token().expose()
        );
        context
            .terminal
            .raw_data(&lines)
            .map_err(|error| Failure::output(&error, "the local org was stopped"))?;
        context.terminal.progress(&format!(
            "local org in {} is served, {}/ shows it in a browser; Ctrl-C stops it",
            state.display(),
            running.instance_url()
        ));
        std::future::pending::<Outcome>().await
    });
    match outcome {
        Err(failure) if failure.is_interrupt() => Ok(Exit::Done),
        other => other,
    }
}

/// The folder of the org's state: named by a flag, or by the config.
fn state_of(org: &EmulatedOrgArgs, context: &mut Context) -> Result<PathBuf, Failure> {
    if let Some(state) = &org.state {
        return Ok(state.clone());
    }
    let name = &org.target_org;
    match context.target_with(name, Secrets::Unresolved)?.auth {
        Auth::Emulator { state } => Ok(state),
        _ => Err(Diagnostic::error(
            Code("emulator/not-local"),
            Category::Usage,
            format!("`{name}` is a real org; this command changes the built-in one only"),
        )
        .at(Place::Org { org: name.clone() })
        .help("name an org with `emulator:`, or a folder with `--state`")
        .into()),
    }
}
