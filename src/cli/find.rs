//! From what a person calls a Case or a session to the Case.

use super::failure::Failure;
use crate::conversation::{self, BadKey, CaseRow, Found, Key, SessionKey};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::sf::Reader;
use crate::sf::text::clean;

/// The key that a text is, or a usage finding.
pub(super) fn key(text: &str) -> Result<Key, Failure> {
    text.parse().map_err(|error: BadKey| {
        Diagnostic::error(Code("doctor/bad-case"), Category::Usage, error.to_string())
            .help(
                "give the 18 characters from the address of the Case's page (they begin with 500), \
                 the whole address, or the Case Number",
            )
            .into()
    })
}

/// The key that a text is, or a usage finding.
pub(super) fn session_key(text: &str) -> Result<SessionKey, Failure> {
    text.parse().map_err(|error: conversation::BadSession| {
        Diagnostic::error(
            Code("doctor/bad-session"),
            Category::Usage,
            error.to_string(),
        )
        .help("copy the session's id from OpenCX's Inbox, or the id of a Messaging Session (0Mw…)")
        .into()
    })
}

/// The Case, or why there is none.
pub(super) async fn case(reader: &Reader, key: &Key, org: &str) -> Result<CaseRow, Failure> {
    let found = conversation::find_case(reader, key)
        .await
        .map_err(|fault| Failure::from(fault.to_diagnostic(org)))?;
    let name = match key {
        Key::Id(id) => id,
        Key::Number(number) => number,
    };
    let place = Place::Org {
        org: org.to_owned(),
    };
    match found {
        Found::Case(case) => Ok(*case),
        Found::Nothing => Err(Diagnostic::error(
            Code("doctor/no-such-case"),
            Category::Failed,
            format!("the org shows your user no Case {name}"),
        )
        .at(place)
        .because(
            "it was deleted or merged, it is in another org (a sandbox has ids of its own), or your \
             user may not see it: Salesforce doesn't say which",
        )
        .help("open it in the browser as the same user; `opencx-sf orgs` shows who you are in which org")
        .into()),
        Found::Refused(said) => Err(Diagnostic::error(
            Code("doctor/cases-not-readable"),
            Category::Auth,
            "the org does not let your user read Cases",
        )
        .at(place)
        .because(format!("{}: {}", said.error_code, clean(&said.message)))
        .help("ask again as a user with Read on Cases, best with View All Data")
        .into()),
    }
}

/// The Case of a session, or where it was looked for.
pub(super) async fn case_of_session(
    reader: &Reader,
    key: &SessionKey,
    org: &str,
) -> Result<CaseRow, Failure> {
    let traces = conversation::find_session(reader, key)
        .await
        .map_err(|fault| Failure::from(fault.to_diagnostic(org)))?;
    if let Some(case) = traces.case {
        return Ok(case);
    }
    let mut finding = Diagnostic::error(
        Code("doctor/session-not-found"),
        Category::Undetermined,
        "no Case can be found for this session in Salesforce",
    )
    .at(Place::Org {
        org: org.to_owned(),
    });
    for place in traces.looked {
        finding = finding.because(place);
    }
    Err(finding
        .help(
            "OpenCX keeps the link on its side (salesforce_case_id of the session): open the session in \
             OpenCX's Inbox, take the Case from there, and run `opencx-sf doctor --case CASE`. Without \
             a Case there, the handoff made none: `opencx-sf doctor \"no case appears\"`",
        )
        .into())
}
