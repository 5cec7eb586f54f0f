//! What the org may send in a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::facts::{Facts, moment};
use super::finding::{Finding, Group};
use super::scene::Scene;
use super::{Check, wording};
use crate::config::Delivery;
use crate::diag::Code;
use crate::sf::OrgKind;

type Of = (Code, Group);

const DAY: Of = (Code("doctor/mail-limit"), Group::Limits);
pub(super) const MAIL: Check = Check {
    code: DAY.0,
    judge: mail,
};

fn mail(scene: &Scene<'_>) -> Option<Finding> {
    if !matches!(scene.integration.outbound.delivery, Delivery::Salesforce) {
        return Some(Finding::passed(
            DAY,
            "replies leave by a mail provider, so Salesforce's limit does not count for them",
        ));
    }
    let setup = "Company Information > used email, or System Overview";
    let allowance = match &scene.facts.mail_allowance {
        Ok(Some(allowance)) => *allowance,
        Ok(None) => {
            return Some(
                Finding::unknown(DAY, "the org did not say how much mail it may send today")
                    .fix("ask again as a user with View Setup and Configuration")
                    .setup(setup),
            );
        }
        Err(said) => return Some(Finding::untold(DAY, "the limits of the day", said).setup(setup)),
    };
    let used = allowance.max - allowance.remaining;
    let busiest = busiest_day(scene.facts);
    let reset = wording::clock_time(next_midnight(scene.facts.now), &scene.org.time_zone);
    let said = format!("{used} of {} mails of today are used", allowance.max);
    let pace = busiest.map_or_else(String::new, |(day, count)| {
        format!("; the busiest of the last days was {day} with {count} sent from Cases")
    });
    if allowance.remaining <= 0 {
        return Some(
            Finding::failed(DAY, format!("{said}: none is left until {reset}{pace}"))
                .effect(
                    "Salesforce refuses every further mail to customers today \
                     (SINGLE_EMAIL_LIMIT_EXCEEDED); what was refused is not sent later by itself",
                )
                .fix(way_out(scene, allowance.max))
                .setup(setup),
        );
    }
    if let Some((day, count)) = busiest.filter(|(_, count)| *count >= allowance.max) {
        return Some(
            Finding::failed(
                DAY,
                format!(
                    "{said}, but {day} had {count} mails from Cases: a day like that does not fit"
                ),
            )
            .effect("on such a day the last replies are refused with SINGLE_EMAIL_LIMIT_EXCEEDED")
            .fix(way_out(scene, allowance.max))
            .setup(setup),
        );
    }
    if let Some(total) = forecast(used, scene.facts.now).filter(|total| *total > allowance.max) {
        return Some(
            Finding::failed(
                DAY,
                format!(
                    "{said}, and at today's pace it will be about {total} by {reset}: more than the \
                     day allows"
                ),
            )
            .effect("the last replies of today will be refused with SINGLE_EMAIL_LIMIT_EXCEEDED")
            .fix(way_out(scene, allowance.max))
            .setup(setup),
        );
    }
    Some(Finding::passed(
        DAY,
        format!("{said}; the count starts again at {reset}{pace}"),
    ))
}

/// What the day will come to if it goes on like this; nothing in its first hours, which say little.
fn forecast(used: i64, now: Timestamp) -> Option<i64> {
    const LEAST_HOURS: f64 = 4.0;
    let passed = 24.0 - next_midnight(now).duration_since(now).as_secs_f64() / 3600.0;
    (passed >= LEAST_HOURS).then(|| (used as f64 * 24.0 / passed).round() as i64)
}

fn way_out(scene: &Scene<'_>, max: i64) -> String {
    let provider = "send by a provider instead: `email_cases.outbound.delivery: sendgrid` (or \
                    postmark, mailgun) and deploy";
    match scene.org.kind {
        OrgKind::Developer | OrgKind::Trial => format!(
            "Developer Edition and trial orgs are held to {max} a day, and nobody can raise that: \
             test in a sandbox of a paid org (5000 a day), or {provider}"
        ),
        _ => format!("wait for that time, or {provider}"),
    }
}

/// The counter starts again at midnight GMT.
fn next_midnight(now: Timestamp) -> Timestamp {
    let tomorrow = now + SignedDuration::from_hours(24);
    let date = tomorrow.to_zoned(TimeZone::UTC).date();
    date.to_zoned(TimeZone::UTC)
        .map_or(tomorrow, |midnight| midnight.timestamp())
}

/// The day with most outbound messages on Cases, and how many. One that has none counts for nothing.
fn busiest_day(facts: &Facts) -> Option<(Date, i64)> {
    let mut days: BTreeMap<Date, i64> = BTreeMap::new();
    for row in facts.outbound.as_ref().ok()? {
        if let Some(at) = moment(row.created_date.as_deref()) {
            *days.entry(at.to_zoned(TimeZone::UTC).date()).or_default() += 1;
        }
    }
    days.into_iter().max_by_key(|(_, count)| *count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_forecast_by_its_pace() {
        for (now, used, total) in [
            ("2026-11-23T03:00:00Z", 900, None),
            ("2026-11-23T06:00:00Z", 900, Some(3600)),
            ("2026-11-23T12:00:00Z", 0, Some(0)),
        ] {
            assert_eq!(forecast(used, now.parse().unwrap()), total, "{now}");
        }
    }

    #[test]
    fn the_day_ends_at_midnight_gmt() {
        for (now, expected) in [
            ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
            ("2026-11-23T23:59:59Z", "2026-11-24T00:00:00Z"),
            ("2026-12-31T12:00:00Z", "2027-01-01T00:00:00Z"),
        ] {
            let now: Timestamp = now.parse().unwrap();
            assert_eq!(next_midnight(now).to_string(), expected);
        }
    }
}
