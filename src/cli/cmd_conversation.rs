//! `doctor --case` and `doctor --session`: one conversation, without changing anything.

use super::Outcome;
use super::connect::{block_on, connect_known};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::find;
use crate::conversation::{self, Conversation};
use crate::doctor::Verdict;
use crate::report;

/// Which conversation, on the command line.
pub(super) struct Which<'a> {
    pub(super) case: Option<&'a str>,
    pub(super) session: Option<&'a str>,
}

pub(super) fn run(
    which: &Which<'_>,
    target_org: Option<&str>,
    json: bool,
    context: &mut Context,
) -> Outcome {
    // What is wrong with an id needs no org to be said.
    let key = which.case.map(find::key).transpose()?;
    let session = which.session.map(find::session_key).transpose()?;
    let target = context.examined(target_org)?;
    let package = context.package(&target.integration)?;
    let conversation = block_on(async {
        let known = connect_known(&target, context, "examining").await?;
        let reader = &known.connected.reader;
        let failed = |fault: crate::sf::Fault| Failure::from(fault.to_diagnostic(&target.name));
        let case = match (&key, &session) {
            (Some(key), _) => find::case(reader, key, &target.name).await?,
            (None, Some(session)) => find::case_of_session(reader, session, &target.name).await?,
            (None, None) => return Err(Failure::silent(Exit::Usage)),
        };
        let now = jiff::Timestamp::now();
        let found = conversation::examine(
            reader,
            known.facts,
            &target.integration,
            &package,
            now,
            case,
        )
        .await
        .map_err(failed)?;
        context.detail.requests = Some(reader.requests());
        Ok(found)
    })?;
    let text = if json {
        report::json::conversation(&conversation)
    } else {
        report::human::conversation(&conversation, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing was changed in the org"))?;
    Ok(exit(&conversation))
}

fn exit(conversation: &Conversation) -> Exit {
    if conversation.of(Verdict::Failed).next().is_some() {
        Exit::Failed
    } else if conversation.of(Verdict::Unknown).next().is_some() {
        Exit::Undetermined
    } else {
        Exit::Done
    }
}
