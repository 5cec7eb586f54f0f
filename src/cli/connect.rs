//! From a target of the config to a [`Reader`] of its org: the built-in org is started, a real
//! one is reached with the token of the environment.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use super::context::{Context, env};
use super::exit::Exit;
use super::failure::Failure;
use crate::config::{Auth, Target};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::emulator::{self, EmulatedOrg, Running, Server};
use crate::secret::Secret;
use crate::sf::{Reader, Session};

/// An org that can be asked, with the server behind it when it is the built-in one.
pub(super) struct Connected {
    pub(super) reader: Reader,
    /// Serves until it is dropped.
    pub(super) running: Option<Running>,
}

/// Runs a command's network part to its end, or to Ctrl-C.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::file("cli/no-runtime", "started", "the network runtime", &error)
        })?;
    runtime.block_on(async {
        tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => Err(Failure::silent(Exit::Interrupted)),
        }
    })
}

/// Reaches the org of a target.
pub(super) async fn connect(target: &Target, context: &mut Context) -> Result<Connected, Failure> {
    match &target.auth {
        Auth::Emulator { state } => {
            let running = start(state, 0, &emulator::Options::default()).await?;
            context.terminal.hide(running.access_token());
            let reader = open(
                running.instance_url(),
                running.access_token().clone(),
                target,
            )?;
            Ok(Connected {
                reader,
                running: Some(running),
            })
        }
        Auth::Environment => {
            let token = Secret::new(required("SF_ACCESS_TOKEN", target)?);
            context.terminal.hide(&token);
            let instance_url = required("SF_INSTANCE_URL", target)?;
            Ok(Connected {
                reader: open(&instance_url, token, target)?,
                running: None,
            })
        }
    }
}

fn open(instance_url: &str, token: Secret, target: &Target) -> Result<Reader, Failure> {
    Session::new(instance_url, token, target.integration.api_version)
        .and_then(Reader::new)
        .map_err(|fault| fault.to_diagnostic(&target.name).into())
}

fn required(variable: &str, target: &Target) -> Result<String, Failure> {
    env(variable)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            Diagnostic::error(
            Code("auth/not-logged-in"),
            Category::Auth,
            format!("`{variable}` is not set"),
        )
        .at(Place::Org { org: target.name.clone() })
        .help(format!(
            "`orgs.{}.auth` is `env`: set SF_ACCESS_TOKEN and SF_INSTANCE_URL; with the Salesforce \
             CLI: `sf org auth show-access-token --target-org ALIAS --json`",
            target.name
        ))
        .into()
        })
}

/// Starts the built-in org on loopback, on the state in that folder.
pub(super) async fn start(
    state: &Path,
    port: u16,
    options: &emulator::Options,
) -> Result<Running, Failure> {
    let org = EmulatedOrg::open(state, options).map_err(|error| error.to_diagnostic())?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Ok(Server::start(org, address)
        .await
        .map_err(|error| error.to_diagnostic())?)
}
