//! `login` and `logout`: a login in the browser, kept on this machine, and its end.

use std::path::Path;
use std::time::Duration;

use super::Outcome;
use super::args::{LoginArgs, LogoutArgs};
use super::callback;
use super::connect::block_on;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::login_store::{self, Kept, Stored};
use crate::config::{Access, Auth};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::guard::Refusal;
use crate::sf::auth::{Attempt, Authority, Grant, LoginError, SALESFORCE_CLI_APP, Token};
use crate::sf::{Fault, Reader, Session};

pub(super) fn run(args: &LoginArgs, context: &mut Context) -> Outcome {
    let access = context.access(args.target_org.as_deref())?;
    let Auth::Login {
        client_id,
        login_url,
    } = &access.auth
    else {
        return Err(not_by_browser(&access));
    };
    let client_id = client_id.as_deref().unwrap_or(SALESFORCE_CLI_APP);
    let login_url = args.login_url.as_deref().unwrap_or(login_url);
    let failed = |fault: Fault| -> Failure { fault.to_diagnostic(&access.name).into() };
    let redactor = context.terminal.redactor().clone();
    let (token, username) = block_on(async {
        let authority = Authority::new(login_url, &redactor).map_err(failed)?;
        let listener = callback::listen(args.port).await?;
        let attempt = Attempt::new(client_id, &listener.redirect_uri)
            .map_err(|error| failed(error.into()))?;
        let url = attempt.authorize_url(authority.url());
        context
            .terminal
            .say(&format!("Log in in the browser:\n\n  {url}\n\n"));
        if !args.no_browser {
            callback::open_browser(&url);
        }
        context.terminal.progress("waiting for the browser");
        let patience = Duration::from_secs(u64::from(args.wait) * 60);
        let grant = listener.wait(attempt, patience).await?;
        let grant: Grant = grant.map_err(|error| failed(error.into()))?;
        let token = authority.token(&grant).await.map_err(failed)?;
        let reader = Session::new(
            &token.instance_url,
            token.access_token.clone(),
            access.api_version,
        )
        .and_then(|session| Reader::new(session.masked_by(&redactor)))
        .map_err(failed)?;
        let identity = reader.identity().await.map_err(failed)?;
        if let Some(pinned) = access.org_id.as_ref()
            && *pinned != identity.organization_id
        {
            let refusal = Refusal::WrongOrg {
                pinned: pinned.clone(),
                actual: identity.organization_id,
                is_sandbox: false,
                created: None,
            };
            return Err(refusal.to_diagnostic(&access.name).into());
        }
        Ok((token, identity.username))
    })?;
    let folder = context.config_folder()?;
    let kept = keep(&folder, &access, login_url, client_id, token, &username)?;
    let user = crate::report::plain(&username);
    let place = match kept {
        Kept::Keyring => "in the system's keyring".to_owned(),
        Kept::File(path) => format!(
            "in {}, readable by this user only and not encrypted: whoever reads it can log in as \
             {user}",
            path.display()
        ),
    };
    context.terminal.say(&format!(
        "Logged in to {org} as {user}.\nThe login is kept {place}. `opencx-sf logout --target-org \
         {org}` ends it.\n",
        org = access.name,
    ));
    Ok(Exit::Done)
}

fn keep(
    folder: &Path,
    access: &Access,
    login_url: &str,
    client_id: &str,
    token: Token,
    username: &str,
) -> Result<Kept, Failure> {
    let Some(refresh_token) = token.refresh_token else {
        // Without the scope the org gives none, and the login would end with this run.
        let error = LoginError::NoRefreshToken;
        return Err(Fault::from(error).to_diagnostic(&access.name).into());
    };
    login_store::write(
        folder,
        &access.name,
        Stored {
            username: username.to_owned(),
            login_url: login_url.to_owned(),
            client_id: client_id.to_owned(),
            refresh_token,
        },
    )
}

fn not_by_browser(access: &Access) -> Failure {
    Diagnostic::error(
        Code("auth/not-by-browser"),
        Category::Usage,
        format!(
            "the org `{}` is not logged in to in the browser",
            access.name
        ),
    )
    .at(Place::Org {
        org: access.name.clone(),
    })
    .help(format!(
        "write `auth: login` in `orgs.{}` for that; other ways need no `login`",
        access.name
    ))
    .into()
}

pub(super) fn out(args: &LogoutArgs, context: &mut Context) -> Outcome {
    let access = context.access(args.target_org.as_deref())?;
    let folder = context.config_folder()?;
    let Some(stored) = login_store::read(&folder, &access.name)? else {
        context
            .terminal
            .progress(&format!("no login for {} is kept here", access.name));
        return Ok(Exit::Done);
    };
    let redactor = context.terminal.redactor().clone();
    redactor.add(&stored.refresh_token);
    let revoked = block_on(async {
        let authority = Authority::new(&stored.login_url, &redactor);
        Ok(match authority {
            Ok(authority) => authority.revoke(&stored.refresh_token).await,
            Err(fault) => Err(fault),
        })
    })?;
    login_store::remove(&folder, &access.name)?;
    let user = crate::report::plain(&stored.username);
    match revoked {
        Ok(()) => {
            context
                .terminal
                .progress(&format!("logged out {user} of {}", access.name));
            Ok(Exit::Done)
        }
        Err(fault) => Err(Diagnostic::warning(
            Code("auth/not-revoked"),
            Category::Undetermined,
            format!("the login of {user} was forgotten here, and may still work in Salesforce"),
        )
        .at(Place::Org {
            org: access.name.clone(),
        })
        .because(fault.to_string())
        .help("revoke it in Setup > Connected Apps OAuth Usage, or change the user's password")
        .into()),
    }
}
