//! `explain`: the page on the code of a finding, offline.

use super::Outcome;
use super::args::ExplainArgs;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::diag::{Category, Code, Diagnostic};
use crate::help;

pub(super) fn run(args: &ExplainArgs, context: &mut Context) -> Outcome {
    let text = match &args.code {
        None => list(),
        Some(code) => {
            let page = help::page(code).ok_or_else(|| unknown(code))?;
            format!("{}\n\n{}\n", page.code, page.text)
        }
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

/// Every code with what it means.
fn list() -> String {
    let pages = help::pages();
    let width = pages.iter().map(|page| page.code.len()).max().unwrap_or(0);
    let lines = pages
        .iter()
        .map(|page| format!("{:width$}  {}\n", page.code, page.summary()));
    lines.collect()
}

fn unknown(code: &str) -> Diagnostic {
    let pages = help::pages();
    let score = |page: &&help::Page| strsim::damerau_levenshtein(page.code, code);
    let near = pages.iter().min_by_key(score);
    let near = near.filter(|page| score(page) <= page.code.len() / 3);
    let message = format!("there is no code `{}`", code.escape_debug());
    Diagnostic::error(Code("cli/unknown-code"), Category::Usage, message).help(match near {
        Some(page) => format!("did you mean `{}`?", page.code),
        None => "`opencx-sf explain` lists all codes".to_owned(),
    })
}
