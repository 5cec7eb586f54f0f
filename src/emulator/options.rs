//! What can be set about a local org and its server.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::metadata::ComponentId;

use super::Clock;
use super::login_refusal::Refusal;
use super::problem::Problem;
use super::trouble::{Chance, Trouble};
use super::unknown_name::UnknownName;

/// Settings of a local org. `kind` and `user_name` count when the org is created; an org that
/// exists keeps its own.
#[derive(Debug, Clone)]
pub struct Options {
    /// What kind of org it is.
    pub kind: OrgKind,
    /// Display name of the administrator, who is also the API user.
    pub user_name: String,
    /// The API versions that the org serves.
    pub api_versions: RangeInclusive<u16>,
    /// How long a deploy or a retrieve takes.
    pub processing: Processing,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// How long each request waits for its answer.
    pub latency: Duration,
    /// Display name of the user whose tokens the server gives out, where it isn't the administrator.
    pub caller: Option<String>,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kind: OrgKind::Developer,
            user_name: "Local Admin".to_owned(),
            api_versions: 60..=66,
            processing: Processing::default(),
            fault: None,
            latency: Duration::ZERO,
            caller: None,
            clock: Clock::default(),
        }
    }
}

/// Kinds of org that differ in what a deploy may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrgKind {
    /// All or nothing, tests and coverage required.
    Production,
    /// A copy for trying out.
    Sandbox,
    /// Developer Edition.
    Developer,
}

impl OrgKind {
    /// Recipients outside of the org that may get single e-mails in a day: Developer Edition, and
    /// editions with licences (Apex Developer Guide, "Execution Governors and Limits").
    pub(super) fn daily_mails(self) -> u32 {
        match self {
            Self::Developer => 50,
            Self::Production | Self::Sandbox => 5_000,
        }
    }

    /// `Organization.OrganizationType`.
    pub(super) fn organization_type(self) -> &'static str {
        match self {
            Self::Production | Self::Sandbox => "Enterprise Edition",
            Self::Developer => "Developer Edition",
        }
    }
}

impl FromStr for OrgKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "production" => Ok(Self::Production),
            "sandbox" => Ok(Self::Sandbox),
            "developer" => Ok(Self::Developer),
            _ => Err(UnknownName::new(
                "kind of org",
                text,
                "production, sandbox, developer",
            )),
        }
    }
}

/// How long the org works on a request: the first status requests answer "not done", but never
/// longer than the given time, so that a request that nobody asks about ends too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processing {
    /// Status requests that find it unfinished: the first of them Pending, the others InProgress.
    pub polls: u32,
    /// After this time it is finished whatever was asked.
    pub at_most: Duration,
    /// After this time a retrieve is finished, but never when it is first asked about: it waits its turn
    /// like a deploy, then writes and compiles nothing.
    pub retrieve: Duration,
}

impl Processing {
    /// Done when it is first asked about.
    pub const IMMEDIATE: Self = Self {
        polls: 0,
        at_most: Duration::ZERO,
        retrieve: Duration::ZERO,
    };
}

impl Default for Processing {
    fn default() -> Self {
        Self {
            polls: 2,
            at_most: Duration::from_secs(5),
            retrieve: Duration::from_millis(40),
        }
    }
}

/// Bad luck, by name, for as long as the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The zip of a retrieve ends in the middle.
    TruncateRetrieveZip,
    /// The zip of a retrieve has an entry that leads out of the folder.
    RetrieveZipWithDotDot,
    /// A deploy is accepted, and the connection is closed before the answer.
    DropDeployResponse,
    /// No access token is valid.
    RefuseToken,
    /// Every login is refused, for this reason.
    RefuseLogin(Refusal),
    /// Each use of a refresh token gives a new one and ends the old.
    RotateRefreshTokens,
    /// An access token is good for so many requests.
    ExpireSession(u32),
    /// The same, until one has ended: those that are given out after it don't end.
    ExpireSessionOnce(u32),
    /// A retrieve leaves this component out and does not say so.
    HideComponent(ComponentId),
    /// A deploy finds something wrong with this component.
    RejectComponent(ComponentId),
    /// A deploy says that it has stored this component, and has not.
    LoseComponent(ComponentId),
    /// The compiler doesn't know a field yet that the first deploy brings.
    CompilerBehindOnce,
    /// A deploy meets a problem that has a name.
    Problem(&'static Problem),
    /// Something happens to requests on their way.
    Trouble(&'static Trouble),
    /// Something happens to requests by chance.
    Chance(Chance),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TruncateRetrieveZip => f.write_str("truncate-retrieve-zip"),
            Self::RetrieveZipWithDotDot => f.write_str("retrieve-zip-with-dot-dot"),
            Self::DropDeployResponse => f.write_str("drop-deploy-response"),
            Self::RefuseToken => f.write_str("refuse-token"),
            Self::RefuseLogin(refusal) => write!(f, "refuse-login={refusal}"),
            Self::RotateRefreshTokens => f.write_str("rotate-refresh-tokens"),
            Self::ExpireSession(uses) => write!(f, "expire-session={uses}"),
            Self::ExpireSessionOnce(uses) => write!(f, "expire-session-once={uses}"),
            Self::HideComponent(id) => write!(f, "hide-component={id}"),
            Self::RejectComponent(id) => write!(f, "reject-component={id}"),
            Self::CompilerBehindOnce => f.write_str("compiler-behind-once"),
            Self::Problem(problem) => write!(f, "problem={}", problem.name()),
            Self::Trouble(trouble) => f.write_str(trouble.name()),
            Self::Chance(chance) => write!(f, "chance={}", chance.seed()),
            Self::LoseComponent(id) => write!(f, "lose-component={id}"),
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let (name, argument) = text.split_once('=').unwrap_or((text, ""));
        match (name, argument) {
            ("truncate-retrieve-zip", "") => Ok(Self::TruncateRetrieveZip),
            ("retrieve-zip-with-dot-dot", "") => Ok(Self::RetrieveZipWithDotDot),
            ("drop-deploy-response", "") => Ok(Self::DropDeployResponse),
            ("refuse-token", "") => Ok(Self::RefuseToken),
            ("compiler-behind-once", "") => Ok(Self::CompilerBehindOnce),
            ("refuse-login", name) if name.parse::<Refusal>().is_ok() => name
                .parse()
                .map(Self::RefuseLogin)
                .map_err(|()| unknown_fault(text)),
            ("rotate-refresh-tokens", "") => Ok(Self::RotateRefreshTokens),
            ("expire-session", uses) if uses.parse::<u32>().is_ok() => uses
                .parse()
                .map(Self::ExpireSession)
                .map_err(|_| unknown_fault(text)),
            ("expire-session-once", uses) if uses.parse::<u32>().is_ok() => uses
                .parse()
                .map(Self::ExpireSessionOnce)
                .map_err(|_| unknown_fault(text)),
            ("hide-component", id) if id.parse::<ComponentId>().is_ok() => id
                .parse()
                .map(Self::HideComponent)
                .map_err(|_| unknown_fault(text)),
            ("reject-component", id) if id.parse::<ComponentId>().is_ok() => id
                .parse()
                .map(Self::RejectComponent)
                .map_err(|_| unknown_fault(text)),
            ("lose-component", id) if id.parse::<ComponentId>().is_ok() => id
                .parse()
                .map(Self::LoseComponent)
                .map_err(|_| unknown_fault(text)),
            ("problem", name) => Problem::named(name)
                .map(Self::Problem)
                .ok_or_else(|| unknown_fault(text)),
            ("chance", seed) if seed.parse::<u64>().is_ok() => seed
                .parse()
                .map(|seed| Self::Chance(Chance::new(seed)))
                .map_err(|_| unknown_fault(text)),
            (name, "") => Trouble::named(name)
                .map(Self::Trouble)
                .ok_or_else(|| unknown_fault(text)),
            _ => Err(unknown_fault(text)),
        }
    }
}

fn unknown_fault(text: &str) -> UnknownName {
    UnknownName::new("fault", text, FAULTS.get_or_init(fault_names))
}

static FAULTS: OnceLock<String> = OnceLock::new();

/// Every name of a fault.
fn fault_names() -> String {
    let mut names = "truncate-retrieve-zip, retrieve-zip-with-dot-dot, drop-deploy-response, \
                refuse-token, hide-component=Type:FullName, reject-component=Type:FullName, \
                lose-component=Type:FullName, compiler-behind-once, chance=SEED"
        .to_owned();
    for name in Trouble::names() {
        names.push_str(", ");
        names.push_str(name);
    }
    for problem in Problem::all() {
        names.push_str(", problem=");
        names.push_str(problem.name());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_read_what_they_print() {
        for text in [
            "truncate-retrieve-zip",
            "retrieve-zip-with-dot-dot",
            "drop-deploy-response",
            "refuse-token",
            "compiler-behind-once",
            "hide-component=ApexClass:X",
            "refuse-login=not-approved",
            "rotate-refresh-tokens",
            "expire-session=3",
            "expire-session-once=3",
            "lose-component=ApexClass:X",
            "chance=42",
            "problem=unknown-field",
            "gateway-page",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        for bad in ["", "refuse-token=x", "hide-component", "hide-component=X"] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }
}
