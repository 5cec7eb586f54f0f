//! New Cases on their way to OpenCX: trigger, class, jobs.

use super::facts::{JobRow, moment};
use super::finding::{Finding, Group};
use super::scene::Scene;
use super::{Check, code, wording};
use crate::apex;
use crate::config::{CaseFilter, CaseTrigger};
use crate::diag::Code;
use crate::metadata::MetadataType;

type Of = (Code, Group);

const fn of(code: &'static str) -> Of {
    (Code(code), Group::Announcements)
}

const fn check(of: Of, judge: fn(&Scene<'_>) -> Option<Finding>) -> Check {
    Check { code: of.0, judge }
}

const TRIGGER: Of = of("doctor/case-trigger");
pub(super) const CASE_TRIGGER: Check = check(TRIGGER, case_trigger);

fn case_trigger(scene: &Scene<'_>) -> Option<Finding> {
    if scene.integration.case_trigger == CaseTrigger::Existing {
        return Some(existing_trigger(scene));
    }
    let effect = "OpenCX is told of no new Case while this lasts; Cases are saved as always";
    code::trigger(scene, TRIGGER, "CaseTrigger", effect)
}

/// With `case_trigger: existing` the org's own code calls our handler.
fn existing_trigger(scene: &Scene<'_>) -> Finding {
    let handler = scene.name("OpenSalesforceCaseManagement");
    let triggers = match &scene.facts.triggers {
        Ok(triggers) => triggers,
        Err(said) => return Finding::untold(TRIGGER, "the triggers on Case", said),
    };
    let on_case = || {
        triggers
            .iter()
            .filter(|row| row.table_enum_or_id.as_deref() == Some("Case") && row.usage_after_insert)
    };
    let calls = |body: Option<&str>| {
        let source = apex::Source::parse(body.unwrap_or_default());
        source.calls().iter().any(|call| {
            call.receiver
                .is_some_and(|receiver| receiver.eq_ignore_ascii_case(handler))
        })
    };
    let fix = format!("add `{handler}.handleAfterInsert(Trigger.new);` to your trigger on Case");
    let caller = on_case().find(|row| calls(row.code.body.as_deref()));
    match caller {
        Some(row) if row.code.status.as_deref() == Some("Active") => Finding::passed(
            TRIGGER,
            format!("your trigger {} calls {handler}", row.code.name),
        ),
        Some(row) => Finding::failed(
            TRIGGER,
            format!(
                "your trigger {} calls {handler}, but it is switched off",
                row.code.name
            ),
        )
        .effect("OpenCX is told of no new Case")
        .fix("switch the trigger on: a production org takes that by a deploy only")
        .setup(format!("Apex Triggers > {}", row.code.name)),
        None if on_case().next().is_none() => Finding::failed(
            TRIGGER,
            "no trigger on Case runs after insert, so nothing calls our handler",
        )
        .effect("OpenCX is told of no new Case")
        .fix(fix)
        .setup("Object Manager > Case > Triggers"),
        None => Finding::unknown(
            TRIGGER,
            format!("no trigger on Case calls {handler} itself; a class that it uses may"),
        )
        .fix(fix)
        .setup("Object Manager > Case > Triggers"),
    }
}

const CLASS: Of = of("doctor/case-handler");
pub(super) const HANDLER: Check = check(CLASS, handler);

fn handler(scene: &Scene<'_>) -> Option<Finding> {
    let wanted = scene.wanted(MetadataType::ApexClass, "OpenSalesforceCaseManagement")?;
    Some(code::class(
        scene,
        CLASS,
        &wanted.id,
        "without it the trigger can't announce Cases",
    ))
}

const FAILED_JOBS: Of = of("doctor/failed-jobs");
pub(super) const JOBS: Check = check(FAILED_JOBS, jobs);

fn jobs(scene: &Scene<'_>) -> Option<Finding> {
    let rows = match &scene.facts.jobs {
        Ok(rows) => rows,
        Err(said) => {
            return Some(Finding::untold(FAILED_JOBS, "the Apex jobs", said).setup("Apex Jobs"));
        }
    };
    let failed: Vec<&JobRow> = rows
        .iter()
        .filter(|row| matches!(row.status.as_deref(), Some("Failed" | "Aborted")))
        .collect();
    let Some(last) = failed.first() else {
        let text = match rows.len() {
            0 => "no job of ours ran in the last 7 days".to_owned(),
            count => format!(
                "{} of ours in the last 7 days, none failed",
                wording::count(count, "job")
            ),
        };
        return Some(Finding::passed(FAILED_JOBS, text));
    };
    let class = last
        .apex_class
        .as_ref()
        .and_then(|class| class.name.as_deref());
    let message = wording::without_addresses(last.extended_status.as_deref().unwrap_or_default());
    let message = if message.is_empty() {
        "no reason given".to_owned()
    } else {
        message
    };
    Some(
        Finding::failed(
            FAILED_JOBS,
            format!(
                "{} of {} of ours failed in the last 7 days; the last, {}: {message}",
                failed.len(),
                wording::count(rows.len(), "job"),
                class.unwrap_or("of an unknown class"),
            ),
        )
        .effect("what these jobs had to do was not done, unless a later try did it")
        .fix(advice(&message))
        .setup("Apex Jobs"),
    )
}

/// What usually stands behind a job's message.
fn advice(message: &str) -> &'static str {
    let has = |part: &str| message.to_ascii_lowercase().contains(part);
    if has("unauthorized endpoint") || has("we couldn't access the credential") {
        "the user who saved the Case may not use the credential, or it is missing: see the findings \
         on the Named Credential"
    } else if has("timed out") {
        "OpenCX did not answer in time; if it goes on, ask OpenCX whether the webhook is up"
    } else if has("limit") {
        "the org ran into a limit of Salesforce: the message names it"
    } else if has("required") || has("validation") {
        "a field or rule of your org refused what we write: the message names it"
    } else {
        "read the message from the left: it names the exception first"
    }
}

const QUIET: Of = of("doctor/cases-not-announced");
pub(super) const SILENT: Check = check(QUIET, silent);

/// Cases were saved that should have been announced, and no job of ours ran at all.
fn silent(scene: &Scene<'_>) -> Option<Finding> {
    let (Ok(cases), Ok(jobs)) = (&scene.facts.cases, &scene.facts.jobs) else {
        return None;
    };
    let is_eligible = |from: Option<&str>| {
        let ours = from.is_some_and(|from| from.eq_ignore_ascii_case("opencx"));
        match scene.integration.case_filter {
            CaseFilter::All => true,
            CaseFilter::NotOpencx => !ours,
            CaseFilter::OnlyOpencx => ours,
        }
    };
    let total = cases.len();
    let eligible: Vec<_> = cases
        .iter()
        .filter(|case| is_eligible(case.from.as_deref()))
        .collect();
    if total > 0 && eligible.is_empty() {
        return Some(
            Finding::failed(
                QUIET,
                format!(
                    "{} in the last 7 days, and `case_filter` leaves out every one",
                    wording::count(total, "new Case")
                ),
            )
            .effect("OpenCX is told of none of them, as the config says")
            .fix("look whether `email_cases.case_filter` is what you want: all, not_opencx or only_opencx"),
        );
    }
    let last = eligible
        .first()
        .and_then(|case| moment(case.created_date.as_deref()))?;
    let handled = jobs
        .iter()
        .filter_map(|job| moment(job.created_date.as_deref()))
        .any(|job| job >= last - jiff::SignedDuration::from_secs(5));
    if handled {
        return Some(Finding::passed(
            QUIET,
            "the newest Case was followed by a job of ours",
        ));
    }
    Some(
        Finding::failed(
            QUIET,
            format!(
                "{} in the last 7 days, and no job of ours after the newest ({})",
                wording::count(eligible.len(), "new Case"),
                wording::time(last)
            ),
        )
        .effect(
            "they were saved while the trigger was off or missing, or by a user with the \
                 permission to bypass it; OpenCX doesn't know of them",
        )
        .fix(format!(
            "look who holds {}; Cases that were missed can be announced later by \
             {}.announce(ids) in anonymous Apex",
            scene.name("OpenCX_Bypass"),
            scene.name("OpenSalesforceCaseManagement")
        ))
        .setup(format!(
            "Custom Permissions > {}",
            scene.name("OpenCX_Bypass")
        )),
    )
}
