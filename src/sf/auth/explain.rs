//! Refusals → findings: the likely causes in their order, each with the check that tells it from
//! the others.
//!
//! Sources: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration", "OAuth
//! 2.0 Client Credentials Flow", "OAuth Error Codes"; the order is that of public reports.

use super::jwt::KeyProblem;
use super::refusal::{Cause, Flow, LoginError, cause};
use super::salesforce_cli::SalesforceCliError;
use crate::diag::Category;

/// Code, exit category, next step.
pub(in crate::sf) type Kind = (&'static str, Category, &'static str);

impl LoginError {
    /// What the finding is called and what to do.
    pub(in crate::sf) fn kind(&self) -> Kind {
        match self {
            Self::Refused {
                flow,
                error,
                text,
                skew,
                ..
            } => refused(*flow, cause(*flow, error, text, *skew)),
            Self::Key(problem) => key(*problem),
            Self::BadSfdxUrl { .. } => (
                "auth/bad-sfdx-url",
                Category::Auth,
                "copy the whole line `force://…` from `sf org auth show-sfdx-auth-url \
                 --target-org ALIAS --json`; a login by JWT has none",
            ),
            Self::SalesforceCli(error) => salesforce_cli(error),
            Self::Moved { .. } => (
                "auth/moved",
                Category::Auth,
                "nothing was sent to the other place. Was an alias of the Salesforce CLI given to \
                 another org, or the org moved? Look, then run again",
            ),
            Self::NoRefreshToken => (
                "auth/scope",
                Category::Auth,
                "give the app the scope \"Perform requests at any time (refresh_token)\": Setup > \
                 External Client App Manager > the app > Settings > OAuth Settings",
            ),
            Self::NoRandomness => (
                "auth/no-randomness",
                Category::Failed,
                "the operating system's random number source is not available to this process",
            ),
        }
    }

    /// Why: what Salesforce or the Salesforce CLI said.
    pub(in crate::sf) fn causes(&self) -> Vec<String> {
        match self {
            Self::Refused {
                host,
                error,
                text,
                skew,
                flow,
            } => {
                let mut causes = vec![match (host.is_empty(), text.is_empty()) {
                    (true, true) => error.clone(),
                    (true, false) => format!("{error}: {text}"),
                    (false, true) => format!("{host} says {error}"),
                    (false, false) => format!("{host} says {error}: {text}"),
                }];
                if let (Some(skew), Cause::Clock) = (skew, cause(*flow, error, text, *skew)) {
                    let direction = if *skew > 0 { "ahead of" } else { "behind" };
                    causes.push(format!(
                        "this machine's clock is {} s {direction} the clock of {host}",
                        skew.unsigned_abs()
                    ));
                }
                causes
            }
            Self::SalesforceCli(SalesforceCliError::Failed { name, text, .. }) => {
                vec![format!("{name}: {text}")]
            }
            _ => Vec::new(),
        }
    }
}

fn refused(flow: Flow, cause: Cause) -> Kind {
    let (code, help) = match cause {
        Cause::UnknownApp => (
            "auth/unknown-app",
            "1. is the app a few minutes old? It works 2 to 10 minutes after it was made: wait and \
             run again\n2. compare client_id with Setup > External Client App Manager > the app > \
             Settings > Consumer Key and Secret\n3. is the app of another org? A sandbox has only \
             the apps that were there when it was copied: set login_url to the org that has the app",
        ),
        Cause::WrongSecret => (
            "auth/wrong-secret",
            "1. copy the consumer secret again, without blanks around it: Setup > External Client \
             App Manager > the app > Settings > Consumer Key and Secret\n2. was it rotated there? \
             Then the old one is dead\n3. is the app a few minutes old? Wait up to 10 minutes",
        ),
        Cause::NotApproved => (
            "auth/not-approved",
            "1. pre-authorise the user: Setup > External Client App Manager > the app > Policies > \
             Permitted Users \"Admin approved users are pre-authorized\", and a permission set or \
             profile of the user's among the app's\n2. does the user belong to this host? A \
             sandbox's user logs in at https://test.salesforce.com or at the sandbox's My Domain: \
             login_url\n3. check the user name letter by letter: a sandbox's ends in its \
             name\n4. the app's scopes must have \"Perform requests at any time (refresh_token)\"",
        ),
        Cause::Audience => (
            "auth/audience",
            "the assertion names the production or the sandbox login by login_url: set it to \
             https://login.salesforce.com for production and Developer Edition, to \
             https://test.salesforce.com or the sandbox's My Domain for a sandbox",
        ),
        Cause::Clock => (
            "auth/clock",
            "set this machine's clock (an assertion is good for three minutes), for example by \
             switching on NTP, and run again",
        ),
        Cause::Assertion => (
            "auth/assertion",
            "1. does the key belong to the app's certificate? `openssl pkey -in KEY -pubout` and \
             `openssl x509 -in CERT -pubkey -noout` must print the same\n2. was the certificate \
             uploaded to the app that client_id names?\n3. is the app a few minutes old? Wait up \
             to 10 minutes\n4. is the clock right? `date -u`",
        ),
        Cause::DeadRefreshToken => (
            "auth/refresh-token-dead",
            "log in again: the refresh token was revoked, ran out by the app's policy, was used up \
             by another program (rotation), or is of a sandbox that was refreshed since",
        ),
        Cause::DeadCode => (
            "auth/code-dead",
            "run `opencx-sf login` again, and finish in the browser within 15 minutes; each code \
             works once",
        ),
        Cause::NoRunAsUser => (
            "auth/no-run-as-user",
            "Setup > External Client App Manager > the app > Policies > OAuth Flows: switch on \
             Client Credentials Flow and name a Run As user",
        ),
        Cause::NotOnThisHost => (
            "auth/not-on-this-host",
            "the client credentials flow works on the org's My Domain only: set login_url to \
             https://NAME.my.salesforce.com (Setup > My Domain)",
        ),
        Cause::FlowOff => ("auth/flow-off", flow_off(flow)),
        Cause::InactiveUser => (
            "auth/inactive-user",
            "activate the user in Setup > Users, or log in as another one",
        ),
        Cause::AddressOrHours => (
            "auth/ip-restricted",
            "1. Setup > External Client App Manager > the app > Policies > IP Relaxation\n2. the \
             profile's Login IP Ranges and Login Hours; Setup > Login History names the address \
             that was refused",
        ),
        Cause::TooMany => (
            "auth/too-many-logins",
            "wait some minutes: Salesforce limits logins per user and hour",
        ),
        Cause::Callback => (
            "auth/callback",
            "add http://localhost:1717/OauthRedirect to the app's callback URLs, or give the port \
             that is among them with `--port`",
        ),
        Cause::Scope => (
            "auth/scope",
            "give the app the scopes \"Manage user data via APIs (api)\" and, but for client \
             credentials, \"Perform requests at any time (refresh_token)\": Setup > External \
             Client App Manager > the app > Settings > OAuth Settings",
        ),
        Cause::Denied => (
            "auth/denied",
            "1. somebody chose Deny in the browser: run `opencx-sf login` again\n2. the org lets \
             no unapproved app in: an administrator approves it in Setup > Connected Apps OAuth \
             Usage, or give your own app's client_id under `auth.login`",
        ),
        Cause::Other => (
            "auth/refused",
            "1. Setup > Login History has the reason for the user at this time\n2. is login_url \
             the org's own? A sandbox's user is refused at https://login.salesforce.com\n3. is \
             the app a few minutes old? Wait up to 10 minutes",
        ),
    };
    (code, Category::Auth, help)
}

fn flow_off(flow: Flow) -> &'static str {
    match flow {
        Flow::Jwt => {
            "switch the flow on: Setup > External Client App Manager > the app > Settings > OAuth \
             Settings > Enable JWT Bearer Flow, and upload the certificate there"
        }
        Flow::ClientCredentials => {
            "switch the flow on: Setup > External Client App Manager > the app > Settings > OAuth \
             Settings > Enable Client Credentials Flow"
        }
        Flow::Refresh | Flow::Browser => {
            "switch the flow on: Setup > External Client App Manager > the app > Settings > OAuth \
             Settings > Enable Authorization Code and Credentials Flow"
        }
    }
}

fn key(problem: KeyProblem) -> Kind {
    let (code, help) = match problem {
        KeyProblem::NotPem => (
            "auth/key-not-pem",
            "give the whole file, with its lines BEGIN and END; a DER file becomes PEM by `openssl \
             pkey -inform DER -in KEY -out key.pem`",
        ),
        KeyProblem::Damaged => (
            "auth/key-damaged",
            "was it cut when it was copied into the secret store? Copy it again, with its last \
             line",
        ),
        KeyProblem::Encrypted => (
            "auth/key-encrypted",
            "nobody can type a passphrase in CI: `openssl pkey -in KEY -out key.pem` writes it \
             without one; keep that in the secret store only",
        ),
        KeyProblem::NotPrivate => (
            "auth/key-not-private",
            "the certificate goes to Salesforce, the private key (`server.key`) comes here",
        ),
        KeyProblem::NotRsa => (
            "auth/key-not-rsa",
            "Salesforce takes RS256: make a key with `openssl genpkey -algorithm RSA -pkeyopt \
             rsa_keygen_bits:2048`",
        ),
    };
    (code, Category::Auth, help)
}

fn salesforce_cli(error: &SalesforceCliError) -> Kind {
    let (code, help) = match error {
        SalesforceCliError::NotFound => (
            "auth/sf-not-found",
            "install it (`npm install --global @salesforce/cli`) and see that `sf --version` works \
             in this shell, or log in without it: `auth: login`",
        ),
        SalesforceCliError::TimedOut => (
            "auth/sf-timeout",
            "does `sf org display --target-org ALIAS` answer in this shell?",
        ),
        SalesforceCliError::TooOld | SalesforceCliError::Redacted => (
            "auth/sf-too-old",
            "update it (`sf update`) to a version that has `sf org auth show-access-token`, or \
             log in without it: `auth: login`",
        ),
        SalesforceCliError::Failed { .. } => (
            "auth/sf-failed",
            "`sf org list` shows its logins; `sf org login web --alias ALIAS` makes one",
        ),
        SalesforceCliError::Unreadable => (
            "auth/sf-unreadable",
            "see what `sf org auth show-access-token --target-org ALIAS --json` prints in this \
             shell, without showing it to anybody: it holds the token",
        ),
    };
    (code, Category::Auth, help)
}
