//! From a target of the config to a [`Reader`] of its org: the built-in org is started, a real
//! one is logged in to.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::log_in::LogIn;
use super::network;
use crate::config::{Auth, Target};
use crate::diag::Diagnostic;
use crate::emulator::{self, EmulatedOrg, Running, Server};
use crate::guard;
use crate::metadata::ApiVersion;
use crate::plan::OrgFacts;
use crate::secret::Redactor;
use crate::sf::{Fault, Reader, Session};

/// An org that can be asked, with the server behind it when it is the built-in one.
pub(super) struct Connected {
    pub(super) reader: Reader,
    /// Serves until it is dropped.
    pub(super) running: Option<Running>,
}

/// Runs a command's network part to its end, or to Ctrl-C.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    block_on_until(async {
        tokio::select! {
            // In this order: Ctrl-C is listened for before anything is sent.
            biased;
            _ = tokio::signal::ctrl_c() => Err(Failure::silent(Exit::Interrupted)),
            result = work => result,
        }
    })
}

/// Runs a command's network part that listens for Ctrl-C itself.
pub(super) fn block_on_until<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::file("cli/no-runtime", "started", "the network runtime", &error)
        })?;
    runtime.block_on(work)
}

/// Reaches the org of a target.
pub(super) async fn connect(target: &Target, context: &mut Context) -> Result<Connected, Failure> {
    let version = target.integration.api_version;
    let folder = context.config_folder()?;
    let redactor = context.terminal.redactor();
    reach(&target.name, &target.auth, version, &folder, redactor).await
}

/// An org that is the pinned one, and what it says of itself.
pub(super) struct Known {
    pub(super) connected: Connected,
    pub(super) facts: OrgFacts,
}

/// Reaches the org of a target, which must be the pinned one: another is not looked at.
pub(super) async fn connect_known(
    target: &Target,
    context: &mut Context,
    doing: &str,
) -> Result<Known, Failure> {
    let connected = connect(target, context).await?;
    context
        .terminal
        .progress(&format!("{doing} {}", target.name));
    let facts = OrgFacts::ask(&connected.reader, target)
        .await
        .map_err(|fault| fault.to_diagnostic(&target.name))?;
    let refusals: Vec<Diagnostic> = guard::check_org(target, &facts)
        .iter()
        .map(|refusal| refusal.to_diagnostic(&target.name))
        .collect();
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    Ok(Known { connected, facts })
}

/// Reaches an org: starts it when it is the built-in one, logs in to a real one.
pub(super) async fn reach(
    org: &str,
    auth: &Auth,
    api_version: ApiVersion,
    folder: &Path,
    redactor: &Redactor,
) -> Result<Connected, Failure> {
    let failed = |fault: Fault| -> Failure { fault.to_diagnostic(org).into() };
    if let Auth::Emulator { state } = auth {
        let running = start(state, 0, &emulator::Options::default()).await?;
        redactor.add(running.access_token());
        let token = running.access_token().clone();
        let session = Session::new(running.instance_url(), token, api_version)
            .map_err(failed)?
            .masked_by(redactor);
        return Ok(Connected {
            reader: Reader::new(session).map_err(failed)?,
            running: Some(running),
        });
    }
    network::check()?;
    let login = LogIn {
        org,
        auth,
        api_version,
        folder,
        redactor,
    };
    let session = login.session().await?;
    Ok(Connected {
        reader: Reader::new(session).map_err(failed)?,
        running: None,
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
