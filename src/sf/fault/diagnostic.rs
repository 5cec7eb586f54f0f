//! Facts → findings: what happened in one sentence, why, and what to do next.

use super::Fault;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::sf::text::clean;

impl Fault {
    /// The finding to show. `org` is the target's name in the config.
    pub fn to_diagnostic(&self, org: &str) -> Diagnostic {
        let (code, category, help) = self.kind();
        let mut diagnostic = Diagnostic::error(Code(code), category, self.to_string())
            .at(Place::Org {
                org: org.to_owned(),
            })
            .help(help);
        diagnostic.because = self.causes();
        diagnostic
    }

    /// Code, exit category and next step: one row per fact.
    fn kind(&self) -> (&'static str, Category, &'static str) {
        use Category::{Auth, Config, Failed, Undetermined, Usage};
        match self {
            Self::BadInstanceUrl { .. } => (
                "sf/bad-instance-url",
                Config,
                "Use the org's My Domain address, https://NAME.my.salesforce.com: Setup > My Domain \
                 shows it.",
            ),
            Self::BadToken { .. } => (
                "sf/bad-token",
                Auth,
                "Log in again. With the Salesforce CLI: `sf org auth show-access-token` prints a \
                 token; `sf org display` no longer does.",
            ),
            Self::NotADeployId { .. } => (
                "sf/not-a-deploy-id",
                Usage,
                "Setup > Deployment Status lists deployments with their ids.",
            ),
            Self::Login(error) => error.kind(),
            Self::Setup { .. } => (
                "sf/no-request",
                Failed,
                "Check the proxy settings in the environment (HTTPS_PROXY, NO_PROXY) and the \
                 machine's certificate store.",
            ),
            Self::HostNotFound { .. } => (
                "sf/host-not-found",
                Undetermined,
                "Check the address for typing mistakes, and the network. Where names are known to a \
                 proxy alone, set HTTPS_PROXY (NO_PROXY lists hosts that are reached without it). The \
                 host of an expired scratch org or a deleted sandbox disappears too.",
            ),
            Self::Unreachable { .. } => (
                "sf/unreachable",
                Undetermined,
                "Check the network, VPN and proxy settings (HTTPS_PROXY, NO_PROXY). For an emulated \
                 org: check that it is running.",
            ),
            Self::Proxy { .. } => (
                "sf/proxy",
                Undetermined,
                "HTTPS_PROXY says which proxy is used (with a password: \
                 http://USER:PASSWORD@HOST:PORT), NO_PROXY what is reached without one.",
            ),
            Self::Tls { .. } => (
                "sf/tls",
                Undetermined,
                "Behind a proxy that inspects traffic, its certificate authority must be in the \
                 machine's certificate store. Check the machine's date as well.",
            ),
            Self::ConnectTimedOut { .. } | Self::AnswerTimedOut { .. } => (
                "sf/timeout",
                Undetermined,
                "Try again; https://status.salesforce.com shows incidents by instance.",
            ),
            Self::ConnectionLost { .. } => (
                "sf/connection-lost",
                Undetermined,
                "Try again. If it repeats, a proxy or firewall may cut the connection.",
            ),
            Self::NoOrg { .. } => (
                "sf/no-org",
                Undetermined,
                "The scratch org may have expired or the sandbox may be deleted or refreshing. Log \
                 in again if its address has changed.",
            ),
            Self::Unavailable { .. } => (
                "sf/unavailable",
                Undetermined,
                "Try again later; https://status.salesforce.com shows maintenance by instance.",
            ),
            Self::TokenRefused { .. } => (
                "sf/token-refused",
                Auth,
                "Log in again. Check that the token belongs to this org.",
            ),
            Self::JwtOverSoap => (
                "sf/jwt-over-soap",
                Auth,
                "Have the External Client App issue opaque tokens (turn JWT-based access tokens for \
                 named users off), or log in by the Salesforce CLI.",
            ),
            Self::InsufficientAccess { .. } => (
                "sf/insufficient-access",
                Auth,
                "The user needs the permissions \"API Enabled\" and \"Modify Metadata Through \
                 Metadata API Functions\" (or \"Modify All Data\"), \"Author Apex\" for Apex, and a \
                 password that is not expired.",
            ),
            Self::ApiDisabled { .. } => (
                "sf/api-disabled",
                Auth,
                "The API comes with Enterprise, Unlimited, Performance and Developer Edition; the \
                 user needs the permission \"API Enabled\".",
            ),
            Self::RequestLimit { .. } => (
                "sf/request-limit",
                Undetermined,
                "Wait until the 24-hour window has moved on; Setup > Company Information shows API \
                 requests used.",
            ),
            Self::RequestsNearlySpent { .. } => (
                "sf/requests-nearly-spent",
                Undetermined,
                "The last requests are left to the other programs that use the org. The limit \
                 counts 24 hours back: Setup > Company Information shows API requests used.",
            ),
            Self::UnsupportedVersion { .. } => (
                "sf/unsupported-version",
                Failed,
                "Lower salesforce.api_version in the config to one that the org has.",
            ),
            Self::NotFound { .. } => (
                "sf/not-found",
                Failed,
                "Check the id, and that salesforce.api_version in the config is one that the org \
                 has.",
            ),
            Self::Soap { .. } => ("sf/soap-fault", Failed, "The org's own text is above."),
            Self::Rest { .. } => ("sf/rest-error", Failed, "The org's own text is above."),
            Self::UnexpectedContent { .. } => (
                "sf/unexpected-content",
                Undetermined,
                "A page in place of data usually comes from a proxy, from a login host, or from \
                 maintenance. Use the org's My Domain address.",
            ),
            Self::Unparsable { .. } | Self::Inconsistent { .. } => (
                "sf/unreadable-answer",
                Undetermined,
                "Try again. If it repeats, please report it with the cause above.",
            ),
            Self::RedirectRefused { .. } => (
                "sf/redirect-refused",
                Undetermined,
                "If the org has moved to that host, log in again with that address.",
            ),
            Self::TooLarge { .. } => (
                "sf/too-large",
                Failed,
                "Split it: this is a limit of the Metadata or REST API.",
            ),
            Self::RetrieveFailed { .. } => (
                "sf/retrieve-failed",
                Undetermined,
                "The org's own text is above. Try again if it speaks of a lock or an unexpected \
                 error.",
            ),
            Self::Archive(_) => (
                "sf/unreadable-archive",
                Undetermined,
                "Try again. If it repeats, please report it with the cause above.",
            ),
            Self::DeadlinePassed { .. } => (
                "sf/deadline-passed",
                Undetermined,
                "Try again, or allow more time.",
            ),
            Self::StillRunning { .. } => (
                "sf/still-running",
                Undetermined,
                "The org goes on with it: `report` shows how it ends, `cancel` stops it. Setup > \
                 Deployment Status shows the queue.",
            ),
            Self::OutcomeUnknown { .. } => (
                "sf/outcome-unknown",
                Undetermined,
                "Do not send it again before you know: Setup > Deployment Status lists what the org \
                 has received.",
            ),
        }
    }

    /// Why, outermost first.
    fn causes(&self) -> Vec<String> {
        let coded = |code: &str, text: &str| {
            let line = match (code.is_empty(), text.is_empty()) {
                (false, false) => format!("{code}: {text}"),
                (false, true) => code.to_owned(),
                (true, _) => text.to_owned(),
            };
            Vec::from_iter((!line.is_empty()).then_some(line))
        };
        match self {
            Self::Setup { .. }
            | Self::BadInstanceUrl { .. }
            | Self::BadToken { .. }
            | Self::NotADeployId { .. }
            | Self::HostNotFound { .. }
            | Self::ConnectTimedOut { .. }
            | Self::AnswerTimedOut { .. }
            | Self::NoOrg { .. }
            | Self::JwtOverSoap
            | Self::Inconsistent { .. }
            | Self::RedirectRefused { .. }
            | Self::TooLarge { .. }
            | Self::RequestsNearlySpent { .. }
            | Self::DeadlinePassed { .. } => Vec::new(),
            Self::Login(error) => error.causes(),
            Self::Unreachable { reason, .. }
            | Self::Proxy { reason, .. }
            | Self::Tls { reason, .. }
            | Self::ConnectionLost { reason, .. } => coded("", reason),
            Self::TokenRefused { code, text }
            | Self::InsufficientAccess { code, text }
            | Self::ApiDisabled { code, text }
            | Self::Soap { code, text }
            | Self::RetrieveFailed { code, text } => coded(code, text),
            Self::Unavailable { text, .. }
            | Self::RequestLimit { text }
            | Self::UnsupportedVersion { text }
            | Self::NotFound { text } => coded("", text),
            Self::Rest { errors, .. } => errors
                .iter()
                .flat_map(|error| coded(&error.error_code, &error.message))
                .collect(),
            Self::UnexpectedContent {
                content_type,
                start,
                ..
            } => {
                let mut causes = coded("content type", content_type);
                causes.extend(coded("it begins", start));
                causes
            }
            Self::Unparsable { source, start, .. } => {
                let mut causes = vec![source.to_string()];
                if !start.is_empty() {
                    causes.extend(coded("it begins", start));
                }
                causes
            }
            Self::Archive(source) => vec![source.to_string()],
            Self::StillRunning { status, .. } => status
                .iter()
                .map(|status| format!("its last known status is {}", clean(&status.to_string())))
                .collect(),
            Self::OutcomeUnknown { cause, .. } => {
                let mut causes = vec![cause.to_string()];
                causes.extend(cause.causes());
                causes
            }
        }
    }
}
