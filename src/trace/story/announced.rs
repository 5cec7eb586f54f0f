//! A new Case on its way to OpenCX.

use super::{NEW, Sign, Telling, no_case};
use crate::config::CaseTrigger;
use crate::conversation::{CaseRow, Job, is_refused_by_filter};
use crate::diag::Code;
use crate::doctor::{Finding, Verdict};
use crate::trace::reading::What;

impl Telling<'_> {
    /// A new Case on its way to OpenCX.
    pub(super) fn announced(&mut self) -> Finding {
        let Some(case) = &self.seen.case else {
            return no_case();
        };
        let text = format!("{} saved Case {}", case.author, case.number);
        self.step(case.created, Sign::Plain, text);
        self.announcement(case)
    }

    pub(super) fn announcement(&mut self, case: &CaseRow) -> Finding {
        let shipped = "CaseTrigger";
        let ran = if self.integration().case_trigger == CaseTrigger::Existing {
            self.handler_ran()
        } else {
            self.trigger("Case", shipped)
        };
        if let Some(why) = is_refused_by_filter(case, self.integration()) {
            self.step(None, Sign::Plain, format!("it left the Case out: {why}"));
            let of = (Code("trace/case-left-out"), NEW);
            return Finding::new(
                of,
                Verdict::Passed,
                format!("nothing was to be announced: {why}"),
            );
        }
        let jobs = self.jobs("OpenCxCaseWebhookJob");
        if jobs.is_empty() && ran == Some(false) {
            return Finding::new(
                (Code("trace/trigger-did-not-run"), NEW),
                Verdict::Failed,
                format!(
                    "{} did not run, so OpenCX was not told of the Case",
                    self.name(shipped)
                ),
            )
            .effect("OpenCX doesn't know the Case, so nobody there works on it")
            .fix("see below why; in Setup look whether the trigger is there and active")
            .setup(self.setup_of("Case", shipped));
        }
        self.end_of_announcement(&jobs, ran)
    }

    /// Whether the org's own trigger called our handler.
    fn handler_ran(&mut self) -> Option<bool> {
        let handler = self.name("OpenSalesforceCaseManagement");
        let Some(transaction) = self.insert("Case", handler) else {
            let text = self.why_no_log();
            self.step(self.seen.at(), Sign::Unsure, text);
            return None;
        };
        let ran = transaction
            .classes
            .iter()
            .any(|class| class.eq_ignore_ascii_case(handler));
        let (sign, text) = if ran {
            (Sign::Good, format!("your trigger called {handler}"))
        } else {
            (
                Sign::Unsure,
                format!("{handler} is not in the log of that save"),
            )
        };
        self.step(transaction.start, sign, text);
        self.happenings(transaction);
        ran.then_some(true)
    }

    fn end_of_announcement(&mut self, jobs: &[&Job], ran: Option<bool>) -> Finding {
        let answers: Vec<u16> = self
            .seen
            .transactions
            .iter()
            .flat_map(|one| &one.happenings)
            .filter_map(|happening| match happening.what {
                What::Answer(status) => status,
                _ => None,
            })
            .collect();
        let refused = (Code("trace/webhook-refused"), NEW);
        let credential = format!("Named Credentials > {}", self.name("OpenCX_Integration"));
        let last = answers.last().copied();
        if last.is_some_and(|status| (200..300).contains(&status)) {
            return Finding::new(
                (Code("trace/case-announced"), NEW),
                Verdict::Passed,
                "OpenCX was told of the Case and took it",
            );
        }
        if let Some(status) = last {
            let passes = status >= 500 || matches!(status, 408 | 425 | 429);
            let (effect, fix) = if passes {
                (
                    "our job tries again after 1, 2, 5 and 10 minutes",
                    "if it goes on, ask OpenCX whether the webhook is up",
                )
            } else {
                (
                    "OpenCX doesn't know the Case; such an answer is final, so it is not tried again",
                    "copy the webhook URL anew from OpenCX (Settings > Integrations > Salesforce), put \
                     it where the config takes it from, and deploy",
                )
            };
            let found = format!("OpenCX's webhook answered HTTP {status}");
            let found = Finding::new(refused, Verdict::Failed, found)
                .effect(effect)
                .fix(fix)
                .setup(credential);
            return if passes {
                found
            } else {
                found.command(format!(
                    "opencx-sf deploy --target-org {}",
                    self.target.name
                ))
            };
        }
        let problem = jobs
            .iter()
            .find(|job| job.has_failed())
            .map(|job| job.problem.as_deref().unwrap_or("no reason given"))
            .or_else(|| self.lines().last());
        if let Some(problem) = problem {
            return Finding::new(
                refused,
                Verdict::Failed,
                format!("OpenCX was not told of the Case: {problem}"),
            )
            .effect("OpenCX doesn't know the Case, so nobody there works on it")
            .fix("repair what the message names")
            .setup("Apex Jobs");
        }
        if jobs.iter().any(|job| !job.has_ended()) {
            return Finding::new(
                (Code("trace/job-waiting"), NEW),
                Verdict::Unknown,
                "the job that tells OpenCX of the Case has not ended",
            )
            .fix("look again in a few minutes")
            .setup("Apex Jobs");
        }
        if jobs.is_empty() && ran == Some(true) && self.seen.comes_by_event {
            return Finding::new(
                (Code("trace/job-waiting"), NEW),
                Verdict::Unknown,
                "the trigger ran, and no job came of its platform event yet",
            )
            .effect("Salesforce delivers such events when it can, and stops after nine failures in a row")
            .fix("look whether the subscription is running, and which event it is at")
            .setup("Platform Events > OpenCX Case Event > Subscriptions");
        }
        if jobs.is_empty() && ran == Some(true) {
            return Finding::new(
                (Code("trace/case-left-out"), NEW),
                Verdict::Failed,
                "the trigger ran and queued no job, and the Case doesn't say why",
            )
            .effect("OpenCX doesn't know the Case, so nobody there works on it")
            .fix("look for the custom permission OpenCX_Bypass at the user who saved it");
        }
        Finding::new(
            (Code("trace/no-log"), NEW),
            Verdict::Unknown,
            "whether OpenCX was told of the Case is in no log",
        )
        .fix("run the trace again, with --user for whoever saves the Case")
        .setup("Debug Logs")
    }
}
