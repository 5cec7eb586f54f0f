//! A reply on its way out.

use super::{OUT, Sign, Telling, token_note};
use crate::config::OnFailure;
use crate::conversation::{Job, Message, unsent_because};
use crate::diag::Code;
use crate::doctor::{Finding, Verdict};
use crate::trace::reading::What;

impl Telling<'_> {
    /// A reply on its way out.
    pub(super) fn sent(&mut self, message: &Message) -> Finding {
        let text = format!(
            "{} saved an outgoing e-mail, status {}{}",
            message.author,
            message.status,
            token_note(message)
        );
        self.step(message.created, Sign::Plain, text);
        self.texts(message);
        let shipped = "OpenCxOutboundEmailSender";
        let ran = self.trigger("EmailMessage", shipped);
        let trigger = self.name(shipped);
        let mut jobs = self.jobs("OpenCxOutboundEmailJob");
        jobs.extend(self.jobs("OpenCxThreadingTokenJob"));
        jobs.extend(self.jobs("OpenCxProviderJob"));
        let why = unsent_because(message, &self.seen.holders, self.integration());
        if let (Some(why), true) = (&why, jobs.is_empty()) {
            if ran == Some(true) {
                let sign = if message.is_reply() {
                    Sign::Bad
                } else {
                    Sign::Plain
                };
                self.step(None, sign, format!("it left the row alone: {why}"));
            }
            let of = (Code("trace/row-left-alone"), OUT);
            if !message.is_reply() {
                let text = format!("nothing of ours was to be sent: {why}");
                return Finding::new(of, Verdict::Passed, text);
            }
            if ran != Some(false) {
                return Finding::new(
                    of,
                    Verdict::Failed,
                    format!("the reply was left alone: {why}"),
                )
                .effect("it stands on the Case as sent and never left")
                .fix("connect OpenCX as the integration user, or give that user the permission set")
                .setup(format!(
                    "Permission Sets > {} > Manage Assignments",
                    self.name("OpenCX_Integration")
                ));
            }
        }
        if ran == Some(false) && jobs.is_empty() {
            return Finding::new(
                (Code("trace/trigger-did-not-run"), OUT),
                Verdict::Failed,
                format!("{trigger} did not run, so nothing sent the reply"),
            )
            .effect("the reply stands on the Case as sent and never left")
            .fix("see below why; in Setup look whether the trigger is there and active")
            .setup(self.setup_of("Email Message", shipped));
        }
        self.end_of_reply(message, &jobs, ran)
    }

    fn end_of_reply(&mut self, message: &Message, jobs: &[&Job], ran: Option<bool>) -> Finding {
        let refused = (Code("trace/mail-not-sent"), OUT);
        let short = message.id.get(..15).unwrap_or(&message.id);
        let line = self
            .lines()
            .find(|line| line.contains(short))
            .or_else(|| self.lines().last());
        if let Some(line) = line {
            return Finding::new(
                refused,
                Verdict::Failed,
                format!("the reply was not sent: {line}"),
            )
            .effect("it stands on the Case as sent and never left")
            .fix("repair what our code says there, and send the reply again from OpenCX");
        }
        if let Some(job) = jobs.iter().find(|job| job.has_failed()) {
            let problem = job.problem.as_deref().unwrap_or("no reason given");
            return Finding::new(
                refused,
                Verdict::Failed,
                format!("the job that sends the reply failed: {problem}"),
            )
            .effect("the reply stands on the Case as sent and never left")
            .fix("repair what the message names, and send the reply again from OpenCX")
            .setup("Apex Jobs");
        }
        let took = self.seen.transactions.iter().any(|one| {
            let mut happened = one.happenings.iter();
            happened.any(|happening| matches!(happening.what, What::Mail(_)))
        });
        if took {
            return Finding::new(
                (Code("trace/mail-handed-over"), OUT),
                Verdict::Passed,
                "the reply left Apex: Salesforce took the mail",
            )
            .fix("if it still doesn't arrive, look into Setup > Email Log Files: delivery is seen there only");
        }
        if jobs.iter().any(|job| !job.has_ended()) {
            return Finding::new(
                (Code("trace/job-waiting"), OUT),
                Verdict::Unknown,
                "the job that sends the reply has not ended",
            )
            .fix("look again in a few minutes")
            .setup("Apex Jobs");
        }
        let of = (Code("trace/no-log"), OUT);
        let rejects = self.integration().outbound.on_failure == OnFailure::Reject;
        if jobs.is_empty() && ran == Some(true) && !rejects {
            return Finding::new(
                (Code("trace/row-left-alone"), OUT),
                Verdict::Failed,
                "the trigger ran and queued no job, and the row doesn't say why",
            )
            .effect("the reply stands on the Case as sent and never left")
            .fix("look for the custom permission OpenCX_Bypass at the user who wrote it, and for `only_when` in the config");
        }
        Finding::new(of, Verdict::Unknown, "what became of the reply is in no log")
            .fix("run the trace again, with --user for whoever saved it; or look into Setup > Email Log Files")
            .setup("Debug Logs")
    }
}
