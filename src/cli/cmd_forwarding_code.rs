//! `forwarding-code`: the confirmation that a mail provider waits for, read out of the org.

use std::time::Duration;

use super::Outcome;
use super::args::ForwardingCodeArgs;
use super::connect::{block_on, connect};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::forwarding::{self, Confirmation};
use crate::report;
use crate::sf::text::clean;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &ForwardingCodeArgs, context: &mut Context) -> Outcome {
    let target = context.examined(args.org.target_org.as_deref())?;
    let found = block_on(async {
        let connected = connect(&target, context).await?;
        let reader = &connected.reader;
        let start = reader.clock().now();
        let wait = Duration::from_secs(u64::from(args.wait) * 60);
        loop {
            let told = forwarding::newest(reader)
                .await
                .map_err(|fault| fault.to_diagnostic(&target.name))?;
            match told {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(said) => return Err(unreadable(&target.name, &clean(&said.message)).into()),
            }
            let waited = reader.clock().now().saturating_sub(start);
            let Some(left) = wait.checked_sub(waited).filter(|left| !left.is_zero()) else {
                return Ok(None);
            };
            context.terminal.progress(&format!(
                "waiting for the confirmation mail, {} s left",
                left.as_secs()
            ));
            reader.clock().sleep(PAUSE.min(left)).await;
        }
    })?;
    let Some((confirmation, at)) = found else {
        return Err(missing(&target.name).into());
    };
    let text = if args.org.json {
        report::json::forwarding_code(&confirmation, &at)
    } else {
        shown(&confirmation, &at)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing was changed in the org"))?;
    Ok(Exit::Done)
}

fn shown(confirmation: &Confirmation, at: &str) -> String {
    let mut out = format!("From       {} at {}\n", confirmation.from, clean(at));
    if let Some(code) = &confirmation.code {
        out.push_str(&format!("Code       {code}\n"));
    }
    if let Some(link) = &confirmation.link {
        out.push_str(&format!("Link       {}\n", report::plain(link)));
    }
    if let Some(number) = &confirmation.case_number {
        if confirmation.code.is_none() && confirmation.link.is_none() {
            out.push_str(&format!(
                "Open       Case {number}: this provider sends a link, and whose it is can't be told \
                 from here\n"
            ));
        } else {
            out.push_str(&format!("Case       {number}, which can be closed\n"));
        }
    }
    out
}

fn unreadable(org: &str, said: &str) -> Diagnostic {
    Diagnostic::error(
        Code("forwarding/not-readable"),
        Category::Undetermined,
        "the mail that the org received could not be read",
    )
    .at(Place::Org {
        org: org.to_owned(),
    })
    .because(said.to_owned())
    .help("ask again as a user who may read Cases; Email-to-Case must be enabled")
}

fn missing(org: &str) -> Diagnostic {
    Diagnostic::error(
        Code("forwarding/no-mail"),
        Category::Failed,
        "no confirmation mail is among the last 100 that the org received",
    )
    .at(Place::Org { org: org.to_owned() })
    .help(
        "have it sent again (Gmail: Settings > Forwarding and POP/IMAP > Re-send email) and run this \
         with `--wait 10`; Microsoft 365, iCloud and Fastmail send none, and Microsoft 365 forwards \
         nothing outside (550 5.7.520) until its administrator allows it: Defender > Anti-spam \
         policies > outbound > Automatic forwarding",
    )
}
