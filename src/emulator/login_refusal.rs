//! Why a login is refused, by name, in the words that real orgs were seen to use.

use std::fmt;
use std::str::FromStr;

/// Why every login is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The app does not exist, or not yet.
    UnknownApp,
    /// The consumer secret is wrong.
    WrongSecret,
    /// The user is not pre-authorised.
    NotApproved,
    /// The assertion is for the other login host.
    Audience,
    /// The assertion's signature is not the certificate's.
    Assertion,
    /// The assertion is too old for the org's clock.
    Clock,
    /// The refresh token is dead.
    RefreshTokenDead,
    /// The client credentials flow has no user.
    NoRunAsUser,
    /// The client credentials flow at a host that is no My Domain.
    NotOnThisHost,
    /// The app has the flow switched off.
    FlowOff,
    /// The user is not active.
    InactiveUser,
    /// The address is not among the allowed ones.
    IpRestricted,
    /// Too many logins.
    TooMany,
    /// The user, or the org, says no in the browser.
    Denied,
    /// For a reason that the words don't tell.
    Other,
}

impl Refusal {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 15] = [
        ("unknown-app", Self::UnknownApp),
        ("wrong-secret", Self::WrongSecret),
        ("not-approved", Self::NotApproved),
        ("audience", Self::Audience),
        ("assertion", Self::Assertion),
        ("clock", Self::Clock),
        ("refresh-token-dead", Self::RefreshTokenDead),
        ("no-run-as-user", Self::NoRunAsUser),
        ("not-on-this-host", Self::NotOnThisHost),
        ("flow-off", Self::FlowOff),
        ("inactive-user", Self::InactiveUser),
        ("ip-restricted", Self::IpRestricted),
        ("too-many-logins", Self::TooMany),
        ("denied", Self::Denied),
        ("refused", Self::Other),
    ];

    /// `error` and `error_description` of the token endpoint; `None` where `authorize` says it.
    pub fn words(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::UnknownApp => ("invalid_client_id", "client identifier invalid"),
            Self::WrongSecret => ("invalid_client", "invalid client credentials"),
            Self::NotApproved => ("invalid_grant", "user hasn't approved this consumer"),
            Self::Audience => ("invalid_grant", "audience is invalid"),
            Self::Assertion | Self::Clock => ("invalid_grant", "invalid assertion"),
            Self::RefreshTokenDead => ("invalid_grant", "expired access/refresh token"),
            Self::NoRunAsUser => ("invalid_grant", "no client credentials user enabled"),
            Self::NotOnThisHost => ("invalid_grant", "request not supported on this domain"),
            Self::FlowOff => ("unsupported_grant_type", "grant type not supported"),
            Self::InactiveUser => ("inactive_user", "user is inactive"),
            Self::IpRestricted => ("invalid_grant", "ip restricted"),
            Self::TooMany => ("rate_limit_exceeded", "login rate exceeded"),
            Self::Other => ("invalid_grant", "authentication failure"),
            Self::Denied => return None,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, refusal)| refusal == self);
        f.write_str(name.map_or("refused", |(name, _)| name))
    }
}

impl FromStr for Refusal {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, refusal)| *refusal).ok_or(())
    }
}
