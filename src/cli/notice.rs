//! `drift --notify`: the message about a run. What is wrong with the address or the template is told
//! before any org is asked.

use super::args::{DriftArgs, NotifyOn};
use super::connect::block_on;
use super::context::{Context, World};
use super::failure::Failure;
use crate::config;
use crate::fleet::{Inspection, State};
use crate::notify::{self, Template, Webhook};
use crate::report::ci::Report;
use crate::sf::SystemClock;

/// A message that may be sent.
pub(super) struct Notice {
    webhook: Webhook,
    template: Template,
    on: Vec<NotifyOn>,
    link: Option<String>,
}

impl Notice {
    /// What the arguments ask for.
    pub(super) fn of(args: &DriftArgs, context: &mut Context) -> Result<Option<Self>, Failure> {
        let Some(reference) = &args.notify else {
            return Ok(None);
        };
        // Relative files are beside the config, as in it; with a folder of configs, here.
        let world = World::beside(&context.named_config().unwrap_or_default());
        let secret = config::resolve_secret(reference, "--notify", &world)
            .ok_or_else(|| notify::bad_url("it is no reference like `${env:NAME}`"))??;
        let webhook = Webhook::new(secret.expose())?;
        context.terminal.hide(webhook.secret());
        let template = match Template::shipped(&args.notify_template) {
            Some(template) => template,
            None => own(&args.notify_template)?,
        };
        Ok(Some(Self {
            webhook,
            template,
            on: args.notify_on.clone(),
            link: args.notify_link.clone(),
        }))
    }

    /// Sends it, where the run is one that it is wanted for.
    pub(super) fn tell(self, report: Report<'_>, context: &mut Context) -> Result<(), Failure> {
        if !self.is_wanted(report) {
            return Ok(());
        }
        let message = self.template.render(report, self.link.as_deref())?;
        let redactor = context.terminal.redactor().clone();
        block_on(async {
            Ok(notify::send(&self.webhook, &message, &redactor, &SystemClock::default()).await?)
        })?;
        context.terminal.progress("the message was sent");
        Ok(())
    }

    fn is_wanted(&self, report: Report<'_>) -> bool {
        let any = |wanted: &[State]| {
            let mut states = report.orgs.iter().map(Inspection::state);
            states.any(|state| wanted.contains(&state))
        };
        // An org can differ and be read in part: the message says both.
        let differs = report.orgs.iter().any(|org| {
            let drift = org.outcome.as_ref();
            drift.is_ok_and(crate::drift::Drift::differs)
        });
        self.on.iter().any(|on| match on {
            NotifyOn::Always => true,
            NotifyOn::Drift => differs,
            NotifyOn::Undetermined => {
                any(&[State::Undetermined, State::Failed]) || !report.findings.is_empty()
            }
        })
    }
}

/// A template in a file.
fn own(path: &str) -> Result<Template, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let shipped = Template::names().join(" and ");
        let failure = Failure::file("notify/bad-template", "read", path, &error);
        let mut findings = failure.into_findings();
        for finding in &mut findings {
            finding.help = Some(format!(
                "name a file with a Tera template; {shipped} are shipped"
            ));
        }
        Failure::from(findings)
    })?;
    Ok(Template::parse(path, &text)?)
}
