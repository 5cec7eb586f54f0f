//! Versions, limits, and who is asking.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::caller;
use super::super::clock;
use super::super::condition::Condition;
use super::super::options::Options;
use super::super::org::EmulatedOrg;
use super::super::org_data::{executions, mail_allowance};
use super::super::refusal::Refusal;
use super::super::state::State;
use super::{Answer, Request};

/// API calls a day in a Developer Edition org.
pub const DAILY_CALLS: u64 = 15_000;

/// Executions of asynchronous Apex in 24 hours.
const DAILY_EXECUTIONS: u64 = 250_000;

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
pub fn resources(state: &State, instance_url: &str, version: u16) -> Answer {
    let org_id = &state.organization.id;
    let user = state.admin_id();
    let base = format!("/services/data/v{version}.0");
    Answer::json(
        200,
        &json!({
            "identity": format!("{instance_url}/id/{org_id}/{user}"),
            "composite": format!("{base}/composite"),
            "queryAll": format!("{base}/queryAll"),
            "tooling": format!("{base}/tooling"),
            "metadata": format!("{base}/metadata"),
            "limits": format!("{base}/limits"),
            "query": format!("{base}/query"),
            "sobjects": format!("{base}/sobjects"),
        }),
    )
}

/// What is left of the allowances.
pub fn limits(state: &State, used: u64, now: Timestamp) -> Answer {
    let calls = if state.has(Condition::ApiLimitUsedUp) {
        0
    } else {
        DAILY_CALLS.saturating_sub(used)
    };
    let (most_mails, mails) = mail_allowance(state, now);
    // The allowances of a Developer Edition org.
    Answer::json(
        200,
        &json!({
            "DailyApiRequests": { "Max": DAILY_CALLS, "Remaining": calls },
            "DailyAsyncApexExecutions": {
                "Max": DAILY_EXECUTIONS,
                "Remaining": DAILY_EXECUTIONS.saturating_sub(executions(state, now)),
            },
            "DailyAsyncApexTests": { "Max": 500, "Remaining": 500 },
            "MassEmail": { "Max": 10, "Remaining": 10 },
            "SingleEmail": { "Max": most_mails, "Remaining": mails },
        }),
    )
}

/// The identity URL's answer, whose members are not quite those of userinfo.
pub fn identity(org: &EmulatedOrg, request: &Request<'_>, id: &str) -> Result<Answer, Refusal> {
    let state = org.state()?;
    let org_id = &state.organization.id;
    let known =
        caller::user(&state, org.options()).filter(|user| id == format!("{org_id}/{}", user.id));
    let (true, Some(user)) = (request.authorized, known) else {
        return Ok(Answer::text(403, "Bad_OAuth_Token"));
    };
    let base = request.instance_url;
    Ok(Answer::json(
        200,
        &json!({
            "id": format!("{base}/id/{org_id}/{}", user.id),
            "asserted_user": true,
            "user_id": user.id,
            "organization_id": org_id,
            "username": user.username,
            "nick_name": user.username.split('@').next().unwrap_or_default(),
            "display_name": user.name,
            "email": user.email,
            "email_verified": true,
            "timezone": "Etc/UTC",
            "urls": urls(base, org_id),
            "active": true,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "last_modified_date": clock::rest_date(state.organization.created),
        }),
    ))
}

/// The context user, as Connect REST shows one ("User Detail"): the members that a user without photo
/// and followers has.
pub fn me(state: &State, options: &Options, version: u16) -> Result<Answer, Refusal> {
    let user =
        caller::user(state, options).ok_or_else(|| Refusal::new("UNKNOWN_EXCEPTION", "no user"))?;
    let (first, last) = user.name.split_once(' ').unwrap_or(("", &user.name));
    Ok(Answer::json(
        200,
        &json!({
            "id": user.id,
            "type": "User",
            "url": format!("/services/data/v{version}.0/chatter/users/{}", user.id),
            "username": user.username,
            "name": user.name,
            "displayName": user.name,
            "firstName": first,
            "lastName": last,
            "email": user.email,
            "companyName": state.organization.name,
            "isActive": true,
            "userType": "Internal",
        }),
    ))
}

fn urls(base: &str, org_id: &str) -> Value {
    json!({
        "metadata": format!("{base}/services/Soap/m/{{version}}/{org_id}"),
        "rest": format!("{base}/services/data/v{{version}}/"),
        "sobjects": format!("{base}/services/data/v{{version}}/sobjects/"),
        "query": format!("{base}/services/data/v{{version}}/query/"),
        "tooling_rest": format!("{base}/services/data/v{{version}}/tooling/"),
    })
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
    let user = caller::user(&state, org.options())
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
            "urls": urls(base, org_id),
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
