//! The org as a page for a person: what is in it now, what was played, what is deployed, deploys, logs. Made on the
//! server, without scripts and without anything from elsewhere.

mod html;
mod played;
mod present;
#[cfg(test)]
mod tests;

use crate::metadata::MetadataType;

use super::activity::Played;
use super::state::{ApexLog, State};
use html::{Html, time};

const STYLE: &str = include_str!("page/style.css");

/// What the page may load: its own style, and nothing else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How many deploys and logs are shown, the newest first.
const ROWS: usize = 20;

/// Characters of a log that are shown.
const LOG_SHOWN: usize = 50_000;

/// Whether a request's `Host` is this machine: a website elsewhere must not read the page by giving
/// its own name the address of loopback.
pub fn is_for_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

/// The whole page.
pub fn page(state: &State) -> String {
    let mut body = Html::default();
    let name = state.organization.name.clone();
    body.raw("<header>").element("h1", "", &name);
    body.element(
        "p",
        "",
        &format!(
            "{} · {} · {} components",
            state.organization.kind.organization_type(),
            state.organization.id,
            state.components.len()
        ),
    );
    body.raw("<nav>");
    for (anchor, title) in [
        ("now", "Now"),
        ("played", "Played"),
        ("components", "Components"),
        ("deploys", "Deploys"),
        ("logs", "Logs"),
    ] {
        body.raw(&format!("<a href=\"#{anchor}\">{title}</a>"));
    }
    body.raw("</nav></header><main>");
    section(&mut body, "now", "Now");
    let now = present::present(state);
    if now == Played::default() {
        body.element(
            "p",
            "quiet",
            "No Case, no mail, no request, no job. What clients write here shows up here.",
        );
    }
    played::happened(&mut body, &now);
    section(&mut body, "played", "Played");
    if state.played.is_empty() {
        body.element(
            "p",
            "quiet",
            "Nothing was played here yet. `opencx-sf simulate` plays the integration in an org of its \
             own and says how to look at it.",
        );
    }
    for one in &state.played {
        played::played(&mut body, one);
    }
    components(&mut body, state);
    deploys(&mut body, state);
    logs(&mut body, state);
    body.raw("</main>");
    let mut title = Html::default();
    title.text(&name);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><style>{STYLE}</style></head>\n<body>{}</body></html>\n",
        title.done(),
        body.done()
    )
}

fn section(body: &mut Html, anchor: &str, title: &str) {
    body.raw(&format!("\n<h2 id=\"{anchor}\">"))
        .text(title)
        .raw("</h2>");
}

fn components(body: &mut Html, state: &State) {
    section(body, "components", "Components");
    if state.components.is_empty() {
        body.element("p", "quiet", "Nothing is deployed.");
    }
    for kind in MetadataType::ALL {
        let found = state.of_type(kind);
        if found.is_empty() {
            continue;
        }
        body.element("h3", "", &format!("{} ({})", kind.name(), found.len()));
        body.raw("<ul class=\"names\">");
        for stored in found {
            let inactive = stored.tree().text_of("status") == Some("Inactive");
            body.raw("<li>").text(&stored.full_name);
            if inactive {
                body.raw(" ").element("span", "bad", "inactive");
            }
            body.raw("</li>");
        }
        body.raw("</ul>");
    }
}

fn deploys(body: &mut Html, state: &State) {
    section(body, "deploys", "Deploys");
    if state.deploys.is_empty() {
        body.element("p", "quiet", "There was none.");
        return;
    }
    body.raw("<table><thead><tr><th>When</th><th>Id</th><th>Status</th><th>Components</th><th>Tests</th></tr></thead><tbody>");
    for deploy in state.deploys.iter().rev().take(ROWS) {
        let outcome = &deploy.outcome;
        let class = match (deploy.done(), outcome.success) {
            (true, true) => "good",
            (true, false) => "bad",
            (false, _) => "quiet",
        };
        body.raw("<tr><td>")
            .raw(&time(deploy.created.at))
            .raw("</td>");
        body.element("td", "", &deploy.id);
        body.element("td", class, &format!("{:?}", deploy.status));
        body.element(
            "td",
            "",
            &format!("{} of {} components", outcome.deployed, outcome.total),
        );
        let tests = outcome.details.run_test_result.as_ref();
        let tests = match tests {
            Some(tests) if tests.num_tests_run > 0 => format!(
                "{} tests run, {} failed",
                tests.num_tests_run, tests.num_failures
            ),
            _ => "no tests".to_owned(),
        };
        body.element("td", "", &tests).raw("</tr>");
    }
    body.raw("</tbody></table>");
}

/// A log, or of a long one as much as anybody reads on a page.
fn shown(log: &ApexLog) -> String {
    let Some(text) = log.body.text() else {
        return "what the local org kept of this log was damaged".to_owned();
    };
    let Some((end, _)) = text.char_indices().nth(LOG_SHOWN) else {
        return text.into_owned();
    };
    format!(
        "{}\n… {} bytes in all; `sf apex get log --log-id {}` has the rest",
        &text[..end],
        text.len(),
        log.id
    )
}

fn logs(body: &mut Html, state: &State) {
    section(body, "logs", "Logs");
    if state.logs.is_empty() {
        body.element("p", "quiet", "No debug log was kept.");
    }
    for log in state.logs.iter().rev().take(ROWS) {
        body.raw("<details><summary>")
            .raw(&time(log.start))
            .raw(" ");
        let user = state.user_name(&log.user);
        body.text(&format!("{user} · {} · {}", log.operation, log.status));
        body.raw("</summary><div>")
            .element("pre", "", &shown(log))
            .raw("</div></details>");
    }
}
