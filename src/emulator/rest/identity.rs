//! Versions, limits, and who is asking.

use serde_json::{Value, json};

use super::super::clock;
use super::super::deploy::Refusal;
use super::super::org::EmulatedOrg;
use super::{Answer, Request};

/// API calls a day in a Developer Edition org.
pub const DAILY_CALLS: u64 = 15_000;

/// The API versions, without authentication.
pub fn versions(org: &EmulatedOrg) -> Answer {
    // Spring is the release whose version leaves 0 when divided by three: 60 is Spring '24.
    let list: Vec<Value> = org
        .options()
        .api_versions
        .clone()
        .map(|version| {
            let season = ["Spring", "Summer", "Winter"][usize::from(version % 3)];
            let year = version / 3 + 4 + u16::from(version % 3 == 2);
            json!({
                "label": format!("{season} '{year:02}"),
                "url": format!("/services/data/v{version}.0"),
                "version": format!("{version}.0"),
            })
        })
        .collect();
    Answer {
        counted: false,
        ..Answer::json(200, &Value::Array(list))
    }
}

/// What is below one version.
pub fn resources(version: u16) -> Answer {
    let base = format!("/services/data/v{version}.0");
    Answer::json(
        200,
        &json!({
            "tooling": format!("{base}/tooling"),
            "metadata": format!("{base}/metadata"),
            "limits": format!("{base}/limits"),
            "query": format!("{base}/query"),
            "sobjects": format!("{base}/sobjects"),
        }),
    )
}

/// What is left of the allowances.
pub fn limits(used: u64) -> Answer {
    // The allowances of a Developer Edition org.
    Answer::json(
        200,
        &json!({
            "DailyApiRequests": { "Max": DAILY_CALLS, "Remaining": DAILY_CALLS.saturating_sub(used) },
            "DailyAsyncApexExecutions": { "Max": 250_000, "Remaining": 250_000 },
            "DailyAsyncApexTests": { "Max": 500, "Remaining": 500 },
            "MassEmail": { "Max": 10, "Remaining": 10 },
            "SingleEmail": { "Max": 15, "Remaining": 15 },
        }),
    )
}

/// Who asks, in which org.
pub fn userinfo(org: &EmulatedOrg, request: &Request<'_>) -> Result<Answer, Refusal> {
    if !request.authorized {
        let text = if request.has_token {
            "Bad_OAuth_Token"
        } else {
            "Missing_OAuth_Token"
        };
        return Ok(Answer::text(403, text));
    }
    let state = org.state()?;
    let base = request.instance_url;
    let org_id = &state.organization.id;
    let user = state
        .users
        .first()
        .ok_or_else(|| Refusal::new("UNKNOWN_EXCEPTION", "no user"))?;
    Ok(Answer::json(
        200,
        &json!({
            "sub": format!("{base}/id/{org_id}/{}", user.id),
            "user_id": user.id,
            "organization_id": org_id,
            "preferred_username": user.username,
            "nickname": user.username.split('@').next().unwrap_or_default(),
            "name": user.name,
            "email": user.email,
            "email_verified": true,
            "zoneinfo": "Etc/UTC",
            "profile": format!("{base}/{}", user.id),
            "urls": {
                "metadata": format!("{base}/services/Soap/m/{{version}}/{org_id}"),
                "rest": format!("{base}/services/data/v{{version}}/"),
                "sobjects": format!("{base}/services/data/v{{version}}/sobjects/"),
                "query": format!("{base}/services/data/v{{version}}/query/"),
                "tooling_rest": format!("{base}/services/data/v{{version}}/tooling/"),
            },
            "active": true,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "updated_at": clock::rest_date(state.organization.created),
            "is_salesforce_integration_user": false,
        }),
    ))
}
