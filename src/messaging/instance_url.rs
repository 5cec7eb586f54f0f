//! The field Instance URL: the org's My Domain and nothing else.

use reqwest::Url;

/// Why a text is no Instance URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstanceUrlProblem {
    /// A blank before or after it.
    #[error("it has a blank before or after it")]
    Blank,
    /// No `https://`.
    #[error("it does not begin with https://")]
    NoScheme,
    /// No URL at all.
    #[error("it is not a URL")]
    NotAUrl,
    /// The address of the pages that people see.
    #[error("its host is that of Lightning pages, not My Domain")]
    Lightning,
    /// The address of Setup.
    #[error("its host is that of Setup, not My Domain")]
    Setup,
    /// Where everybody logs in.
    #[error("its host is where everybody logs in, not your org's My Domain")]
    Login,
    /// The messaging service's own address.
    #[error("its host is the messaging service's, not My Domain")]
    MessagingService,
    /// Another host.
    #[error("its host does not end in .my.salesforce.com")]
    OtherHost,
    /// Something after the host.
    #[error("it has something after the host")]
    Path,
}

/// The host when the text is an org's My Domain; else what is wrong, and what was probably meant.
///
/// # Errors
/// The problem, and a URL to write in its place where one follows from the text.
pub fn check_instance_url(text: &str) -> Result<String, (InstanceUrlProblem, Option<String>)> {
    if text.trim() != text {
        let meant = check_instance_url(text.trim()).ok();
        return Err((InstanceUrlProblem::Blank, meant.map(|host| of(&host))));
    }
    let Some(rest) = text.strip_prefix("https://") else {
        let rest = text.strip_prefix("http://").unwrap_or(text);
        let meant = match check_instance_url(&format!("https://{rest}")) {
            Ok(host) => Some(of(&host)),
            Err((_, meant)) => meant,
        };
        return Err((InstanceUrlProblem::NoScheme, meant));
    };
    let url = Url::parse(text).map_err(|_| (InstanceUrlProblem::NotAUrl, None))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let problem = if host.ends_with(".lightning.force.com") {
        InstanceUrlProblem::Lightning
    } else if host.ends_with(".my.salesforce-setup.com") {
        InstanceUrlProblem::Setup
    } else if host.ends_with(".my.salesforce-scrt.com") {
        InstanceUrlProblem::MessagingService
    } else if matches!(
        host.as_str(),
        "login.salesforce.com" | "test.salesforce.com"
    ) {
        return Err((InstanceUrlProblem::Login, None));
    } else if host
        .strip_suffix(".my.salesforce.com")
        .is_none_or(str::is_empty)
    {
        return Err((InstanceUrlProblem::OtherHost, None));
    } else if rest == url.authority() {
        return Ok(host);
    } else {
        InstanceUrlProblem::Path
    };
    Err((problem, Some(of(&my_domain(&host)))))
}

fn of(host: &str) -> String {
    format!("https://{host}")
}

/// The My Domain host beside another host of the same org.
fn my_domain(host: &str) -> String {
    [
        ".lightning.force.com",
        ".my.salesforce-setup.com",
        ".my.salesforce-scrt.com",
    ]
    .iter()
    .find_map(|end| host.strip_suffix(end))
    .map_or_else(
        || host.to_owned(),
        |name| format!("{name}.my.salesforce.com"),
    )
}

/// Where the messaging service of an org answers, from its My Domain host (Messaging for In-App and
/// Web API guide: `NAME.my.salesforce-scrt.com`).
pub fn messaging_host(my_domain: &str) -> Option<String> {
    let name = my_domain.strip_suffix(".my.salesforce.com")?;
    Some(format!("{name}.my.salesforce-scrt.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn my_domain_is_taken_and_nothing_else() {
        let acme = Some("https://acme.my.salesforce.com".to_owned());
        for (text, problem, meant) in [
            (
                "acme.my.salesforce.com",
                InstanceUrlProblem::NoScheme,
                &acme,
            ),
            (
                "http://acme.my.salesforce.com",
                InstanceUrlProblem::NoScheme,
                &acme,
            ),
            (
                "acme.lightning.force.com/x",
                InstanceUrlProblem::NoScheme,
                &acme,
            ),
            (
                " https://acme.my.salesforce.com",
                InstanceUrlProblem::Blank,
                &acme,
            ),
            (
                "https://acme.my.salesforce.com/",
                InstanceUrlProblem::Path,
                &acme,
            ),
            (
                "https://acme.my.salesforce.com/lightning/page",
                InstanceUrlProblem::Path,
                &acme,
            ),
            (
                "https://acme.my.salesforce.com?x=1",
                InstanceUrlProblem::Path,
                &acme,
            ),
            (
                "https://acme.lightning.force.com/x",
                InstanceUrlProblem::Lightning,
                &acme,
            ),
            (
                "https://acme.my.salesforce-setup.com",
                InstanceUrlProblem::Setup,
                &acme,
            ),
            (
                "https://acme.my.salesforce-scrt.com",
                InstanceUrlProblem::MessagingService,
                &acme,
            ),
            (
                "https://login.salesforce.com",
                InstanceUrlProblem::Login,
                &None,
            ),
            ("https://acme.example", InstanceUrlProblem::OtherHost, &None),
            (
                "https://.my.salesforce.com",
                InstanceUrlProblem::OtherHost,
                &None,
            ),
            ("https://", InstanceUrlProblem::NotAUrl, &None),
            ("", InstanceUrlProblem::NoScheme, &None),
        ] {
            assert_eq!(
                check_instance_url(text),
                Err((problem, meant.clone())),
                "{text:?}"
            );
        }
        for host in [
            "acme.my.salesforce.com",
            "acme--uat.sandbox.my.salesforce.com",
        ] {
            assert_eq!(check_instance_url(&of(host)), Ok(host.to_owned()));
        }
        assert_eq!(
            messaging_host("acme--uat.sandbox.my.salesforce.com").as_deref(),
            Some("acme--uat.sandbox.my.salesforce-scrt.com")
        );
    }
}
